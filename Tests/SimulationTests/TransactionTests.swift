import Conduct
import Determinism
import Recording
import Replication
import Simulation
import Testing

/// Whole runs with transactions, while leaders are killed and cut off.
struct TransactionTests {
    private static func scenario(
        value: String, reads: String = "read-index", operations: String = "{txn: 100%}",
        timeout: String = "3s"
    ) -> String {
        """
        name: transactions
        duration: 16s
        topology: {regions: [us-east-1, eu-west-1, ca-central-1]}
        replication: {strategy: raft, reads: \(reads), snapshot_at: 20KB}
        data_types: {default: {value: \(value)}}
        workload:
          clients: 2
          rate: 20/s
          operations: \(operations)
          txn: {operations: 1..5, read: 50%, max_writes_per_key: 16}
          keys: {count: 6}
          value_size: 20
          timeout: \(timeout)
        faults:
          - {at: 3s, kill: leader, for: 3s}
          - {at: 9s, isolate: leader, for: 3s}
        expect: [lost_updates: 0, invariants, converged: {within: 20s}]
        """
    }

    @Test(arguments: ["list", "register"], ["read-index", "lease"])
    func oneOrderExplainsEveryAnswer(_ value: String, _ reads: String) throws {
        for seed in 1...2 as ClosedRange<UInt64> {
            let run = try Played(Self.scenario(value: value, reads: reads), seed: seed)
            #expect(run.end.isComplete)
            let replay = TransactionReplay(run.contents)
            #expect(replay.problems == [], "seed \(seed)")
            #expect(replay.count > 500, "seed \(seed)")
            // Some were asked again, and some of those had been carried out.
            #expect(run.history.contains { $0.outcome == .ok && $0.attempts > 1 })
            #expect(run.contents.events.compactMap(Convergence.init).last?.converged == true)
        }
    }

    @Test func whatNoOrderExplainsIsFound() throws {
        let run = try Played(Self.scenario(value: "list"), seed: 1)
        var contents = run.contents
        let places = contents.history.indices.filter { place in
            let operation = contents.history[place]
            return operation.outcome == .ok
                && operation.steps.contains { $0.value.tokens.count > 4 }
        }
        var found = 0
        for place in places.prefix(200) {
            let operation = contents.history[place]
            var changed = operation
            changed.value = .transaction(
                operation.steps.map { step in
                    guard case .list(let elements) = step.value else { return step }
                    return MicroOperation(.read, step.key, .list(Array(elements.dropLast(3))))
                })
            contents.history[place] = changed
            if !TransactionReplay(contents).problems.isEmpty { found += 1 }
            contents.history[place] = operation
        }
        // What was appended meanwhile may be seen or not.
        #expect(found > places.prefix(200).count * 3 / 4, "\(found) of \(places.count)")
    }

    @Test func keysOfTransactionsAreNoKeysOfOtherOperations() throws {
        let run = try Played(
            Self.scenario(value: "register", operations: "{read: 30%, cas: 30%, txn: 40%}"))
        let single = Set(run.history.compactMap(\.key))
        let shared = Set(run.history.flatMap(\.steps).map(\.key))
        #expect(!single.isEmpty && !shared.isEmpty && single.isDisjoint(with: shared))
        #expect(run.history.allSatisfy { ($0.function == .txn) == ($0.key == nil) })
        #expect(TransactionReplay(run.contents).problems == [])
    }

    @Test(arguments: ["0%", "50%", "100%"])
    func aCoreShowsByTransactionsThatItServes(_ read: String) throws {
        let run = try Played(
            """
            name: core
            duration: 5s
            topology: {regions: [us-east-1, eu-west-1, ca-central-1]}
            data_types: {default: {value: list}}
            workload: {clients: 1, rate: 10/s, operations: {txn: 100%}, txn: {read: \(read)}}
            faults: [{at: 1s, isolate: us-east-1}, {at: 1s, kill: ca-central-1}]
            liveness: {core: [us-east-1, eu-west-1], from: 4s, within: 10s}
            """)
        let outcome = run.contents.events.compactMap(LivenessOutcome.init).last
        #expect(outcome?.missing == [])
        #expect(outcome?.served != nil)
    }

    @Test func listsStayShort() throws {
        let run = try Played(Self.scenario(value: "list"))
        let lengths = run.history.flatMap(\.steps).map(\.value.tokens.count)
        #expect(lengths.max() == 16)
    }

    /// What is not known to have taken effect is recorded without what it read.
    @Test func readsWithoutAnAnswerAreNull() throws {
        let run = try Played(Self.scenario(value: "list", timeout: "500ms"))
        let open = run.history.filter { $0.outcome != .ok }
        #expect(!open.isEmpty)
        for step in open.flatMap(\.steps) where step.function == .read {
            #expect(step.value == .null)
        }
    }
}
