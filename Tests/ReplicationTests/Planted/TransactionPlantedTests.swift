#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// Mistakes that only transactions show: the shortest script for each, and a random run.
    @Suite struct TransactionPlantedTests {
        typealias Step = Replication.Operation.MicroOperation

        /// What the last of some transactions, all asked at once and each with its sequence,
        /// answers.
        private func lastAnswer(
            _ transactions: [(sequence: UInt64, steps: [Step])], atOnce: Bool
        ) throws -> ClientReply.Outcome? {
            let group = try RaftCluster(3, valueType: .list)
            let leader = try group.awaitLeader()
            let session = try group.openSession(at: leader)
            var last: UInt64 = 0
            for (sequence, steps) in transactions {
                last = group.submit(
                    leader, .transaction(steps), key: "", session: session, sequence: sequence)
                if !atOnce { group.cluster.run(for: .seconds(1)) }
            }
            group.cluster.run(for: .seconds(1))
            return group.cluster.replies[last]?.reply.outcome
        }

        private func read(_ key: String) -> Step { Step(.read, Key(key)) }
        private func append(_ text: String, to key: String) -> Step {
            Step(.append(bytes(text)), Key(key))
        }
        private func seen(_ texts: String...) -> ClientReply.Outcome {
            .transaction(reads: [texts.isEmpty ? nil : .list(texts.map(bytes))])
        }

        @Test("Another transaction comes between its reads and its writes")
        func notAtomic() throws {
            let script =
                [
                    (1, [append("a", to: "x")]), (2, [read("x"), append("b", to: "x")]),
                ] as [(UInt64, [Step])]
            #expect(
                try PlantedBug.planting(.transactionNotAtomic) {
                    try lastAnswer(script, atOnce: true)
                }
                    == seen())
            #expect(
                try PlantedBug.planting(nil) { try lastAnswer(script, atOnce: true) }
                    == seen("a"))
        }

        @Test("One of its appends is missing")
        func partlyApplied() throws {
            let script =
                [
                    (1, [append("a", to: "x"), append("b", to: "x")]), (2, [read("x")]),
                ] as [(UInt64, [Step])]
            #expect(
                try PlantedBug.planting(.transactionPartlyApplied) {
                    try lastAnswer(script, atOnce: false)
                }
                    == seen("b"))
            #expect(
                try PlantedBug.planting(nil) { try lastAnswer(script, atOnce: false) }
                    == seen("a", "b"))
        }

        @Test("A repeat is answered with what the first attempt wrote")
        func readAgain() throws {
            let steps = [read("x"), append("a", to: "x")]
            let script = [(1, steps), (1, steps)] as [(UInt64, [Step])]
            #expect(
                try PlantedBug.planting(.transactionReadAgain) {
                    try lastAnswer(script, atOnce: false)
                }
                    == seen("a"))
            #expect(
                try PlantedBug.planting(nil) { try lastAnswer(script, atOnce: false) }
                    == seen())
        }

        static let bugs: [PlantedBug] = [
            .transactionNotAtomic, .transactionPartlyApplied, .transactionReadAgain,
        ]

        @Test(arguments: bugs)
        func randomRunsFindIt(_ bug: PlantedBug) throws {
            var found: UInt64?
            for seed in 1...8 as ClosedRange<UInt64> where found == nil {
                let problems = try PlantedBug.planting(bug) {
                    try TransactionRun(seed: seed).problems()
                }
                if let first = problems.first {
                    print("planted \(bug.rawValue): seed \(seed), \(first)")
                    found = seed
                }
            }
            #expect(found != nil)
        }
    }
#endif
