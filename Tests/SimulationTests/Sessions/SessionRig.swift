import Determinism
import Replication
import Testing

@testable import RegionCore

/// Nodes of several regions, with sessions, driven by hand: messages take ten
/// milliseconds, disks no time, and every clock may be wrong.
final class SessionRig {
    static let session = GroupID(index: 0)
    private static let delay = TimeSpan.milliseconds(10)
    private static let start = WallTime(nanosecondsSince1970: 1_767_225_600_000_000_000)

    private struct Parcel {
        var due: Instant
        var source: Int
        var target: Int
        var group: GroupID
        var message: HostedMessage
    }

    private(set) var nodes: [RegionNode] = []
    private let members: [MemberID]
    private(set) var now = Instant.zero
    /// How far ahead of the right time each node's wall clock is.
    var offsets: [TimeSpan]
    /// The nodes that nothing reaches and nothing leaves.
    var isolated: Set<Int> = []
    /// What nodes noted, in order.
    private(set) var notes: [Note] = []
    private var parcels: [Parcel] = []
    private var replies: [UInt64: ClientReply] = [:]
    private var asked: UInt64 = 0
    private var sequences: [UInt64: UInt64] = [:]

    /// Nodes in these regions, whose sessions' data type has these options.
    init(
        regions: [Int] = [0, 1, 2], strategy: String = "eventual",
        options: [String: OptionValue] = ["replication_delay": .duration(.seconds(3600))],
        duration: TimeSpan = .seconds(600), access: TimeSpan = .seconds(600), cache: Bool = true
    ) throws {
        offsets = Array(repeating: .zero, count: regions.count)
        let count = (regions.max() ?? 0) + 1
        let members = regions.enumerated().map { index, region in
            MemberID(
                NodeID(
                    region: RegionID(index: UInt16(region)),
                    ordinal: UInt8(1 + regions[..<index].count { $0 == region })))
        }
        self.members = members
        let placement = GroupPlacement(
            name: "session", strategy: strategy, options: StrategyOptions(options),
            voters: members)
        let sessions = SessionSetup(
            group: Self.session, regionNames: (0..<count).map { "region-\($0)" },
            policies: (0..<count).map { _ in SessionPolicy(duration: duration, access: access) },
            keepsCache: cache, lookupTimeout: .milliseconds(500))
        let table = RoundTripTable(
            regionCount: count,
            spans: (0..<count * count).map {
                $0 / count == $0 % count ? .zero : Self.delay * 2
            })
        for member in members {
            let node = try RegionNode(
                setup: NodeSetup(
                    member: member, groups: [placement], roundTrips: table, seed: 1,
                    services: ServicesSetup(sessions: sessions)), registry: .standard)
            try node.recover(
                Self.session, checkpoint: nil, checkpointThrough: JournalPosition(rawValue: 0),
                records: [])
            nodes.append(node)
        }
        for index in nodes.indices {
            var actions = NodeActions()
            nodes[index].start(at: time(index), into: &actions)
            carryOut(&actions, of: index)
            for other in nodes.indices where other != index {
                handle(.connected(members[other]), at: index)
            }
        }
    }

    private func time(_ index: Int) -> NodeTime {
        NodeTime(monotonic: now, wall: Self.start + (now - .zero) + offsets[index])
    }

    private func handle(_ event: NodeEvent, at index: Int) {
        var actions = NodeActions()
        do {
            try nodes[index].handle(event, at: time(index), into: &actions)
        } catch {
            Issue.record("\(error)")
        }
        carryOut(&actions, of: index)
    }

    private func carryOut(_ actions: inout NodeActions, of index: Int) {
        var last: JournalPosition?
        for record in actions.records { last = record.position }
        for action in actions.actions {
            switch action {
            case .send(let message, let group, let member):
                guard let target = members.firstIndex(of: member) else { continue }
                if isolated.contains(index) || isolated.contains(target) { continue }
                parcels.append(
                    Parcel(
                        due: now + Self.delay, source: index, target: target, group: group,
                        message: message))
            case .reply(let reply, let handle):
                #expect(handle.connection == 1, "an answer that belongs to a service got out")
                replies[handle.request] = reply
            case .note(let note, _): notes.append(note)
            case .checkpoint: continue
            }
        }
        if let last { handle(.durable(last, group: Self.session), at: index) }
    }

    /// Lets time pass.
    func run(for span: TimeSpan) {
        let end = now + span
        while let next = nextEvent, next <= end {
            now = max(now, next)
            step()
        }
        now = end
    }

    private var nextEvent: Instant? {
        let wakes = nodes.map(\.nextWake).filter { $0 != .distantFuture }
        return (wakes + parcels.map(\.due)).min()
    }

    private func step() {
        if let index = parcels.indices.first(where: { parcels[$0].due <= now }) {
            let parcel = parcels.remove(at: index)
            if isolated.contains(parcel.target) { return }
            var actions = NodeActions()
            do {
                try nodes[parcel.target].receive(
                    parcel.message, group: parcel.group, from: nodes[parcel.source].member,
                    at: time(parcel.target), into: &actions)
            } catch {
                Issue.record("\(error)")
            }
            carryOut(&actions, of: parcel.target)
        } else if let index = nodes.indices.first(where: { nodes[$0].nextWake <= now }) {
            handle(.wake, at: index)
        }
    }

    /// Asks a node and returns the number under which ``reply(_:)`` finds the answer. A repeat has
    /// the sequence of its first.
    @discardableResult
    func ask(
        _ request: SessionRequest, at index: Int, client: UInt64 = 1, sequence: UInt64? = nil
    ) -> UInt64 {
        asked += 1
        let next = sequence ?? (sequences[client] ?? 0) + 1
        sequences[client] = max(next, sequences[client] ?? 0)
        handle(
            .request(
                ClientRequest(
                    client: ClientID(rawValue: client), sequence: next,
                    command: .operate(
                        Key([]), .call(.session(request)), context: VersionVector())),
                group: ServiceID.sessions.scope,
                RequestHandle(connection: 1, request: asked)), at: index)
        return asked
    }

    /// The answer to a request, if there is one by now.
    func reply(_ number: UInt64) -> ClientReply? { replies[number] }

    /// Asks a node and waits for its answer.
    func call(
        _ request: SessionRequest, at index: Int, client: UInt64 = 1, sequence: UInt64? = nil
    ) throws -> ClientReply {
        let number = ask(request, at: index, client: client, sequence: sequence)
        let end = now + .seconds(20)
        while replies[number] == nil, let next = nextEvent, next <= end {
            now = max(now, next)
            step()
        }
        return try #require(replies[number])
    }

    func login(
        _ user: String = "ada", at index: Int, client: UInt64 = 1, sequence: UInt64? = nil
    ) throws -> SessionGrant {
        let reply = try call(
            .login(user: user, device: "laptop", address: "192.0.2.1"), at: index, client: client,
            sequence: sequence)
        guard case .called(.session(.granted(let grant))) = reply.outcome else {
            throw Unexpected(reply: reply)
        }
        return grant
    }

    /// Where a validation found the session, or why it was refused.
    func validate(_ grant: SessionGrant, at index: Int) throws -> String {
        Self.text(try call(.validate(token: grant.access), at: index))
    }

    static func text(_ reply: ClientReply) -> String {
        switch reply.outcome {
        case .called(.session(.valid(let sight))): sight.source.name
        case .called(.session(.rejected(let reason, _))): reason.name
        case .called(.session(.ended)): "ended"
        case .called(.session(.granted)): "granted"
        case .called(.session(.sessions(let sessions, let silent))):
            sessions.map(\.session).joined(separator: ",")
                + (silent.isEmpty ? "" : " without " + silent.map { "\($0.index)" }.joined())
        case .failed(let error): "failed: \(error.code)"
        case .values, .done, .transaction, .mismatch, .sessionOpened: "?"
        }
    }

    struct Unexpected: Error {
        var reply: ClientReply
    }
}
