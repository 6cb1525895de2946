import Determinism

/// A fault struck.
public struct FaultStarted: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// The fault's identity in the Plan (`f1`).
    public var id: String
    /// What kind of fault: the key that names it in a scenario (`isolate`).
    public var kind: String
    /// What it struck, with selectors resolved: names of nodes, or of regions where it strikes all
    /// that is in them. For faults of links every region at an end of a struck link.
    public var targets: [String]
    /// The leader that it took down, for each group that lost one: killed, paused, or cut off
    /// from a majority. Empty also when the one who writes the record does not know.
    public var leadersTaken: [LeaderTaken]
    /// The regions in which it took down every node, so that their clients lost their home.
    public var homesTaken: [String]

    /// A leader that a fault took down.
    public struct LeaderTaken: Hashable, Sendable {
        /// The data type of the group.
        public var group: String
        /// The node that led.
        public var node: String
        /// The leader `node` of `group`.
        public init(group: String, node: String) {
            self.group = group
            self.node = node
        }
    }

    /// A strike with these parts.
    public init(
        time: Instant, id: String, kind: String, targets: [String],
        leadersTaken: [LeaderTaken] = [], homesTaken: [String] = []
    ) {
        self.time = time
        self.id = id
        self.kind = kind
        self.targets = targets
        self.leadersTaken = leadersTaken
        self.homesTaken = homesTaken
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .faultStarted,
            fields: [
                .init("id", .text(id)), .init("kind", .text(kind)),
                .init("targets", .texts(targets)),
                .init(
                    "leaders_taken",
                    .list(
                        leadersTaken.map {
                            .members(["group": .text($0.group), "node": .text($0.node)])
                        })),
                .init("homes_taken", .texts(homesTaken)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .faultStarted, let id = event["id"]?.text,
            let kind = event["kind"]?.text, let targets = event["targets"]?.elements
        else { return nil }
        self.init(
            time: event.time, id: id, kind: kind, targets: targets.compactMap(\.text),
            leadersTaken: (event["leaders_taken"]?.elements ?? []).compactMap { taken in
                guard let group = taken["group"]?.text, let node = taken["node"]?.text else {
                    return nil
                }
                return LeaderTaken(group: group, node: node)
            },
            homesTaken: (event["homes_taken"]?.elements ?? []).compactMap(\.text))
    }
}

/// A fault was healed. One that never heals has no such event.
public struct FaultEnded: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// The fault's identity in the Plan.
    public var id: String

    /// The heal of `id` at `time`.
    public init(time: Instant, id: String) {
        self.time = time
        self.id = id
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(time: time, kind: .faultEnded, fields: [.init("id", .text(id))])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .faultEnded, let id = event["id"]?.text else { return nil }
        self.init(time: event.time, id: id)
    }
}

/// What shows whether a fault took effect. Of several for one fault the last counts.
public struct FaultEvidence: Hashable, Sendable {
    /// When it was collected.
    public var time: Instant
    /// The fault's identity in the Plan.
    public var id: String
    /// Whether the fault took effect.
    public var hadEffect: Bool
    /// The observations that say so, by name: counts mostly.
    public var evidence: [JSONValue.Member]

    /// Evidence with these parts.
    public init(time: Instant, id: String, hadEffect: Bool, evidence: [JSONValue.Member]) {
        self.time = time
        self.id = id
        self.hadEffect = hadEffect
        self.evidence = evidence
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .faultEvidence,
            fields: [
                .init("id", .text(id)), .init("had_effect", .flag(hadEffect)),
                .init("evidence", .object(evidence)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .faultEvidence, let id = event["id"]?.text,
            let hadEffect = event["had_effect"]?.flag
        else { return nil }
        self.init(
            time: event.time, id: id, hadEffect: hadEffect,
            evidence: event["evidence"]?.members ?? [])
    }
}

/// After a fault's heal, every write acknowledged before the heal is applied at every live member.
public struct FaultConverged: Hashable, Sendable {
    /// When that was seen.
    public var time: Instant
    /// The fault's identity in the Plan.
    public var id: String
    /// How long after the heal.
    public var after: TimeSpan

    /// The convergence of `id`, `after` its heal.
    public init(time: Instant, id: String, after: TimeSpan) {
        self.time = time
        self.id = id
        self.after = after
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .faultConverged,
            fields: [.init("id", .text(id)), .init("ms", .number(after.milliseconds))])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .faultConverged, let id = event["id"]?.text,
            let after = TimeSpan(recordedMilliseconds: event["ms"])
        else { return nil }
        self.init(time: event.time, id: id, after: after)
    }
}
