import Determinism

/// What a strategy says of itself: the decoder of scenario files, `meridian strategies` and the
/// documentation all use this.
public struct StrategyDescription: Sendable {
    /// The name that scenario files use.
    public var name: String
    /// What the strategy promises, in a sentence.
    public var promise: String
    /// The options that it takes.
    public var options: [OptionDescription]
    /// The operations that it supports, by value type; what is missing is refused.
    public var operations: [ValueType: Set<OperationKind>]
    /// Whether a repeat of a request that may have taken effect is recognised, so that a client
    /// may send it again.
    public var recognisesRepeats: Bool
    /// Whether a client must open a session before its first update.
    public var needsSession: Bool
    /// Whether there is a leader or primary that faults and actions can name.
    public var hasLeader: Bool
    /// Whether the state of a key is totally ordered, so that linearizability can be expected.
    public var isLinearizable: Bool
    /// The toggle that makes it so, of a strategy that else is not.
    public var linearizingOption: String?
    /// Whether complete options make it so, where no single toggle does.
    public var linearizes: (@Sendable (StrategyOptions) -> Bool)?
    /// Whether nobody can join or leave a group.
    public var hasFixedMembers = false
    /// The names of the state transitions that its replicas count, in the order of
    /// ``Replica/transitionCounts``.
    public var transitions: [String]
    /// The rules by which it merges values under the option `resolve: merge`; `nil`: it merges
    /// none. A registry fills in what else is registered.
    public var merges: MergeRules?
    /// What is wrong with options for a member with this setup, or `nil`: asked before a run, so
    /// that no node has to. A registry fills it in.
    public var objection: (@Sendable (GroupSetup, StrategyOptions) -> InvalidOption?)?

    /// A description with these parts.
    public init(
        name: String, promise: String, options: [OptionDescription],
        operations: [ValueType: Set<OperationKind>], recognisesRepeats: Bool,
        needsSession: Bool, hasLeader: Bool, isLinearizable: Bool, linearizingOption: String? = nil,
        transitions: [String] = [], merges: MergeRules? = nil
    ) {
        self.name = name
        self.promise = promise
        self.options = options
        self.operations = operations
        self.recognisesRepeats = recognisesRepeats
        self.needsSession = needsSession
        self.hasLeader = hasLeader
        self.isLinearizable = isLinearizable
        self.linearizingOption = linearizingOption
        self.transitions = transitions
        self.merges = merges
    }

    /// Whether the state of a key is totally ordered under these options, so that
    /// linearizability can be expected.
    public func isLinearizable(with options: StrategyOptions) -> Bool {
        if let linearizes { return linearizes(options.completed(by: self)) }
        guard let linearizingOption else { return isLinearizable }
        return options.completed(by: self)[linearizingOption] == .toggle(true)
    }

    /// Whether values of `type` support `operation` under this strategy.
    public func supports(_ operation: OperationKind, on type: ValueType) -> Bool {
        operations[type]?.contains(operation) ?? false
    }

    /// Whether values of `type` support `operation` under this strategy with `options`, which say
    /// whether values are merged, and how.
    public func supports(
        _ operation: OperationKind, on type: ValueType, with options: StrategyOptions
    ) -> Bool {
        guard let merges, options["resolve"] == .choice(ConflictResolver.mergeWord) else {
            return supports(operation, on: type)
        }
        let rule = try? merges.rule(named: options["merge"], for: type)
        return rule?.description.operations.contains(operation) ?? false
    }
}

/// One option of a strategy.
public struct OptionDescription: Sendable {
    /// The name that scenario files use, with underscores.
    public var name: String
    /// What values it takes.
    public var type: OptionType
    /// What holds when a scenario does not say; `nil`: nothing.
    public var defaultValue: OptionValue?
    /// What it does, in one line.
    public var help: String

    /// The option `name` with these properties.
    public init(
        _ name: String, _ type: OptionType, default defaultValue: OptionValue?, help: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.help = help
    }
}

/// What values an option takes.
public enum OptionType: Hashable, Sendable {
    /// `on` or `off`.
    case toggle
    /// One of these words.
    case choice([String])
    /// A duration such as `250ms`.
    case duration
    /// `auto` or a duration.
    case automaticDuration
    /// `auto`, a duration, or a range of durations such as `300ms..600ms`.
    case automaticDurationRange
    /// A whole number in this range.
    case integer(ClosedRange<Int>)
    /// `auto` or a whole number in this range.
    case automaticInteger(ClosedRange<Int>)
    /// A size such as `64MB`.
    case size
    /// A region of the scenario.
    case region
    /// A list of regions of the scenario.
    case regions
    /// `unlimited` or a duration.
    case unlimitedDuration
}

/// The value of an option.
public enum OptionValue: Hashable, Sendable {
    /// For ``OptionType/toggle``.
    case toggle(Bool)
    /// For ``OptionType/choice(_:)``.
    case choice(String)
    /// For the durations.
    case duration(TimeSpan)
    /// For a range of durations.
    case durationRange(ClosedRange<TimeSpan>)
    /// For ``OptionType/integer(_:)``.
    case integer(Int)
    /// For ``OptionType/size``, in bytes.
    case size(Int)
    /// For ``OptionType/region``.
    case region(RegionID)
    /// For ``OptionType/regions``.
    case regions([RegionID])
    /// `auto`: chosen from the group's round trips.
    case automatic
    /// `unlimited`: no bound.
    case unlimited
}

/// The options that a scenario gave for a group, checked against the strategy's description.
public struct StrategyOptions: Hashable, Sendable {
    private var values: [String: OptionValue]

    /// These options; what is missing takes the description's default.
    public init(_ values: [String: OptionValue] = [:]) { self.values = values }

    /// The value given for `name`, or `nil`.
    public subscript(name: String) -> OptionValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// The options given, by name in order.
    public var sorted: [(name: String, value: OptionValue)] {
        values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// These options, with the defaults of `description` for what is missing.
    public func completed(by description: StrategyDescription) -> StrategyOptions {
        var result = self
        for option in description.options where result[option.name] == nil {
            result[option.name] = option.defaultValue
        }
        return result
    }
}

/// Options that a strategy cannot work with.
public struct InvalidOption: Error, Sendable, CustomStringConvertible {
    /// The name of the option.
    public var option: String
    /// What is wrong with it and what would be right.
    public var description: String

    /// The error that `option` is wrong, and why.
    public init(_ option: String, _ description: String) {
        self.option = option
        self.description = description
    }
}
