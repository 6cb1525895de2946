import Determinism
import Testing

@testable import Replication

/// Transactions through a group: once each, as a whole, in one order, whatever breaks.
@Suite struct RaftTransactionTests {
    typealias Step = Replication.Operation.MicroOperation

    private static func append(_ text: String, to key: String) -> Step {
        Step(.append(bytes(text)), Key(key))
    }
    private static func read(_ key: String) -> Step { Step(.read, Key(key)) }

    @Test("6.3: a repeated transaction takes effect once and answers the same, wherever it arrives")
    func repeats() throws {
        let group = try RaftCluster(3, valueType: .list)
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        let steps = [
            Self.read("a"), Self.append("1", to: "a"), Self.append("2", to: "b"), Self.read("a"),
        ]
        let numbers = (0..<9).map { number in
            group.submit(
                group.members[number % 3], .transaction(steps), key: "", session: session,
                sequence: 1)
        }
        group.cluster.run(for: .seconds(2))
        for number in numbers {
            #expect(
                group.cluster.replies[number]?.reply.outcome
                    == .transaction(reads: [nil, .list([bytes("1")])]))
        }
        let both = try group.ask(
            leader, .transaction([Self.read("a"), Self.read("b")]), key: "")
        #expect(both.outcome == .transaction(reads: [.list([bytes("1")]), .list([bytes("2")])]))
    }

    @Test("6.3: it does so after a change of leader, snapshots and a restart of every member")
    func repeatsAcrossLeaders() throws {
        let group = try RaftCluster(
            3, valueType: .list, options: ["snapshot_at": .size(2_000)])
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        func transaction(_ number: UInt64) -> Replication.Operation {
            .transaction([
                Self.read("a"), Self.append("\(number)", to: "a"), Self.read("b"),
                Self.append("\(number)", to: "b"),
            ])
        }
        var first: [UInt64: ClientReply] = [:]
        for number in 1...60 as ClosedRange<UInt64> {
            first[number] = try group.ask(
                leader, transaction(number), key: "", session: session, sequence: number)
        }
        #expect(group.cluster.checkpointCount > 0)
        for member in group.members { group.cluster.crash(member) }
        for member in group.members {
            group.invariants.forget(member)
            try group.cluster.start(member)
        }
        let second = try group.awaitLeader()
        for number in [60, 1, 7] as [UInt64] {
            let again = try group.ask(
                second, transaction(number), key: "", session: session, sequence: number)
            #expect(again == first[number])
        }
        let list = (1...60).map { bytes("\($0)") }
        #expect(try group.ask(second, .read, key: "b").outcome == .values([.list(list)]))
        #expect(group.awaitConvergence())
    }

    @Test("Reads alone take no place in the log", arguments: ["read-index", "lease", "local"])
    func readsAloneTakeNoPlaceInTheLog(_ reads: String) throws {
        let group = try RaftCluster(3, valueType: .list, options: ["reads": .choice(reads)])
        let leader = try group.awaitLeader()
        let session = try group.openSession(at: leader)
        _ = try group.ask(
            leader, .transaction([Self.append("1", to: "a"), Self.append("2", to: "b")]), key: "",
            session: session)
        #expect(group.awaitConvergence())
        let end = try group.raft(leader).log.lastIndex
        for member in group.members {
            let reply = try group.ask(
                member, .transaction([Self.read("b"), Self.read("a"), Self.read("c")]), key: "")
            #expect(
                reply.outcome
                    == .transaction(reads: [.list([bytes("2")]), .list([bytes("1")]), nil]))
            #expect(reply.version == nil)
        }
        #expect(try group.raft(leader).log.lastIndex == end)
    }

    @Test("What breaks a bound or does not fit is refused, definitely")
    func refusals() throws {
        let group = try RaftCluster(1, valueType: .counter)
        let member = try group.awaitLeader()
        let unsupported = try group.ask(member, .transaction([Self.read("a")]), key: "")
        #expect(unsupported.error?.code == .unsupported)
        let lists = try RaftCluster(1, valueType: .list)
        let only = try lists.awaitLeader()
        let wrong: [(key: String, steps: [Step])] = [
            ("k", [Self.read("a")]), ("", []), ("", [Self.read("")]),
            ("", Array(repeating: Self.read("a"), count: Limits.transactionStepsMax + 1)),
        ]
        for (key, steps) in wrong {
            let reply = try lists.ask(only, .transaction(steps), key: key)
            #expect(reply.error?.code == .invalid && reply.error?.isIndefinite == false)
        }
        let write = try lists.ask(only, .transaction([Step(.write([1]), Key("a"))]), key: "")
        #expect(write.error?.code == .unsupported && write.error?.isIndefinite == false)
    }

    @Test(
        "Under crashes and cuts one order explains every answer",
        arguments: 1...8 as ClosedRange<UInt64>)
    func oneOrderExplainsAll(_ seed: UInt64) throws {
        let run = try TransactionRun(seed: seed)
        #expect(try run.problems() == [], "seed \(seed)")
        #expect(run.history.answered.count > 50, "seed \(seed)")
    }
}

/// Clients that run transactions one after the other, each until it is answered or refused, while
/// leaders are crashed and cut off.
final class TransactionRun {
    typealias Step = Replication.Operation.MicroOperation

    private(set) var history = TransactionHistory()
    private let group: RaftCluster
    private var random: RandomStream
    private var tokens = 0

    private struct Client {
        var session: UInt64
        var sequence: UInt64 = 0
        var steps: [Step] = []
        var invoked = Instant.zero
        /// The answers awaited to the present transaction, and when to ask again.
        var numbers: [UInt64] = []
        var retryAt = Instant.zero
    }

    init(seed: UInt64) throws {
        random = RandomStream(seed: seed, name: "transactions")
        group = try RaftCluster(
            3, seed: seed, valueType: .list,
            options: ["snapshot_at": .size(seed % 2 == 0 ? 3_000 : 1_000_000)])
        group.cluster.lost = 0.02
        group.cluster.repeated = 0.02
    }

    /// Runs for 20 seconds and says what is wrong.
    func problems() throws -> [String] {
        let leader = try group.awaitLeader()
        var clients: [Client] = []
        for number in 1...4 as ClosedRange<UInt64> {
            clients.append(Client(session: try group.openSession(number, at: leader)))
        }
        let end = group.cluster.now + .seconds(20)
        var strikeAt = group.cluster.now + .seconds(1)
        while group.cluster.now < end {
            if group.cluster.now >= strikeAt {
                try strike()
                strikeAt = group.cluster.now + .milliseconds(400 + random.index(1_200))
            }
            for number in clients.indices { advance(&clients[number]) }
            group.cluster.run(for: .milliseconds(10))
        }
        group.cluster.healAll()
        group.cluster.lost = 0
        for member in group.members where group.cluster.replica(member) == nil {
            group.invariants.forget(member)
            try group.cluster.start(member)
        }
        let last = try group.awaitLeader()
        guard group.awaitConvergence() else { return ["the members do not agree"] }
        var final: [Key: [[UInt8]]] = [:]
        for entry in try group.raft(last).machine.values.sorted() {
            guard case .list(let list)? = entry.values.first?.0 else { continue }
            final[entry.key] = list
        }
        return history.problems(final)
    }

    private func strike() throws {
        let cluster = group.cluster
        cluster.healAll()
        for member in group.members where cluster.replica(member) == nil {
            group.invariants.forget(member)
            try cluster.start(member)
        }
        guard let leader = group.leader else { return }
        switch random.index(3) {
        case 0: cluster.crash(leader)
        case 1: cluster.isolate(leader)
        case _: break
        }
    }

    private func advance(_ client: inout Client) {
        let cluster = group.cluster
        for number in client.numbers {
            guard let answer = cluster.replies[number] else { continue }
            guard case .transaction(let reads) = answer.reply.outcome else { continue }
            history.answered.append(
                TransactionHistory.Answered(
                    steps: client.steps, reads: reads, version: answer.reply.version,
                    invoked: client.invoked, completed: cluster.now))
            client.steps = []
            break
        }
        if client.steps.isEmpty {
            client.sequence += 1
            client.steps = (0...random.index(3)).map { _ in
                let key = Key("k\(random.index(5))")
                if random.chance(0.5) { return Step(.read, key) }
                tokens += 1
                return Step(.append(bytes("e\(tokens)")), key)
            }
            client.invoked = cluster.now
            client.numbers = []
            client.retryAt = cluster.now
        }
        guard cluster.now >= client.retryAt else { return }
        client.retryAt = cluster.now + .milliseconds(300)
        let live = cluster.live
        guard !live.isEmpty else { return }
        client.numbers.append(
            group.submit(
                live[random.index(live.count)], .transaction(client.steps), key: "",
                session: client.session, sequence: client.sequence,
                firstUnanswered: client.sequence))
    }
}
