import Determinism
import Foundation
import Testing

@testable import Replication

/// Clients that append unique tokens to one list, read it, and repeat what got no clear answer,
/// at any member, while members crash, links are cut and messages are lost and repeated. What
/// they saw is checked for exactly-once effect and linearizability.
final class RaftHistory {
    struct Append {
        var token: [UInt8]
        var invoked: Instant
        var acknowledged: Instant?
        var isRefused = false
    }
    struct Read {
        var invoked: Instant
        var completed: Instant
        var list: [[UInt8]]
    }

    var appends: [Append] = []
    var reads: [Read] = []

    func check(final: [[UInt8]], _ context: String) {
        claim(Set(final).count == final.count, "a token is there twice, \(context)")
        let positions = Dictionary(
            final.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: min)
        for append in appends {
            if append.acknowledged != nil {
                claim(positions[append.token] != nil, "an append is lost, \(context)")
            }
            if append.isRefused {
                claim(positions[append.token] == nil, "a refused append is there, \(context)")
            }
        }
        let ordered = reads.sorted { ($0.completed, $0.list.count) < ($1.completed, $1.list.count) }
        for read in ordered {
            claim(
                read.list == Array(final.prefix(read.list.count)),
                "a read is no prefix of the final list, \(context)")
            for append in appends {
                guard let position = positions[append.token] else { continue }
                let isSeen = position < read.list.count
                if let acknowledged = append.acknowledged, acknowledged < read.invoked {
                    claim(isSeen, "a stale read, \(context)")
                }
                if isSeen {
                    claim(append.invoked <= read.completed, "a read of the future, \(context)")
                }
            }
        }
        for (number, read) in ordered.enumerated() {
            for later in ordered[(number + 1)...] where later.invoked > read.completed {
                claim(later.list.count >= read.list.count, "reads go back, \(context)")
            }
        }
        for append in appends {
            guard let acknowledged = append.acknowledged,
                let position = positions[append.token]
            else { continue }
            for later in appends where later.invoked > acknowledged {
                if let other = positions[later.token] {
                    claim(other > position, "appends out of order, \(context)")
                }
            }
        }
    }
}

/// One client with a session, one operation at a time.
final class RaftClient {
    let number: UInt64
    let group: RaftCluster
    let history: RaftHistory
    var random: RandomStream
    var session: UInt64 = 0
    var sequence: UInt64 = 0
    var isStopped = false
    var isIdle = true

    init(_ number: UInt64, _ group: RaftCluster, _ history: RaftHistory, seed: UInt64) {
        self.number = number
        self.group = group
        self.history = history
        random = RandomStream(seed: seed, name: "client \(number)")
    }

    private var target: MemberID? {
        let live = group.cluster.live
        return live.isEmpty ? nil : live[random.index(live.count)]
    }

    func begin() {
        guard !isStopped else {
            isIdle = true
            return
        }
        isIdle = false
        if session == 0 {
            openSession()
        } else if random.chance(0.5) {
            sequence += 1
            history.appends.append(
                RaftHistory.Append(
                    token: bytes("\(number)-\(session)-\(sequence)"),
                    invoked: group.cluster.now))
            append(history.appends.count - 1)
        } else {
            read(invoked: group.cluster.now)
        }
    }

    private func later(_ call: @escaping () -> Void) {
        group.cluster.after(random.span(in: .milliseconds(1)...(.milliseconds(60)))) { _ in
            call()
        }
    }

    /// Sends to some member; without an answer in time, `retry`.
    private func send(
        _ command: ClientRequest.Command, _ retry: @escaping () -> Void,
        _ answered: @escaping (ClientReply) -> Void
    ) {
        guard let target else { return later(retry) }
        var isOver = false
        group.cluster.ask(
            target,
            ClientRequest(
                client: ClientID(rawValue: number), session: session, sequence: sequence,
                firstUnanswered: sequence, command: command)
        ) { reply in
            guard !isOver else { return }
            isOver = true
            answered(reply)
        }
        group.cluster.after(.seconds(1)) { _ in
            guard !isOver else { return }
            isOver = true
            retry()
        }
    }

    private func openSession() {
        send(.openSession, { self.later(self.openSession) }) { reply in
            if case .sessionOpened(let session) = reply.outcome {
                self.session = session
                self.sequence = 0
                self.later(self.begin)
            } else {
                self.later(self.openSession)
            }
        }
    }

    /// Repeats until the answer is clear, and gives up only when the run ends.
    private func append(_ index: Int) {
        guard !isStopped else {
            isIdle = true
            return
        }
        let token = history.appends[index].token
        send(
            .operate(Key("list"), .append(token), context: VersionVector()),
            { self.later { self.append(index) } }
        ) { reply in
            if reply.isDone {
                self.history.appends[index].acknowledged = self.group.cluster.now
                self.later(self.begin)
            } else if reply.error?.code == .sessionExpired {
                // This attempt took no effect, but an earlier one may have.
                self.session = 0
                self.later(self.begin)
            } else {
                self.later { self.append(index) }
            }
        }
    }

    private func read(invoked: Instant) {
        guard !isStopped else {
            isIdle = true
            return
        }
        send(
            .operate(Key("list"), .read, context: VersionVector()),
            { self.later { self.read(invoked: invoked) } }
        ) { reply in
            guard case .values(let values) = reply.outcome else {
                return self.later { self.read(invoked: invoked) }
            }
            var list: [[UInt8]] = []
            if case .list(let elements) = values.first { list = elements }
            self.history.reads.append(
                RaftHistory.Read(
                    invoked: invoked, completed: self.group.cluster.now, list: list))
            self.later(self.begin)
        }
    }
}

@Suite struct RaftRandomTests {
    static func run(seed: UInt64, options: [String: OptionValue], drift: Double = 0) throws {
        var random = RandomStream(seed: seed, name: "nemesis")
        let count = [3, 5][random.index(2)]
        var options = options
        options["snapshot_at"] = .size(random.chance(0.5) ? 4_000 : 1_000_000)
        let group = try RaftCluster(
            count, seed: seed, roundTrip: .milliseconds(10 + random.index(60)),
            valueType: .list, options: options)
        let cluster = group.cluster
        cluster.jitter = .milliseconds(random.index(30))
        cluster.lost = random.chance(0.5) ? 0.02 : 0
        cluster.repeated = random.chance(0.5) ? 0.02 : 0
        let history = RaftHistory()
        for member in cluster.order {
            cluster.nodes[member]?.writeDelay = .microseconds(100 + random.index(20_000))
            if drift > 0 { cluster.nodes[member]?.clockRate = 1 + drift * (random.unit() - 0.5) }
        }
        let clients = (1...4).map { RaftClient(UInt64($0), group, history, seed: seed) }
        for client in clients { client.begin() }
        for _ in 0..<12 {
            cluster.run(for: random.span(in: .milliseconds(100)...(.seconds(2))))
            try disturb(group, losingDisks: seed % 3 == 0, &random)
            group.invariants.checkLogs(cluster.live.compactMap { cluster.replica($0) })
        }
        cluster.healAll()
        cluster.lost = 0
        for member in cluster.order where cluster.replica(member) == nil {
            group.invariants.forget(member)
            try cluster.start(member)
        }
        cluster.run(for: .seconds(5))
        for client in clients { client.isStopped = true }
        cluster.run(until: { clients.allSatisfy(\.isIdle) }, within: .seconds(10))
        try group.awaitLeader()
        #expect(group.awaitConvergence(), "no convergence, seed \(seed)")
        group.invariants.checkLogs(cluster.live.compactMap { cluster.replica($0) })
        let states = try cluster.order.map { try group.raft($0).finalState() }
        #expect(states.allSatisfy { $0 == states[0] }, "states differ, seed \(seed)")
        var list: [[UInt8]] = []
        if case .list(let elements) = states[0].first?.values.first?.value { list = elements }
        history.check(final: list, "seed \(seed)")
        #expect(
            history.appends.filter { $0.acknowledged != nil }.count > 10,
            "hardly anything was acknowledged, seed \(seed)")
        #expect(history.reads.count > 10, "hardly anything was read, seed \(seed)")
    }

    /// Some fault begins or ends.
    private static func disturb(
        _ group: RaftCluster, losingDisks: Bool, _ random: inout RandomStream
    ) throws {
        let cluster = group.cluster
        let members = cluster.order
        let some = members[random.index(members.count)]
        switch random.index(losingDisks ? 10 : 8) {
        case 0, 1:
            let down = members.filter { cluster.replica($0) == nil }
            if let first = down.first {
                group.invariants.forget(first)
                try cluster.start(first)
            } else {
                cluster.crash(some)
            }
        case 2: cluster.healAll()
        case 3:
            if let leader = group.leader { cluster.isolate(leader) }
        case 4:
            let other = members[random.index(members.count)]
            if other != some { cluster.cut(from: some, to: other) }
        case 5:
            let order = random.shuffled(members)
            let split = 1 + random.index(order.count - 1)
            cluster.partition([Array(order[..<split]), Array(order[split...])])
        case 6:
            if let leader = group.leader {
                group.cluster.administer(leader, .transferLeader(to: some.node.region))
            }
        case 8, 9:
            // One disk at a time: the next is lost only when the last member is back in its place.
            guard let leader = group.leader, let raft = cluster.replica(leader),
                raft.membership == Membership(voters: members),
                raft.memberships.currentIndex <= raft.commitIndex
            else { return }
            cluster.destroy(some)
            let back = MemberID(some.node, incarnation: some.incarnation + 1)
            cluster.add(group.setup(back, isRejoining: true))
            try cluster.start(back)
        case _:
            cluster.healAll()
            if let leader = group.leader {
                cluster.crash(leader)
                group.invariants.forget(leader)
                try cluster.start(leader)
            }
        }
    }

    /// How many runs: 50, or as many as the environment's `MERIDIAN_SEEDS` says.
    static var seedCount: UInt64 {
        ProcessInfo.processInfo.environment["MERIDIAN_SEEDS"].flatMap(UInt64.init) ?? 50
    }

    @Test(arguments: 1...seedCount)
    func aRandomRunIsSafe(seed: UInt64) throws {
        let variants: [[String: OptionValue]] = [
            [:], [:], ["prevote": .toggle(false)], ["check_quorum": .toggle(false)],
            ["reads": .choice("lease")],
            ["reads": .choice("lease"), "prevote": .toggle(false)],
            ["preferred_leader": .region(RegionID(index: 1))],
        ]
        try Self.run(
            seed: seed, options: variants[Int(seed) % variants.count],
            drift: seed % 7 == 4 || seed % 7 == 5 ? 0.0009 : 0)
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        func digest() throws -> (StateDigest, Int, UInt64) {
            let group = try RaftCluster(3, seed: 9, valueType: .list)
            let history = RaftHistory()
            let client = RaftClient(1, group, history, seed: 9)
            client.begin()
            group.cluster.run(for: .seconds(3))
            if let leader = group.leader { group.cluster.crash(leader) }
            group.cluster.run(for: .seconds(5))
            let view = try group.raft(try group.awaitLeader()).view
            return (view.digest, group.cluster.messageCount, view.commitIndex)
        }
        let first = try digest()
        let second = try digest()
        #expect(first == second)
    }
}
