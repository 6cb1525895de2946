import Determinism

/// The options of an eventually consistent group, checked.
struct EventualOptions: Sendable {
    var resolver: ConflictResolver
    /// How long a write waits before it is sent to the other members.
    var replicationDelay: TimeSpan
    /// How often a member compares its state with another's.
    var antiEntropy: TimeSpan
    /// How far apart in hybrid time concurrent writes may be to be reported; `nil`: any.
    var conflictWindow: TimeSpan?
    var snapshotBytes: Int
    /// For how long own writes are remembered for sending to who does not have them; `nil`: as
    /// long as ``backlogMax`` allows. What is forgotten is left to anti-entropy.
    var backlogAge: TimeSpan?
    /// Whether deleted keys that all members know of are forgotten.
    var forgetsDeleted = true
    /// Whether concurrent writes that met are worth a note: not where their order is the promise.
    var notesConflicts = true
    /// Regions whose nodes take writes in and are no members.
    var coordinators: [RegionID] = []
    /// From how many other members an incomplete state is completed.
    var sourcesWanted = 1

    /// Writes within this time of a message to a member wait for the next one. The first after a
    /// pause never waits.
    static let pace = TimeSpan.microseconds(500)
    /// The most writes in one message.
    static let batchWritesMax = 1024
    /// The most bytes of entries in one message, unless a single entry has more.
    static let batchBytesMax = 256 * 1024
    /// The most messages with writes under way to one member.
    static let windowBatchesMax = 32
    /// The most bytes of entries under way to one member.
    static let windowBytesMax = 4 * Limits.mebibyte
    /// The most own writes remembered for sending. A member that misses older ones is served by
    /// anti-entropy.
    static let backlogMax = 65_536
    /// The shortest and longest wait for an acknowledgement before sending again.
    static let resendMin = TimeSpan.milliseconds(200)
    static let resendMax = TimeSpan.seconds(2)
    /// How often resends to a member are reported, at most.
    static let reportInterval = TimeSpan.seconds(5)
    /// How often a member that cannot serve yet asks to be let in.
    static let joinInterval = TimeSpan.milliseconds(500)
    /// Nodes of the hash tree compared in one message.
    static let compareNodesMax = 64
    /// A subtree with no more keys is compared key by key.
    static let leafKeysMax = 32
    /// The most keys in one message that repairs them.
    static let repairKeysMax = 512
    /// The most requests of an exchange under way.
    static let exchangeRequestsMax = 8
    /// How often a request of an exchange is sent before the exchange is given up.
    static let exchangeAttemptsMax = 4
    /// The most concurrent writes that one member may hold of one key.
    static let ownSiblingsMax = 64
    /// The most tombstones looked at for collection in one go.
    static let collectionMax = 4096

    init(_ given: StrategyOptions, setup: GroupSetup) throws(InvalidOption) {
        let options = given.completed(by: Eventual.strategy)
        try self.init(stateOf: "eventual", options, setup: setup)
        guard case .duration(let delay) = options["replication_delay"], delay >= .zero else {
            throw Self.wrongType("replication_delay", options["replication_delay"], "a duration")
        }
        replicationDelay = delay
        switch options["conflict_window"] {
        case .unlimited, nil: conflictWindow = nil
        case .duration(let span) where span >= .zero: conflictWindow = span
        case let other: throw Self.wrongType("conflict_window", other, "`unlimited` or a duration")
        }
    }

    /// What the state of every strategy without a leader needs, of complete options of `strategy`.
    init(
        stateOf strategy: String, _ options: StrategyOptions, setup: GroupSetup
    ) throws(InvalidOption) {
        replicationDelay = .zero
        resolver = try Self.resolver(strategy, options, setup)
        guard case .duration(let period) = options["anti_entropy"], period > .zero else {
            throw Self.wrongType(
                "anti_entropy", options["anti_entropy"], "a duration above 0")
        }
        antiEntropy = period
        guard case .size(let bytes) = options["snapshot_at"], bytes > 0 else {
            throw Self.wrongType("snapshot_at", options["snapshot_at"], "a size above 0")
        }
        snapshotBytes = bytes
    }

    /// The rule for concurrent writes, which must suit the values.
    private static func resolver(
        _ strategy: String, _ options: StrategyOptions, _ setup: GroupSetup
    ) throws(InvalidOption) -> ConflictResolver {
        guard case .choice(let word) = options["resolve"], ConflictResolver.words.contains(word)
        else {
            throw wrongType(
                "resolve", options["resolve"], ConflictResolver.words.joined(separator: ", "))
        }
        if word == ConflictResolver.mergeWord {
            return .merge(try setup.merges.rule(named: options["merge"], for: setup.valueType))
        }
        guard options["merge"] == nil else {
            throw InvalidOption("merge", "how to merge, beside resolve: \(word); it is for merge")
        }
        guard setup.valueType == .register,
            let resolver = ConflictResolver.allCases.first(where: { $0.rawValue == word })
        else {
            throw InvalidOption(
                "resolve",
                "resolve: \(word) is for registers; under the strategy \(strategy) a "
                    + "\(setup.valueType.rawValue) needs resolve: merge")
        }
        return resolver
    }

    private static func wrongType(
        _ name: String, _ value: OptionValue?, _ expected: String
    ) -> InvalidOption {
        InvalidOption(
            name, "\(value.map { "\($0)" } ?? "nothing") given, \(expected) expected")
    }
}

extension Eventual {
    // What every strategy without a leader publishes of its state.
    static let resolveOption = OptionDescription(
        "resolve", .choice(ConflictResolver.words),
        default: .choice(ConflictResolver.lastWriterWins.rawValue),
        help: "What becomes of concurrent writes: the latest stays, a dominating one "
            + "stays else the latest, all do, or what they made of the value is merged.")
    static let mergeOption = OptionDescription(
        "merge", .choice(MergeRules.standard.names), default: nil,
        help: "With resolve: merge, the rule; without it that of the type of the values.")
    static let antiEntropyOption = OptionDescription(
        "anti_entropy", .duration, default: .duration(.seconds(5)),
        help: "How often a member compares its state with that of another, in turn.")
    static let snapshotOption = OptionDescription(
        "snapshot_at", .size, default: .size(64 * Limits.mebibyte),
        help: "Write a checkpoint when the journal exceeds this size and that of the "
            + "state.")

    /// What the strategy `eventual` says of itself.
    public static var strategy: StrategyDescription { description }

    private static let description = StrategyDescription(
        name: "eventual",
        promise: "A write is durable where it was taken in and acknowledged at once; all members "
            + "come to hold the same, with concurrent writes detected and resolved.",
        options: [
            resolveOption,
            mergeOption,
            OptionDescription(
                "replication_delay", .duration, default: .duration(.zero),
                help: "How long a write waits before it is sent to the other members."),
            antiEntropyOption,
            OptionDescription(
                "conflict_window", .unlimitedDuration, default: .unlimited,
                help: "How far apart in time concurrent writes still count as a conflict in "
                    + "the figures."),
            snapshotOption,
        ],
        operations: [.register: [.read, .write, .delete]],
        recognisesRepeats: false, needsSession: false, hasLeader: false, isLinearizable: false,
        transitions: EventualTransition.names, merges: .standard)
}
