import Determinism

/// The options of a Raft group, checked, with every `auto` worked out.
///
/// What `auto` gives depends on the founding members and the round trips between them alone, so
/// that all members agree on it.
struct RaftOptions: Sendable {
    /// How reads are served.
    enum Reads: String, CaseIterable, Sendable {
        /// Confirm leadership by a round of heartbeats for each batch of reads (6.4).
        case readIndex = "read-index"
        /// Trust the leader's lease while it lasts (6.4.1), else as read-index.
        case lease
        /// Answer from the state of whichever member was asked; may be stale.
        case local
    }

    var preferredLeader: RegionID?
    /// A follower waits this long for its leader; drawn anew for each wait.
    var electionTimeout: ClosedRange<TimeSpan>
    var heartbeat: TimeSpan
    /// More often than this nothing is heard but heartbeats.
    private static let heartbeatMin = TimeSpan.milliseconds(1)
    var preVote: Bool
    var checkQuorum: Bool
    var reads: Reads
    var snapshotBytes: Int
    var commitTimeout: TimeSpan
    var sessionTimeout: TimeSpan
    var sessionsMax: Int
    var learnerRegions: [RegionID]

    /// How long a leader may rely on a lease after it sent the heartbeat that a majority
    /// answered: the time for which they elect no one else, less what clocks may differ.
    var leaseSpan: TimeSpan

    /// How long a restarted voter waits before it votes: the longest lease that it may have
    /// granted before.
    var leaseWait: TimeSpan

    /// Requests within this time of a batch wait for the next one, so that a burst shares
    /// records, messages and rounds. The first request after a pause never waits.
    static let pace = TimeSpan.microseconds(500)
    /// A follower learns at the latest after this time that something was committed.
    static let commitNoticeMax = TimeSpan.milliseconds(5)
    /// The most bytes of entries in one message or record.
    static let batchBytesMax = 512 * 1024
    /// The most entries in one message or record.
    static let batchEntriesMax = 8192
    /// The most messages with entries under way to one member.
    static let windowMessagesMax = 64
    /// The most bytes of entries under way to one member.
    static let windowBytesMax = 8 * Limits.mebibyte
    /// The most bytes of entries that the leader takes in before they are committed.
    static let uncommittedBytesMax = 64 * Limits.mebibyte
    /// The most chunks of a snapshot under way to one member.
    static let windowChunksMax = 4
    /// The most rounds of read confirmations under way.
    static let windowRoundsMax = 64
    /// How long the members of a group may start after one another.
    static let startSpread = TimeSpan.seconds(1)

    /// The whole timeout for operations on groups that stand close together, at least.
    private static let electionTimeoutMin = TimeSpan.milliseconds(300)

    init(_ given: StrategyOptions, setup: GroupSetup) throws(InvalidOption) {
        let options = given.completed(by: Raft.strategy)
        let slowest = Self.slowestRoundTrip(setup)

        electionTimeout = try Self.electionTimeout(options["election_timeout"], slowest)
        switch options["heartbeat"] {
        case .duration(let span): heartbeat = span
        case .automatic, nil: heartbeat = electionTimeout.lowerBound / 6
        case let other: throw Self.wrongType("heartbeat", other, "`auto` or a duration")
        }
        guard heartbeat >= Self.heartbeatMin, heartbeat * 2 <= electionTimeout.lowerBound else {
            throw InvalidOption(
                "heartbeat",
                "\(heartbeat) is not between \(Self.heartbeatMin) and half of the shortest election timeout "
                    + "(\(electionTimeout.lowerBound)); followers would take a living leader "
                    + "for dead")
        }
        switch options["commit_timeout"] {
        case .duration(let span): commitTimeout = span
        case .automatic, nil:
            commitTimeout = max(.milliseconds(500), slowest * 2 + .milliseconds(100))
        case let other: throw Self.wrongType("commit_timeout", other, "`auto` or a duration")
        }
        guard commitTimeout > .zero else {
            throw InvalidOption("commit_timeout", "\(commitTimeout) is not positive")
        }
        preVote = try Self.toggle("prevote", options)
        checkQuorum = try Self.toggle("check_quorum", options)
        reads = try Self.reads(options["reads"])
        snapshotBytes = try Self.size("snapshot_at", options)
        sessionTimeout = try Self.duration("session_timeout", options)
        sessionsMax = try Self.integer("sessions_max", options)
        switch options["preferred_leader"] {
        case .region(let region): preferredLeader = region
        case nil: preferredLeader = nil
        case let other: throw Self.wrongType("preferred_leader", other, "a region")
        }
        switch options["learners"] {
        case .regions(let regions): learnerRegions = regions.sorted()
        case nil: learnerRegions = []
        case let other: throw Self.wrongType("learners", other, "a list of regions")
        }
        if let preferredLeader, learnerRegions.contains(preferredLeader) {
            throw InvalidOption(
                "preferred_leader", "the preferred region only has learners, which cannot lead")
        }
        let drift = try Self.drift(options["lease_drift_ppm"]) ?? setup.clockDriftMax
        guard drift >= 0, drift < 0.25 else {
            throw InvalidOption(
                "reads", "clocks that drift by \(drift) cannot bound leases; at most 0.25")
        }
        leaseSpan = Self.leaseSpan(electionTimeout.lowerBound, drift: drift)
        leaseWait = electionTimeout.lowerBound * (1 + 2 * drift)
    }

    private static func leaseSpan(_ protection: TimeSpan, drift: Double) -> TimeSpan {
        #if PlantedBugs
            if PlantedBug.isPlanted(.leaseIgnoresDrift) { return protection }
        #endif
        return protection * (1 - 2 * drift)
    }

    /// The longest round trip between two founding voters.
    private static func slowestRoundTrip(_ setup: GroupSetup) -> TimeSpan {
        let regions = setup.voters.map(\.node.region)
        var slowest = TimeSpan.zero
        for source in regions {
            for target in regions { slowest = max(slowest, setup.roundTrips[source, target]) }
        }
        return slowest
    }

    private static func electionTimeout(
        _ value: OptionValue?, _ slowest: TimeSpan
    ) throws(InvalidOption) -> ClosedRange<TimeSpan> {
        let range: ClosedRange<TimeSpan>
        switch value {
        case .durationRange(let given): range = given
        case .duration(let lower) where lower > .zero: range = lower...(lower * 2)
        case .automatic, nil:
            // An order of magnitude above what it takes to reach a member (3.9), for which
            // half a round trip counts: a heartbeat that was lost and sent again still arrives.
            let lower = max(electionTimeoutMin, slowest * 3)
            range = lower...(lower * 2)
        case let other:
            throw wrongType("election_timeout", other, "`auto`, a duration or a range")
        }
        guard range.lowerBound >= .milliseconds(1), range.upperBound <= .seconds(3600) else {
            throw InvalidOption(
                "election_timeout",
                "\(range.lowerBound)..\(range.upperBound) is not between "
                    + "1ms and 1h")
        }
        guard range.lowerBound < range.upperBound else {
            throw InvalidOption(
                "election_timeout",
                "\(range.lowerBound)..\(range.upperBound) leaves no room for chance; members "
                    + "would all seek election at once. Give a range such as 300ms..600ms")
        }
        return range
    }

    private static func reads(_ value: OptionValue?) throws(InvalidOption) -> Reads {
        guard case .choice(let word) = value, let reads = Reads(rawValue: word) else {
            throw wrongType("reads", value, "read-index, lease or local")
        }
        return reads
    }

    private static func toggle(
        _ name: String, _ options: StrategyOptions
    ) throws(InvalidOption) -> Bool {
        guard case .toggle(let isOn) = options[name] else {
            throw wrongType(name, options[name], "on or off")
        }
        return isOn
    }

    private static func size(
        _ name: String, _ options: StrategyOptions
    ) throws(InvalidOption) -> Int {
        guard case .size(let bytes) = options[name], bytes > 0 else {
            throw wrongType(name, options[name], "a size above 0")
        }
        return bytes
    }

    private static func duration(
        _ name: String, _ options: StrategyOptions
    ) throws(InvalidOption) -> TimeSpan {
        guard case .duration(let span) = options[name], span > .zero else {
            throw wrongType(name, options[name], "a duration above 0")
        }
        return span
    }

    private static func integer(
        _ name: String, _ options: StrategyOptions
    ) throws(InvalidOption) -> Int {
        guard case .integer(let number) = options[name], number > 0 else {
            throw wrongType(name, options[name], "a whole number above 0")
        }
        return number
    }

    /// A share, of millionths.
    private static func drift(_ value: OptionValue?) throws(InvalidOption) -> Double? {
        guard let value else { return nil }
        guard case .integer(let millionths) = value else {
            throw wrongType("lease_drift_ppm", value, "a whole number of millionths")
        }
        return Double(millionths) / 1e6
    }

    private static func wrongType(
        _ name: String, _ value: OptionValue?, _ expected: String
    ) -> InvalidOption {
        InvalidOption(
            name, "\(value.map { "\($0)" } ?? "nothing") given, \(expected) expected")
    }
}

extension Raft {
    /// What the strategy `raft` says of itself.
    public static var strategy: StrategyDescription { description }

    private static let description = StrategyDescription(
        name: "raft",
        promise: "Every write is durable on a majority before it is acknowledged, in one order "
            + "for all (linearizable); a minority refuses.",
        options: [
            OptionDescription(
                "preferred_leader", .region, default: nil,
                help: "The region whose node should lead; leadership goes there when it can."),
            OptionDescription(
                "election_timeout", .automaticDurationRange, default: .automatic,
                help: "How long followers wait for their leader; auto is three times the "
                    + "slowest round trip, at least 300ms, up to twice that."),
            OptionDescription(
                "heartbeat", .automaticDuration, default: .automatic,
                help: "How often a leader shows that it lives; auto is a sixth of the shortest "
                    + "election timeout."),
            OptionDescription(
                "prevote", .toggle, default: .toggle(true),
                help: "Ask whether an election could be won before disturbing a leader, and "
                    + "protect a leader that is heard."),
            OptionDescription(
                "check_quorum", .toggle, default: .toggle(true),
                help: "A leader that does not hear from a majority gives up leading."),
            OptionDescription(
                "reads", .choice(RaftOptions.Reads.allCases.map(\.rawValue)),
                default: .choice(RaftOptions.Reads.readIndex.rawValue),
                help: "Confirm leadership per batch of reads, trust a lease, or answer from "
                    + "local state (which may be stale)."),
            OptionDescription(
                "lease_drift_ppm", .integer(0...200_000), default: nil,
                help: "By how many millionths any clock may run too fast or slow while leases are "
                    + "trusted (1000); the more, the shorter they are."),
            OptionDescription(
                "snapshot_at", .size, default: .size(64 * Limits.mebibyte),
                help: "Compact the log when it exceeds this size and that of the state."),
            OptionDescription(
                "learners", .regions, default: nil,
                help: "Regions whose nodes receive everything but have no vote."),
            OptionDescription(
                "commit_timeout", .automaticDuration, default: .automatic,
                help: "When a write without a majority is answered 'consensus not achieved'; "
                    + "auto is twice the slowest round trip and 100ms, at least 500ms."),
            OptionDescription(
                "session_timeout", .duration, default: .duration(.seconds(3600)),
                help: "How long a client's session lives without an update, by the log's time."),
            OptionDescription(
                "sessions_max", .integer(1...1_000_000), default: .integer(65_536),
                help: "The most client sessions; the one longest unused makes room."),
        ],
        operations: [
            .register: [.read, .write, .delete, .cas, .txn],
            .counter: [.read, .increment, .delete],
            .list: [.read, .append, .delete, .txn],
            .set: [.read, .add, .remove, .delete],
        ],
        recognisesRepeats: true, needsSession: true, hasLeader: true, isLinearizable: true,
        transitions: RaftTransition.names)
}
