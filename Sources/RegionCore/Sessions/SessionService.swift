import Determinism
import Replication

/// Global sessions of users, as one node of a region offers them.
///
/// A session is opened in the region that takes the login in, its primary one, and written to the
/// node's own replica of the sessions' group, whose strategy replicates it. Every node can say
/// whether a session holds: it looks into its replica, then among what it asked for before, then
/// asks the other nodes. `docs/sessions.md` says what that promises.
///
/// ## What must hold
///
/// 1. That a session was ended outweighs whatever else is known of it, in the replica, in the cache
///    and in the answers of others; nothing takes it back.
/// 2. A session is unknown only if the own replica and every other node said so.
/// 3. A login's answer waits until the strategy has acknowledged the session and its entry in the
///    user's index, so that a session that a client knows can be listed.
///
/// This file holds the state and the way in; each request, the look-ups and the requests for the
/// group have files of their own.
final class SessionService: RegionService {
    let me: MemberID
    let setup: SessionSetup
    let replica: HostedGroup
    /// The nodes that run the service, in order.
    let nodes: [NodeID]
    let needsGroupSession: Bool

    var calls: [UInt64: SessionCall] = [:]
    var callsMade: UInt64 = 0
    var lookups: [UInt64: SessionLookup] = [:]
    var lookupsMade: UInt64 = 0
    /// The look-up under way for a session.
    var lookupOf: [String: UInt64] = [:]
    /// The look-ups by their deadlines; all wait equally long.
    var deadlines: [(at: Instant, number: UInt64)] = []
    var firstDeadline = 0
    var cache: SessionCache
    /// The members that this node can send to, in order.
    var connected: [MemberID] = []
    var requests = GroupRequests()
    /// What this node opened for each user that logged in lately; looked up by key only.
    var indexes: [String: OwnIndex] = [:]
    var observer = AppliedObserver()

    init(
        member: MemberID, setup: SessionSetup, replica: HostedGroup, nodes: [NodeID],
        needsGroupSession: Bool
    ) {
        me = member
        self.setup = setup
        self.replica = replica
        self.nodes = nodes
        self.needsGroupSession = needsGroupSession
        cache = SessionCache(isOn: setup.keepsCache)
        super.init(.sessions, group: setup.group)
    }

    /// The policy for sessions that are opened here.
    var policy: SessionPolicy { setup.policies[Int(me.node.region.index)] }

    func name(_ region: RegionID) -> String {
        let index = Int(region.index)
        return setup.regionNames.indices.contains(index) ? setup.regionNames[index] : "\(index)"
    }

    override var nextWake: Instant {
        var earliest = observer.due
        if firstDeadline < deadlines.count { earliest = min(earliest, deadlines[firstDeadline].at) }
        return earliest
    }

    override func handle(
        _ event: ServiceEvent, at now: NodeTime, into actions: inout NodeActions
    ) {
        switch event {
        case .start: break
        case .call(let call, let request, let handle):
            switch call {
            case .session(let body): take(body, request, handle, now, &actions)
            }
        case .answer(let reply, let number): answered(reply, number, now, &actions)
        case .groupMoved: observer.moved(at: now.monotonic)
        case .wake:
            expireLookups(now, &actions)
            if let position = observer.observe(replica, at: now.monotonic) {
                actions.append(
                    .note(
                        Note("session-state-applied", [.init("position", .text(position))]),
                        group: group))
            }
        case .connected(let member):
            connected.removeAll { $0.node == member.node }
            let index = connected.firstIndex { $0 > member } ?? connected.count
            connected.insert(member, at: index)
        case .disconnected(let member): connected.removeAll { $0 == member }
        }
    }

    override func receive(
        encoded bytes: [UInt8], from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        receive(try SessionMessage.decoded(bytes), from: sender, now, &actions)
    }

    override func receive(
        _ message: HostedMessage, from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        guard type(of: message) == TypedMessage<SessionMessage>.self else {
            throw MalformedBytes("a message of something else than the sessions")
        }
        let typed = unsafeDowncast(message, to: TypedMessage<SessionMessage>.self)
        receive(typed.message, from: sender, now, &actions)
    }

    private func receive(
        _ message: SessionMessage, from sender: MemberID, _ now: NodeTime,
        _ actions: inout NodeActions
    ) {
        switch message.body {
        case .find(let session):
            begin(
                SessionCall(.node(sender, number: message.number), .find, session: session), now,
                &actions)
        case .list(let user):
            begin(
                SessionCall(
                    .node(sender, number: message.number), .gather(user: user), session: ""), now,
                &actions)
        case .found(let record, let isRevoked, let isSure):
            found(
                record, isRevoked: isRevoked, isSure: isSure, by: sender, message.number, now,
                &actions)
        case .listed(let sessions, let isSure):
            listed(sessions, isSure: isSure, by: sender, message.number, now, &actions)
        }
    }

    func send(_ message: SessionMessage, to member: MemberID, _ actions: inout NodeActions) {
        actions.append(.send(TypedMessage(message), group: id.scope, to: member))
    }

    /// Answers a call and forgets it.
    func finish(_ number: UInt64, _ reply: ClientReply, _ actions: inout NodeActions) {
        guard let call = calls.removeValue(forKey: number) else { return }
        if case .client(let handle) = call.origin { actions.append(.reply(reply, to: handle)) }
    }

    func finish(
        _ number: UInt64, _ reply: SessionReply, version: Version? = nil,
        _ actions: inout NodeActions
    ) {
        finish(number, ClientReply(.called(.session(reply)), version: version), &actions)
    }
}

/// What this node opened for a user, as it last wrote it.
struct OwnIndex {
    var index: SessionIndex
    /// What the next write of it has seen.
    var context: VersionVector
}

/// Looks what the replica of the sessions' group has applied, often enough to tell when a session
/// was known at a node, and not at every event.
struct AppliedObserver {
    /// How exact the times are.
    private static let interval = TimeSpan.milliseconds(2)

    private(set) var due = Instant.distantFuture
    private var last: (position: AppliedPosition, term: UInt64)?

    /// The group took something in.
    mutating func moved(at now: Instant) {
        if due == .distantFuture { due = now + Self.interval }
    }

    /// What is applied, as records write versions and vectors: in a log the last entry, with its term
    /// or epoch, for other entries may once have stood at its index; `nil` if it is not time or nothing
    /// is new.
    mutating func observe(_ replica: HostedGroup, at now: Instant) -> String? {
        guard due <= now else { return nil }
        due = .distantFuture
        let view = replica.view
        if let last, last == (view.applied, view.appliedTerm) { return nil }
        last = (view.applied, view.appliedTerm)
        switch view.applied {
        case .index(let index): return "\(view.appliedTerm).\(index)"
        case .vector(let vector):
            return "|" + vector.entries.map { "\($0.member):\($0.counter)" }.joined(separator: ",")
        }
    }
}
