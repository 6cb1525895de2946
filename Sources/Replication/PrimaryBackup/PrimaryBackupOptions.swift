import Determinism

/// The options of a primary-backup group, checked, with every `auto` worked out.
struct PrimaryBackupOptions: Sendable {
    /// When a write is acknowledged.
    enum Mode: String, CaseIterable, Sendable {
        /// Once the primary has it on disk.
        case async
        /// Once so many replicas have it on disk, too.
        case semiSync = "semi-sync"
        /// Once all replicas have it on disk, too.
        case sync
    }

    /// Who is made the primary.
    enum Promotion: String, CaseIterable, Sendable {
        /// The newest, once so many were heard that one of them has every acknowledged write.
        case safe
        /// The newest of those that were heard.
        case newest
    }

    /// What becomes of writes that only a member out of line has.
    enum Divergence: String, CaseIterable, Sendable {
        /// The member keeps them aside on its disk.
        case keep
        /// It forgets them.
        case discard
    }

    /// Who serves reads.
    enum Reads: String, CaseIterable, Sendable {
        /// The primary.
        case primary
        /// Whichever member is asked.
        case local
    }

    var primary: RegionID
    var mode: Mode
    /// How many replicas have a write on disk before it is acknowledged.
    var acknowledgements: Int
    /// How long a write waits for them before the primary goes on without; `nil`: for ever.
    var degradeAfter: TimeSpan?
    var isFenced: Bool
    var detectAfter: TimeSpan
    /// For how long a primary may rely on having heard from the manager.
    var lease: TimeSpan
    var promotion: Promotion
    var divergence: Divergence
    var reads: Reads
    var managerRegions: [RegionID]
    var commitTimeout: TimeSpan
    var snapshotBytes: Int
    /// By what share monotonic clocks may run against each other.
    var drift: Double

    /// How often members tell the manager that they live.
    var beat: TimeSpan { min((isFenced ? lease : detectAfter) / 4, Self.beatMax) }
    /// For how long a primary uses what it was granted, by its own clock.
    var leaseUsed: TimeSpan { lease * (1 - 2 * drift) }
    /// How long the manager waits for a lease to end, by its own clock.
    var leaseWait: TimeSpan {
        #if PlantedBugs
            if PlantedBug.isPlanted(.promotedBeforeLeaseEnds) { return .zero }
        #endif
        return lease * (1 + 2 * drift)
    }
    /// How long the manager waits for members that may yet answer.
    var gather: TimeSpan

    /// How many members of `count` must say where their logs end before one is promoted: so many
    /// that one of them has every acknowledged write.
    func heardBeforePromotion(of count: Int) -> Int {
        #if PlantedBugs
            if PlantedBug.isPlanted(.promotedTooEarly) { return 1 }
        #endif
        guard promotion == .safe, acknowledgements > 0 else { return 1 }
        return max(1, count - acknowledgements)
    }

    /// The longest time between two beats.
    static let beatMax = TimeSpan.seconds(1)
    /// Requests within this time of a batch wait for the next one; the first after a pause never.
    static let pace = TimeSpan.microseconds(500)
    static let batchBytesMax = 512 * 1024
    static let batchEntriesMax = 8192
    /// The most bytes of entries that the primary takes in before they are acknowledged.
    static let unacknowledgedBytesMax = 64 * Limits.mebibyte
    /// How often a member without the state asks for it.
    static let joinInterval = TimeSpan.milliseconds(500)
    static let sessionTimeout = TimeSpan.seconds(3600)
    static let sessionsMax = 65_536
    /// The most writes out of line that are told of one by one.
    static let writesToldMax = 1000

    init(_ given: StrategyOptions, setup: GroupSetup) throws(InvalidOption) {
        let options = given.completed(by: PrimaryBackup.strategy)
        let regions = setup.voters.map(\.node.region)
        let slowest = regions.reduce(TimeSpan.zero) { slowest, source in
            regions.reduce(slowest) { max($0, setup.roundTrips[source, $1]) }
        }
        mode = try Self.word("mode", options)
        promotion = try Self.word("promotion", options)
        divergence = try Self.word("on_divergence", options)
        reads = try Self.word("reads", options)
        isFenced = options["fencing"] == .toggle(true)
        detectAfter = try Self.duration("detect_after", options)
        lease = try Self.duration("lease", options, automatic: detectAfter / 2)
        commitTimeout = try Self.duration(
            "commit_timeout", options,
            automatic: max(.milliseconds(500), slowest * 2 + .milliseconds(100)))
        gather = slowest * 2 + .milliseconds(200)
        drift = setup.clockDriftMax
        guard case .size(let bytes) = options["snapshot_at"], bytes > 0 else {
            throw InvalidOption("snapshot_at", "a size above 0 expected")
        }
        snapshotBytes = bytes
        switch options["degrade_after"] {
        case .duration(let span)?: degradeAfter = span
        default: degradeAfter = nil
        }
        let replicas = setup.voters.count - 1
        acknowledgements = 0
        if case .integer(let number)? = options["acknowledgements"], number != 1, mode != .semiSync
        {
            throw InvalidOption("acknowledgements", "only mode: semi-sync counts them")
        }
        switch mode {
        case .async: break
        case .sync: acknowledgements = replicas
        case .semiSync:
            guard case .integer(let number) = options["acknowledgements"] else {
                throw InvalidOption("acknowledgements", "a whole number expected")
            }
            guard replicas > 0 else {
                throw InvalidOption(
                    "mode", "semi-sync waits for replicas, and the group has one member")
            }
            guard number <= replicas else {
                throw InvalidOption(
                    "acknowledgements",
                    "\(number) of \(replicas) replicas; expected 1 to \(replicas)")
            }
            acknowledgements = number
        }
        if degradeAfter != nil, mode != .semiSync {
            throw InvalidOption("degrade_after", "only mode: semi-sync degrades")
        }
        if case .region(let region)? = options["primary"] {
            primary = region
        } else {
            primary = regions.first ?? RegionID(index: 0)
        }
        guard regions.contains(primary) else {
            throw InvalidOption("primary", "the region has no member of the group")
        }
        if case .regions(let given)? = options["manager"] {
            managerRegions = given.sorted()
        } else {
            managerRegions = Array(Set(regions)).sorted()
        }
        if managerRegions.isEmpty || !managerRegions.allSatisfy(regions.contains) {
            throw InvalidOption(
                "manager", "the managers decide in regions of the group's members; name such")
        }
        guard lease <= detectAfter else {
            throw InvalidOption(
                "lease",
                "\(lease) is longer than detect_after: \(detectAfter), after which a "
                    + "silent primary is replaced")
        }
        guard beat * 2 > .zero, !isFenced || lease > slowest + beat else {
            throw InvalidOption(
                "lease",
                "\(lease) is too short to be renewed over round trips of "
                    + "\(Int(slowest.milliseconds.rounded(.up))) ms; give at least "
                    + "\(Int(((slowest * 4 + .milliseconds(10)) * 2).milliseconds.rounded(.up)))ms for "
                    + "detect_after, or a longer lease"
            )
        }
    }

    private static func word<Word: RawRepresentable<String>>(
        _ name: String, _ options: StrategyOptions
    ) throws(InvalidOption) -> Word {
        guard case .choice(let text) = options[name], let word = Word(rawValue: text) else {
            throw InvalidOption(name, "one of its words expected")
        }
        return word
    }

    private static func duration(
        _ name: String, _ options: StrategyOptions, automatic: TimeSpan? = nil
    ) throws(InvalidOption) -> TimeSpan {
        switch options[name] {
        case .duration(let span) where span > .zero: return span
        case .automatic where automatic != nil: return automatic ?? .zero
        default: throw InvalidOption(name, "a duration above 0 expected")
        }
    }
}

extension PrimaryBackup {
    /// What a group of so many members bears, all of which are managers, too.
    public static func tolerance(
        _ given: StrategyOptions, members count: Int
    ) -> FaultTolerance {
        let options = given.completed(by: strategy)
        let majority = count / 2 + 1
        var acknowledgements = 0
        switch options["mode"] {
        case .choice("sync"): acknowledgements = count - 1
        case .choice("semi-sync"):
            if case .integer(let number) = options["acknowledgements"] { acknowledgements = number }
        default: break
        }
        var needed = max(majority, acknowledgements + 1)
        if options["promotion"] == .choice("safe"), acknowledgements > 0 {
            needed = max(needed, count - acknowledgements)
        }
        return FaultTolerance(membersNeeded: needed, memoryLosses: acknowledgements)
    }

    /// What the strategy `primary-backup` says of itself.
    public static var strategy: StrategyDescription { description }

    private static let description: StrategyDescription = {
        var result = StrategyDescription(
            name: "primary-backup",
            promise: "One primary orders all writes and ships them to the others; a failover "
                + "manager replaces it. Linearizable if fenced, with acknowledgements of replicas "
                + "and safe promotion; else what was acknowledged last can be lost.",
            options: options,
            operations: Raft.strategy.operations,
            recognisesRepeats: true, needsSession: true, hasLeader: true, isLinearizable: false,
            transitions: PrimaryBackupTransition.names)
        result.hasFixedMembers = true
        result.linearizes = { options in
            options["fencing"] == .toggle(true) && options["mode"] != .choice("async")
                && (options["promotion"] == .choice("safe") || options["mode"] == .choice("sync"))
                && options["reads"] == .choice("primary")
                && (options["degrade_after"] == .unlimited || options["degrade_after"] == nil)
        }
        return result
    }()

    private static let options: [OptionDescription] = [
        OptionDescription(
            "primary", .region, default: nil,
            help: "Where the first primary stands, and who is preferred among equals; by default "
                + "the first region."),
        OptionDescription(
            "mode", .choice(PrimaryBackupOptions.Mode.allCases.map(\.rawValue)),
            default: .choice(PrimaryBackupOptions.Mode.async.rawValue),
            help: "When a write is acknowledged: once on the primary's disk, on those of some "
                + "replicas too, or of all."),
        OptionDescription(
            "acknowledgements", .integer(1...Limits.nodesMax), default: .integer(1),
            help: "How many replicas have a write on disk before semi-sync acknowledges it."),
        OptionDescription(
            "degrade_after", .unlimitedDuration, default: .unlimited,
            help: "After how long without these semi-sync goes on as async, until replicas have "
                + "caught up; with it acknowledged writes can be lost."),
        OptionDescription(
            "fencing", .toggle, default: .toggle(true),
            help: "The primary acknowledges and reads only under a lease of the manager, which "
                + "lets it end before it promotes another."),
        OptionDescription(
            "detect_after", .duration, default: .duration(.seconds(10)),
            help: "How long the manager hears nothing from a primary before it replaces it."),
        OptionDescription(
            "lease", .automaticDuration, default: .automatic,
            help: "How long a lease is, with fencing; auto is half of detect_after."),
        OptionDescription(
            "promotion", .choice(PrimaryBackupOptions.Promotion.allCases.map(\.rawValue)),
            default: .choice(PrimaryBackupOptions.Promotion.safe.rawValue),
            help: "Promote the newest once one of those heard must have every acknowledged write, "
                + "or the newest of whoever answers; under async there is no safe one."),
        OptionDescription(
            "on_divergence", .choice(PrimaryBackupOptions.Divergence.allCases.map(\.rawValue)),
            default: .choice(PrimaryBackupOptions.Divergence.keep.rawValue),
            help: "What a member does with writes that only it has: keep them aside, or discard "
                + "them. Both are reported."),
        OptionDescription(
            "manager", .regions, default: nil,
            help: "The regions whose nodes are the failover manager, a raft group; by default "
                + "those of all members."),
        OptionDescription(
            "reads", .choice(PrimaryBackupOptions.Reads.allCases.map(\.rawValue)),
            default: .choice(PrimaryBackupOptions.Reads.primary.rawValue),
            help: "Who serves reads: the primary, or whichever member is asked (may be stale)."),
        OptionDescription(
            "commit_timeout", .automaticDuration, default: .automatic,
            help: "When a write without its acknowledgements is answered so; auto is twice the "
                + "slowest round trip and 100ms, at least 500ms."),
        OptionDescription(
            "snapshot_at", .size, default: .size(64 * Limits.mebibyte),
            help: "Compact the log when it exceeds this size and that of the state."),
    ]
}
