import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// Values that are merged, held against the updates that they say they know.
@Suite struct MergedValueTests {
    /// A run of one data type whose values are merged.
    private struct Run {
        var builder: RunBuilder
        private var time = 100

        init(_ type: ValueType, _ rule: String) throws {
            let options = StrategyOptions([
                "resolve": .choice("merge"), "merge": .choice(rule),
            ])
            builder = try RunBuilder(
                expect: [.invariants],
                dataTypes: [
                    DataTypeSpec(
                        name: "data",
                        replication: ReplicationSpec(strategy: "eventual", options: options),
                        value: type)
                ])
        }

        /// Adds an update that was taken in as `version` at the member that it names.
        mutating func update(
            _ function: HistoryFunction, _ value: HistoryValue, _ version: Version?,
            _ outcome: HistoryOperation.Outcome = .ok
        ) {
            time += 100
            builder.add(
                function, value, at: time, outcome, version: version, dataType: "data")
        }

        /// Adds a read that reflects `known` and, last, `version`.
        mutating func read(_ value: HistoryValue, _ version: Version) {
            time += 100
            let index = builder.add(.read, value, at: time, version: version, dataType: "data")
            builder.history[index].context = version.knowledge
        }

        mutating func final(_ value: HistoryValue, _ version: Version) {
            builder.addFinal(version, value, dataType: "data")
        }

        var report: Report { builder.judge() }
        /// What breaks an invariant, but that the values at the end are not those of clients.
        var violations: [String] {
            (report.consistency.invariantViolations ?? []).filter { !$0.hasPrefix("integrity") }
        }
    }

    private func tokens(_ tokens: String...) -> HistoryValue { .list(tokens: tokens) }

    @Test func aCounterIsTheSumOfWhatItKnows() throws {
        func run(_ reading: Int64) throws -> Run {
            var run = try Run(.counter, "sum")
            run.update(.increment, .integer(5), dot(0, 1))
            run.update(.increment, .integer(7), dot(1, 1))
            run.update(.increment, .integer(100), nil, .info)
            run.final(.integer(reading), dot(1, 1, seen: [(0, 1)]))
            return run
        }
        for reading in [12, 112] as [Int64] {
            #expect(try run(reading).violations == [])
            #expect(try run(reading).report.consistency.lostUpdates == 0)
        }
        for reading in [5, 0, 113] as [Int64] {
            #expect(try run(reading).violations.count == 1)
            #expect(try run(reading).report.consistency.lostUpdates == 1)
        }
    }

    @Test func aReadShowsNoMoreThanItKnows() throws {
        var run = try Run(.counter, "sum")
        run.update(.increment, .integer(5), dot(0, 1))
        run.update(.increment, .integer(7), dot(1, 1))
        run.read(.integer(5), dot(0, 1))
        #expect(run.violations == [])
        run.read(.integer(12), dot(0, 1))
        #expect(run.violations.first?.contains("is 12, and the increments") == true)
    }

    @Test func whoAddsWhileAnotherRemovesWinsByTheRule() throws {
        func run(_ rule: String, _ shown: HistoryValue) throws -> Run {
            var run = try Run(.set, rule)
            run.update(.add, .text("x"), dot(0, 1))
            run.update(.add, .text("x"), dot(0, 2, seen: [(0, 1)]))
            run.update(.remove, .text("x"), dot(1, 1, seen: [(0, 1)]))
            run.final(shown, dot(1, 1, seen: [(0, 2)]))
            return run
        }
        #expect(try run("add-wins", tokens("x")).violations == [])
        #expect(try run("remove-wins", tokens()).violations == [])
        let lacking = try run("add-wins", tokens())
        #expect(lacking.violations.first?.contains("lacks x") == true)
        #expect(lacking.report.consistency.lostUpdates == 1)
        let showing = try run("remove-wins", tokens("x"))
        #expect(showing.violations.first?.contains("shows x, which was removed") == true)
        #expect(showing.report.consistency.lostUpdates == 1)
    }

    @Test func aRemoveOfUnknownOutcomeExcusesWhatIsMissing() throws {
        var run = try Run(.set, "add-wins")
        run.update(.add, .text("x"), dot(0, 1))
        run.update(.remove, .text("x"), nil, .info)
        run.final(tokens(), dot(0, 1))
        #expect(run.violations == [])
        #expect(run.report.consistency.lostUpdates == 0)
    }

    @Test func whatWasRemovedDoesNotComeBack() throws {
        var run = try Run(.set, "add-wins")
        run.update(.add, .text("x"), dot(0, 1))
        run.update(.remove, .text("x"), dot(1, 1, seen: [(0, 1)]))
        run.final(tokens("x"), dot(1, 1, seen: [(0, 1)]))
        #expect(run.violations.first?.contains("shows x, which was removed") == true)
        run = try Run(.set, "add-wins")
        run.update(.add, .text("x"), dot(0, 1))
        run.final(tokens("x", "y"), dot(0, 1))
        #expect(run.violations.first?.contains("which no update that it knows added") == true)
    }

    @Test func anUpdateThatNobodyKnowsIsLost() throws {
        var run = try Run(.set, "add-wins")
        run.update(.add, .text("x"), dot(0, 1))
        run.update(.add, .text("y"), dot(1, 1))
        run.final(tokens("x"), dot(0, 1))
        #expect(run.violations == [])
        #expect(run.report.consistency.lostUpdates == 1)
    }

    @Test func aListKeepsWhatFollowedWhat() throws {
        func run(_ shown: HistoryValue) throws -> Run {
            var run = try Run(.list, "growable-array")
            run.update(.append, .text("x"), dot(0, 1))
            run.update(.append, .text("y"), dot(1, 1, seen: [(0, 1)]))
            run.update(.append, .text("z"), dot(2, 1))
            run.final(shown, dot(1, 1, seen: [(0, 1), (2, 1)]))
            return run
        }
        #expect(try run(tokens("z", "x", "y")).violations == [])
        #expect(try run(tokens("x", "y", "z")).violations == [])
        #expect(try run(tokens("y", "x", "z")).violations.first?.contains("before") == true)
        #expect(try run(tokens("x", "y", "y", "z")).violations.first?.contains("twice") == true)
        #expect(try run(tokens("x", "y")).report.consistency.lostUpdates == 1)
    }

    @Test func aMapShowsTheLastOfWhatStands() throws {
        func run(_ shown: HistoryValue) throws -> Run {
            var run = try Run(.map, "update-wins")
            run.update(.add, .text("f1=x"), dot(0, 1, wall: 1))
            run.update(.add, .text("f1=y"), dot(1, 1, seen: [(0, 1)], wall: 2))
            run.update(.remove, .text("f1"), dot(2, 1, seen: [(0, 1)], wall: 3))
            run.update(.add, .text("f2=z"), dot(0, 2, wall: 4))
            run.final(shown, dot(0, 2, seen: [(1, 1), (2, 1)]))
            return run
        }
        #expect(try run(tokens("f1=y", "f2=z")).violations == [])
        #expect(try run(tokens("f2=z")).violations.first?.contains("lacks f1") == true)
        #expect(try run(tokens("f1=x", "f2=z")).violations.first?.contains("f1=y") == true)
    }

    @Test(arguments: [("max", "c"), ("min", "a"), ("last-writer", "b")])
    func aRegisterShowsWhatItsRuleSays(_ rule: String, _ right: String) throws {
        for shown in ["a", "b", "c", "d"] {
            var run = try Run(.register, rule)
            run.update(.write, .text("a"), dot(0, 1, wall: 1))
            run.update(.write, .text("c"), dot(1, 1, wall: 2))
            run.update(.write, .text("b"), dot(2, 1, wall: 3))
            run.final(.text(shown), dot(2, 1, seen: [(0, 1), (1, 1)]))
            #expect(run.violations.isEmpty == (shown == right), "\(rule) \(shown)")
        }
    }

    @Test func aMemberDoesNotForget() throws {
        var run = try Run(.counter, "sum")
        run.update(.increment, .integer(5), dot(0, 1))
        run.update(.increment, .integer(7), dot(1, 1))
        run.read(.integer(12), dot(1, 1, seen: [(0, 1)]))
        run.read(.integer(5), dot(0, 1))
        for index in run.builder.history.indices { run.builder.history[index].servedBy = "a" }
        #expect(run.violations.first?.contains("knows less of key k") == true)
    }

    @Test func concurrentUpdatesAreMergedAndNotDiscarded() throws {
        var run = try Run(.counter, "sum")
        run.update(.increment, .integer(5), dot(0, 1))
        run.update(.increment, .integer(7), dot(1, 1))
        run.final(.integer(12), dot(1, 1, seen: [(0, 1)]))
        run.builder.addEvent(
            .conflictResolved, at: 400, node: "a", group: "data",
            [
                "key": .text("k"), "winner": .text(VersionText.text(dot(1, 1))),
                "loser": .text(VersionText.text(dot(0, 1))), "rule": .text("merge"),
            ])
        let conflicts = run.report.consistency.conflicts
        #expect(conflicts.resolved.map(\.rule) == ["merge"])
        #expect(conflicts.resolved.map(\.count) == [1])
        #expect(conflicts.discardedConcurrent == 0)
        #expect(run.report.consistency.lostUpdates == 0)
    }
}

extension Version {
    /// All that whoever shows this version knows.
    fileprivate var knowledge: VersionVector {
        guard case .causal(let dot, var context, _) = self else { return VersionVector() }
        context[dot.member] = max(context[dot.member], dot.counter)
        return context
    }
}
