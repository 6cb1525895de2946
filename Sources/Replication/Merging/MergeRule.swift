import Determinism

/// A ``MergeableValue`` as a strategy uses it: by the encodings of its states.
///
/// A class, so that whoever holds one holds a single reference.
public final class MergeRule: Sendable {
    /// What the rule says of itself.
    public let description: MergeDescription
    private let join: @Sendable ([UInt8], [UInt8]) -> [UInt8]?
    private let update: @Sendable ([UInt8]?, Operation, MergeUpdate) -> [UInt8]?
    private let show: @Sendable ([UInt8]) -> Value?
    private let check: @Sendable ([UInt8]) -> Bool

    /// The rule by which values of `type` merge.
    public init<Merged: MergeableValue>(_ type: Merged.Type) {
        description = Merged.merging
        join = { first, second in
            guard var state: Merged = Self.state(first), let other: Merged = Self.state(second)
            else { return nil }
            state.merge(other)
            return state.encoded
        }
        update = { bytes, operation, update in
            guard var state: Merged = bytes.map({ Self.state($0) }) ?? Merged() else { return nil }
            state.apply(operation, update)
            return state.encoded
        }
        show = { bytes in
            let state: Merged? = Self.state(bytes)
            return state?.value
        }
        check = { bytes in
            let state: Merged? = Self.state(bytes)
            return state != nil
        }
    }

    private static func state<Merged: MergeableValue>(_ bytes: [UInt8]) -> Merged? {
        var reader = ByteReader(bytes)
        guard let state = try? Merged.decode(from: &reader), reader.isAtEnd else { return nil }
        return state
    }

    /// Whether `state` is the encoding of a state.
    func isValid(_ state: [UInt8]) -> Bool { check(state) }

    /// The join of two states; `nil` if one of them is not valid.
    func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8]? { join(first, second) }

    /// The state after an update of `state`, or of the least state; `nil` if it is not valid.
    func updated(
        _ state: [UInt8]?, by operation: Operation, _ update: MergeUpdate
    ) -> [UInt8]? { self.update(state, operation, update) }

    /// What a read of `state` shows.
    func value(of state: [UInt8]) -> Value? { show(state) }
}

extension MergeRule: Hashable {
    /// Whether both go by the same name.
    public static func == (left: MergeRule, right: MergeRule) -> Bool {
        left.description == right.description
    }

    /// Feeds what equal rules have in common.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// The rules of merging that there are, in the order of their registration.
public struct MergeRules: Sendable {
    /// All of them.
    public private(set) var all: [MergeRule] = []

    /// No rules.
    public init() {}

    /// Adds the rule by which values of `type` merge, in place of one of the same name.
    public mutating func register<Merged: MergeableValue>(_ type: Merged.Type) {
        let rule = MergeRule(type)
        all.removeAll { $0.description.name == rule.description.name }
        all.append(rule)
    }

    /// The rules that come with Meridian. The first for a type of values is its standard.
    public static let standard: MergeRules = {
        var rules = MergeRules()
        rules.register(LastWriterRegister.self)
        rules.register(MaximumRegister.self)
        rules.register(MinimumRegister.self)
        rules.register(MergeableCounter.self)
        rules.register(AddWinsSet.self)
        rules.register(RemoveWinsSet.self)
        rules.register(UpdateWinsMap.self)
        rules.register(ReplicatedGrowableArray.self)
        return rules
    }()

    /// The names that the option `merge` takes.
    public var names: [String] { all.map(\.description.name) }

    /// The rule for values of `type` under the option `merge`; without it the type's standard.
    /// Throws if it does not suit them.
    public func rule(
        named option: OptionValue?, for type: ValueType
    ) throws(InvalidOption) -> MergeRule {
        let suitable = all.filter { $0.description.valueType == type }
        let names = suitable.map(\.description.name).joined(separator: ", ")
        guard let option else {
            guard let first = suitable.first else {
                throw InvalidOption("value", "no rule merges values of type \(type.rawValue)")
            }
            return first
        }
        guard case .choice(let name) = option,
            let rule = suitable.first(where: { $0.description.name == name })
        else {
            let given = if case .choice(let name) = option { name } else { "\(option)" }
            throw InvalidOption(
                "merge",
                "\(given) does not merge values of type \(type.rawValue); "
                    + (names.isEmpty ? "nothing does" : "expected \(names)"))
        }
        return rule
    }
}
