import Determinism
import Replication

/// Something that happened in a run besides operations: a line of `events.jsonl`.
///
/// What the judgement rests on has a type of its own that writes and reads its event, such as
/// ``FaultStarted``; everything else is kept for people.
public struct RecordedEvent: Hashable, Sendable {
    /// When it happened, from time 0 of the run. What happened before has a negative time.
    public var time: Instant
    /// What happened.
    public var kind: Kind
    /// The node where it happened, by name (`us-east-1/a/1`); `nil` for the run as a whole.
    public var node: String?
    /// The region where it happened.
    public var region: String?
    /// The group, by the name of its data type.
    public var group: String?
    /// Details, in the order in which they are written.
    public var fields: [JSONValue.Member]

    /// The name of what happened; notes of strategies bring their own.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The name, in lower case with hyphens.
        public var rawValue: String
        /// The kind named `rawValue`.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The kind of a note.
        public init(_ note: Note.Kind) { rawValue = note.rawValue }
    }

    /// An event with these parts.
    public init(
        time: Instant, kind: Kind, node: String? = nil, region: String? = nil,
        group: String? = nil, fields: [JSONValue.Member] = []
    ) {
        self.time = time
        self.kind = kind
        self.node = node
        self.region = region
        self.group = group
        self.fields = fields
    }

    /// The event of a note that a replica put out. `name` gives nodes their names.
    public init(
        _ note: Note, time: Instant, node: NodeID, group: String, region: String,
        name: (NodeID) -> String
    ) {
        self.init(
            time: time, kind: Kind(note.kind), node: name(node), region: region, group: group)
        fields = note.fields.map { field in
            let value: JSONValue
            switch field.value {
            case .text(let text): value = .text(text)
            case .number(let number): value = .integer(number)
            case .member(let member):
                let suffix = member.incarnation == 0 ? "" : "#\(member.incarnation)"
                value = .text(name(member.node) + suffix)
            case .key(let key): value = .text(key.text)
            case .version(let version): value = .text(VersionText.text(version))
            case .flag(let flag): value = .flag(flag)
            }
            return JSONValue.Member(field.name, value)
        }
    }

    /// The detail named `name`.
    public subscript(name: String) -> JSONValue? {
        fields.first { $0.name == name }?.value
    }

    func write(into writer: inout JSONWriter) {
        writer.openObject()
        writer.name("time_ns")
        writer.integer(time.nanoseconds)
        writer.name("kind")
        writer.text(kind.rawValue)
        if let node {
            writer.name("node")
            writer.text(node)
        }
        if let region {
            writer.name("region")
            writer.text(region)
        }
        if let group {
            writer.name("group")
            writer.text(group)
        }
        writer.name("fields")
        writer.value(.object(fields))
        writer.closeObject()
        writer.newline()
    }

    init(row: RowReader) throws(MalformedRow) {
        self.init(
            time: Instant(nanoseconds: try row.time("time_ns")),
            kind: Kind(rawValue: try row.text("kind")), node: try row.optionalText("node"),
            region: try row.optionalText("region"), group: try row.optionalText("group"))
        guard let fields = try row.value("fields").members else {
            throw MalformedRow("\"fields\" must be an object")
        }
        self.fields = fields
    }
}

extension RecordedEvent.Kind {
    /// A fault struck: ``FaultStarted``.
    public static let faultStarted = Self(rawValue: "fault-started")
    /// A fault was healed: ``FaultEnded``.
    public static let faultEnded = Self(rawValue: "fault-ended")
    /// What shows that a fault took effect: ``FaultEvidence``.
    public static let faultEvidence = Self(rawValue: "fault-evidence")
    /// After a heal, what was acknowledged before it is everywhere: ``FaultConverged``.
    public static let faultConverged = Self(rawValue: "fault-converged")
    /// An operator's action was carried out, or refused. Fields: action, target, ok, error.
    public static let action = Self(rawValue: "action")
    /// All members agree at the end: ``Convergence``.
    public static let converged = Self(rawValue: "converged")
    /// The members did not come to agree in time: ``Convergence``.
    public static let notConverged = Self(rawValue: "not-converged")
    /// A core was healed and shielded: ``LivenessBegan``.
    public static let livenessBegan = Self(rawValue: "liveness-began")
    /// Whether that core got on: ``LivenessOutcome``.
    public static let liveness = Self(rawValue: "liveness")
    /// What the run cost the network: ``NetworkTotals``.
    public static let networkTotals = Self(rawValue: "network-totals")
    /// What messages of one priority met on narrow links: ``PriorityTraffic``.
    public static let priorityTraffic = Self(rawValue: "priority-traffic")
    /// How complete the replication log is: ``ReplicationLogTotals``.
    public static let replicationLog = Self(rawValue: "replication-log")
    /// A write was applied: ``ReplicationRow``.
    public static let replicated = Self(Note.Kind.replicated)
    /// How late clients and event loops ran: ``HarnessLag``.
    public static let harnessLag = Self(rawValue: "harness-lag")
    /// What a node used of its host: ``NodeUsage``.
    public static let nodeUsage = Self(rawValue: "node-usage")
    /// Who leads a group as the conduct sees it, at time 0 and when it changes. Node and group are
    /// set. Fields: term.
    public static let leaderObserved = Self(rawValue: "leader-observed")
    /// A replica won an election. Node and group are set. Fields: term.
    public static let leaderElected = Self(Note.Kind.leaderElected)
    /// A replica stopped hearing from its leader. Node and group are set. Fields: term, leader.
    public static let leaderLost = Self(Note.Kind.leaderLost)
    /// A leader has committed an entry of its own term. Node and group are set. Fields: term.
    public static let leaderEstablished = Self(Note.Kind.leaderEstablished)
    /// A leader put a change of the membership into its log. Node and group are set. Fields: term.
    public static let membershipProposed = Self(Note.Kind.membershipProposed)
    /// A leader gave up leading. Node and group are set. Fields: term, why, and lease-ago.
    public static let leaderSteppedDown = Self(Note.Kind.leaderSteppedDown)
    /// A replica began to seek election. Node and group are set. Fields: term, prevote.
    public static let electionStarted = Self(Note.Kind.electionStarted)
    /// A replica took over another's state. Node and group are set. Fields: from, bytes.
    public static let snapshotInstalled = Self(Note.Kind.snapshotInstalled)
    /// A replica without a state found nobody who has one. Node and group are set.
    public static let begunAnew = Self(Note.Kind.begunAnew)
    /// A replica learned of another membership. Node and group are set. Fields: change, member,
    /// voters, learners.
    public static let membershipChanged = Self(Note.Kind.membershipChanged)
    /// Two concurrent writes met and one was kept: ``ConflictMet``.
    public static let conflictResolved = Self(Note.Kind.conflictResolved)
    /// Two concurrent writes met and both were kept: ``ConflictMet``.
    public static let conflictKept = Self(Note.Kind.conflictKept)
    /// A node lost a connection to another. Node is set. Fields: peer, why.
    public static let connectionLost = Self(rawValue: "connection-lost")
    /// A node opened a connection to another. Node is set. Fields: peer.
    public static let connectionOpened = Self(rawValue: "connection-opened")
    /// A node's process ended. Node is set. Fields: expected, status.
    public static let processEnded = Self(rawValue: "process-ended")
    /// A node's process is ready to serve. Node is set.
    public static let processReady = Self(rawValue: "process-ready")
    /// A member has lost entries that it had confirmed. Node and group are set. Fields: member,
    /// from, to.
    public static let memberLostEntries = Self(Note.Kind.memberLostEntries)
    /// Members differ that should not: ``StateDiverged``.
    public static let stateDiverged = Self(rawValue: "state-diverged")
    /// A member is in an earlier term than before: ``TermWentBack``.
    public static let termWentBack = Self(rawValue: "term-went-back")
    /// What a member has applied. Node and group are set. Fields: position.
    public static let applied = Self(rawValue: "applied")
}
