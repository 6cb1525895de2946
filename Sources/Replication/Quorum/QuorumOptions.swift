import Determinism

/// The options of a quorum group, checked.
struct QuorumOptions: Sendable {
    /// How many members a read waits for.
    var read: Int
    /// How many members have a write on disk before it is acknowledged.
    var write: Int
    /// Whether a read asks all members, or only as many as it waits for.
    var asksAll: Bool
    /// Whether reads and writes are linearizable: tags are asked for and values written back.
    var writesBack: Bool
    /// Whether members that answered a read with less than others are brought up to date.
    var repairs: Bool
    /// Whether nodes without a replica stand in for members that are away.
    var isSloppy: Bool
    /// How long a request waits for its quorum.
    var timeout: TimeSpan
    /// How the state is kept.
    var store: EventualOptions

    init(_ given: StrategyOptions, setup: GroupSetup) throws(InvalidOption) {
        let options = given.completed(by: Quorum.strategy)
        let count = setup.voters.count
        let majority = count / 2 + 1
        read = try Self.quorum("read", options, of: count, standard: majority)
        write = try Self.quorum("write", options, of: count, standard: majority)
        asksAll = options["read_fanout"] == .choice(Fanout.all.rawValue)
        writesBack = options["write_back"] == .toggle(true)
        repairs = options["read_repair"] == .toggle(true)
        isSloppy = options["sloppy"] == .toggle(true)
        guard case .duration(let wait) = options["timeout"], wait > .zero else {
            throw InvalidOption("timeout", "a duration above 0 expected")
        }
        timeout = wait
        store = try EventualOptions(stateOf: "quorum", options, setup: setup)
        if options["hinted_handoff"] == .toggle(false) { store.backlogAge = wait }
        store.forgetsDeleted = !writesBack
        if case .regions(let regions) = options["coordinators"] { store.coordinators = regions }
        if let both = setup.voters.first(where: { store.coordinators.contains($0.node.region) }) {
            throw InvalidOption(
                "coordinators", "\(both) is a replica; name regions that have none")
        }
        if isSloppy, store.coordinators.isEmpty {
            throw InvalidOption(
                "sloppy",
                "nobody can stand in for members: name regions without a replica in coordinators")
        }
        store.notesConflicts = !writesBack
        // Among so many others is one with every acknowledged write, whoever lost its disk.
        if read + write > count { store.sourcesWanted = count - write + 1 }
        #if PlantedBugs
            if PlantedBug.isPlanted(.completedFromOne) { store.sourcesWanted = 1 }
        #endif
        if writesBack { try checkWriteBack(count) }
    }

    /// Refuses what would break the promise of linearizable registers.
    private func checkWriteBack(_ count: Int) throws(InvalidOption) {
        if isSloppy {
            throw InvalidOption(
                "sloppy",
                "with write_back only true members count, or registers would not be "
                    + "linearizable; turn one of the two off")
        }
        guard read + write > count else {
            throw InvalidOption(
                "write_back",
                "read: \(read) and write: \(write) of \(count) members do not meet; with "
                    + "write_back their sum must be above \(count)")
        }
        guard store.resolver == .lastWriterWins else {
            throw InvalidOption(
                "write_back",
                "resolve: \(store.resolver.rawValue) keeps what write_back orders; use "
                    + "last-writer-wins")
        }
    }

    private static func quorum(
        _ name: String, _ options: StrategyOptions, of count: Int, standard: Int
    ) throws(InvalidOption) -> Int {
        switch options[name] {
        case .automatic, nil: return standard
        case .integer(let size):
            guard (1...max(1, count)).contains(size) else {
                throw InvalidOption(name, "\(size) of \(count) members; expected 1 to \(count)")
            }
            return size
        case let other:
            throw InvalidOption(
                name, "\(other.map { "\($0)" } ?? "nothing") given, a number or auto expected")
        }
    }

    /// Whom a read asks.
    enum Fanout: String, CaseIterable {
        case all
        case quorum
    }
}

extension Quorum {
    /// What the strategy `quorum` says of itself.
    public static var strategy: StrategyDescription { description }

    private static let description = StrategyDescription(
        name: "quorum",
        promise: "A write is acknowledged when `write` members have it on disk, and a read shows "
            + "the latest that `read` members know. With write_back registers are linearizable.",
        options: [
            OptionDescription(
                "read", .automaticInteger(1...Limits.nodesMax), default: .automatic,
                help: "How many members a read waits for; by default a majority."),
            OptionDescription(
                "write", .automaticInteger(1...Limits.nodesMax), default: .automatic,
                help: "How many members have a write on disk before it is acknowledged; by "
                    + "default a majority."),
            OptionDescription(
                "read_fanout", .choice(QuorumOptions.Fanout.allCases.map(\.rawValue)),
                default: .choice(QuorumOptions.Fanout.all.rawValue),
                help: "Whom a read asks: all members, or the nearest that make a quorum, and "
                    + "others only when one of these is silent."),
            OptionDescription(
                "write_back", .toggle, default: .toggle(false),
                help: "Writes ask a read quorum for the latest version first, reads write back "
                    + "what they return: registers are linearizable."),
            OptionDescription(
                "read_repair", .toggle, default: .toggle(true),
                help: "Members that answer a read with less than others are brought up to date."),
            OptionDescription(
                "hinted_handoff", .toggle, default: .toggle(true),
                help: "The member that took a write in keeps it for members that do not answer."),
            OptionDescription(
                "sloppy", .toggle, default: .toggle(false),
                help: "Nodes of coordinators stand in for members that are away, and hand over "
                    + "what they took: available, and quorums need not meet."),
            OptionDescription(
                "coordinators", .regions, default: nil,
                help: "Regions without a replica whose nodes coordinate what clients ask there."),
            OptionDescription(
                "timeout", .duration, default: .duration(.seconds(2)),
                help: "How long a request waits for its quorum."),
            Eventual.antiEntropyOption,
            Eventual.resolveOption,
            Eventual.mergeOption,
            Eventual.snapshotOption,
        ],
        operations: [.register: [.read, .write, .delete]],
        recognisesRepeats: false, needsSession: false, hasLeader: false, isLinearizable: false,
        linearizingOption: "write_back",
        transitions: EventualTransition.names + QuorumTransition.names, merges: .standard)
}
