import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// Acknowledged writes, conflicts and stale reads.
@Suite struct AuditTests {
    private func conflict(
        _ run: inout RunBuilder, winner: Version, loser: Version, at: Int = 0, node: String = "a"
    ) {
        run.addEvent(
            .conflictResolved, at: at, node: node,
            [
                "key": .text("k"), "winner": .text(VersionText.text(winner)),
                "loser": .text(VersionText.text(loser)), "rule": .text("last-writer-wins"),
            ])
    }

    private struct Fate: CustomTestStringConvertible {
        var name: String
        var lost: Int
        var discarded: Int
        var build: @Sendable (inout RunBuilder) -> Void
        var testDescription: String { name }
    }

    private static let fates: [Fate] = [
        Fate(name: "a write that is in the final state", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.addFinal(log(1, 5))
        },
        Fate(name: "a write that a later one in the log superseded", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.addFinal(log(2, 9))
        },
        Fate(name: "a write that is nowhere", lost: 1, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
        },
        Fate(name: "a write of which an older version is left", lost: 1, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.addFinal(log(1, 4))
        },
        Fate(name: "a write whose place a later epoch took", lost: 1, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.add(.write, .text("y"), key: "other", at: 10, version: log(2, 4))
            run.add(.write, .text("z"), at: 20, version: log(2, 9))
            run.addFinal(log(2, 4), key: "other")
            run.addFinal(log(2, 9))
        },
        Fate(name: "a write held by one member only", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.addFinal(log(1, 5), nodes: ["b"])
            run.addFinal(log(1, 3), nodes: ["a", "c"])
        },
        Fate(name: "a transaction of which every write is there", lost: 0, discarded: 0) { run in
            run.addTransaction([("append", "k", "x"), ("append", "l", "y")], version: log(1, 5))
            run.addFinal(log(1, 5))
            run.addFinal(log(1, 7), key: "l")
        },
        Fate(name: "a transaction of which one write is gone", lost: 1, discarded: 0) { run in
            run.addTransaction([("append", "k", "x"), ("append", "l", "y")], version: log(1, 5))
            run.addFinal(log(1, 5))
            run.addFinal(log(1, 4), key: "l")
        },
        Fate(name: "a transaction of which both are gone", lost: 1, discarded: 0) { run in
            run.addTransaction([("w", "k", "x"), ("w", "l", "y")], version: log(1, 5))
        },
        Fate(name: "a transaction of unknown outcome, and one of reads", lost: 0, discarded: 0) {
            run in
            run.addTransaction([("w", "k", "x")], .info, version: nil)
            run.addTransaction([("r", "k", nil)], version: nil)
        },
        Fate(name: "an unknown write that is nowhere", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, .info)
        },
        Fate(name: "a write that was deleted, the tombstone forgotten", lost: 0, discarded: 0) {
            run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.add(.delete, at: 20, version: log(1, 6))
        },
        Fate(name: "a write after the delete, gone", lost: 1, discarded: 0) { run in
            run.add(.delete, at: 0, version: log(1, 4))
            run.add(.write, .text("x"), at: 20, version: log(1, 5))
        },
        Fate(name: "a write that a delete of unknown outcome may have met", lost: 0, discarded: 0) {
            run in
            run.add(.write, .text("x"), at: 0, version: log(1, 5))
            run.add(.delete, at: 20, .info)
        },
        Fate(name: "a delete that is in the final state", lost: 0, discarded: 0) { run in
            run.add(.delete, at: 20, version: log(1, 6))
            run.addFinal(log(1, 6), .null)
        },
        Fate(name: "a delete of nothing", lost: 0, discarded: 0) { run in
            run.add(.delete, at: 20)
        },
        Fate(name: "a write that was causally superseded", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(1, 1, seen: [(0, 1)]))
        },
        Fate(name: "a concurrent write without a record of it", lost: 1, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.add(.write, .text("y"), at: 0, version: dot(1, 1))
            run.addFinal(dot(1, 1))
        },
        Fate(name: "a concurrent write that lost by the resolver", lost: 0, discarded: 1) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.add(.write, .text("y"), at: 0, version: dot(1, 1))
            run.addFinal(dot(1, 1))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1), node: "b")
        },
        Fate(name: "a loser whose winner was superseded", lost: 0, discarded: 1) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(2, 1, seen: [(1, 1)]))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
        },
        Fate(name: "a loser whose winner lost in turn", lost: 0, discarded: 1) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(2, 1))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
            Self().conflict(&run, winner: dot(2, 1), loser: dot(1, 1))
        },
        Fate(name: "a loser that a later write knew of", lost: 0, discarded: 1) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(1, 2, seen: [(0, 1), (1, 1)]))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
        },
        Fate(name: "a loser whose winner is gone too", lost: 1, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(2, 7))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
        },
        Fate(name: "a write superseded by one that lost", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(1, 1))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 2, seen: [(0, 1)]))
        },
        Fate(name: "two that won over each other and are both gone", lost: 2, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.add(.write, .text("y"), at: 0, version: dot(1, 1))
            Self().conflict(&run, winner: dot(1, 1), loser: dot(0, 1))
            Self().conflict(&run, winner: dot(0, 1), loser: dot(1, 1), node: "b")
        },
        Fate(name: "concurrent writes that were both kept", lost: 0, discarded: 0) { run in
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.add(.write, .text("y"), at: 0, version: dot(1, 1))
            run.addFinal(dot(0, 1))
            run.addFinal(dot(1, 1))
        },
    ]

    @Test(arguments: fates) private func whatBecomesOf(_ fate: Fate) throws {
        var run = try RunBuilder()
        fate.build(&run)
        let figures = run.judge().consistency
        #expect(figures.lostUpdates == fate.lost)
        #expect(figures.conflicts.discardedConcurrent == fate.discarded)
        #expect(figures.unaudited == 0)
    }

    @Test func withoutAFinalStateNothingIsSaidOfLoss() throws {
        var run = try RunBuilder(expect: [.lostUpdates(atMost: 0)])
        run.add(.write, .text("x"), at: 0, version: log(1, 5))
        run.isComplete = false
        let report = run.judge()
        #expect(report.consistency.lostUpdates == nil)
        #expect(report.expectations.first?.held == nil)
    }

    @Test func writesWithoutAVersionCannotBeAudited() throws {
        var run = try RunBuilder(expect: [.lostUpdates(atMost: 0)])
        run.add(.write, .text("x"), at: 0)
        let report = run.judge()
        #expect(report.consistency.unaudited == 1)
        #expect(report.expectations.first?.held == nil)
    }

    @Test func lossesAreLaidAtTheRightFault() throws {
        var run = try RunBuilder(faults: [kill(at: 10, for: 5), kill(at: 25, for: 5)])
        run.addFault("f1", from: 10_000, to: 15_000)
        run.addFault("f2", from: 25_000, to: 30_000)
        run.addReads(from: 0, to: 40_000)
        // 40 ms and 10 ms before the first strikes; during the second.
        run.add(.write, .text("a"), key: "1", at: 9950, version: log(1, 1))
        run.add(.write, .text("b"), key: "2", at: 9980, version: log(1, 2))
        run.add(.write, .text("c"), key: "3", at: 26_000, version: log(2, 3))
        run.add(.write, .text("d"), key: "4", at: 27_500, version: log(2, 4))
        let report = run.judge()
        #expect(report.consistency.lostUpdates == 4)
        #expect(report.faults.map(\.writesLost) == [2, 2])
        #expect(report.faults.map(\.oldestLost) == [40, 1500])
    }

    @Test func conflictsCountOnceHoweverManySeeThem() throws {
        var run = try RunBuilder()
        for node in RunBuilder.regions {
            conflict(&run, winner: dot(1, 1), loser: dot(0, 1), node: node)
        }
        conflict(&run, winner: dot(1, 2), loser: dot(0, 2))
        run.addEvent(
            .conflictKept, at: 0,
            [
                "key": .text("k"), "first": .text(VersionText.text(dot(0, 3))),
                "second": .text(VersionText.text(dot(1, 3))),
            ])
        let conflicts = run.judge().consistency.conflicts
        #expect(conflicts.detected == 3)
        #expect(conflicts.resolved.map(\.rule) == ["kept", "last-writer-wins"])
        #expect(conflicts.resolved.map(\.count) == [1, 2])
    }

    @Test func aConflictWindowLimitsWhatCounts() throws {
        var options = StrategyOptions()
        options["conflict_window"] = .duration(.seconds(1))
        let spec = DataTypeSpec(
            name: "default", replication: ReplicationSpec(strategy: "eventual", options: options))
        var run = try RunBuilder(dataTypes: [spec])
        conflict(&run, winner: dot(1, 1, wall: 900_000_000), loser: dot(0, 1))
        conflict(&run, winner: dot(1, 2, wall: 1_100_000_000), loser: dot(0, 2))
        #expect(run.judge().consistency.conflicts.detected == 1)
    }

    @Test func pastTheConflictWindowTheLaterWriteWonUnrecorded() throws {
        var options = StrategyOptions()
        options["conflict_window"] = .duration(.seconds(1))
        let spec = DataTypeSpec(
            name: "default", replication: ReplicationSpec(strategy: "eventual", options: options))
        for (wall, lost) in [(1_100_000_000, 0), (900_000_000, 1)] as [(Int64, Int)] {
            var run = try RunBuilder(dataTypes: [spec])
            run.add(.write, .text("x"), at: 0, version: dot(0, 1))
            run.addFinal(dot(1, 1, wall: wall))
            let figures = run.judge().consistency
            #expect(figures.lostUpdates == lost)
            #expect(figures.conflicts.discardedConcurrent == 1 - lost)
        }
    }

    // MARK: Staleness

    @Test func aReadOfWhatWasOverwrittenIsStale() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: log(1, 1))
        run.add(.write, .text("y"), at: 100, version: log(1, 2))
        run.add(.write, .text("z"), at: 200, version: log(1, 3))
        run.add(.read, .text("x"), at: 500, version: log(1, 1))
        run.add(.read, .text("z"), at: 500, version: log(1, 3))
        let figures = run.judge().consistency.staleness
        #expect(figures.reads == 2)
        #expect(figures.staleReads == 1)
        // Acknowledged at 110, read at 500.
        #expect(figures.age == MillisecondQuantiles(p50: 0, p99: 390, max: 390))
        #expect(figures.versionsBehind.max == 2)
    }

    @Test func aReadThatBeganBeforeTheAcknowledgementIsFresh() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: log(1, 1))
        run.add(.write, .text("y"), at: 100, taking: 50, version: log(1, 2))
        run.add(.read, .text("x"), at: 149, version: log(1, 1))
        #expect(run.judge().consistency.staleness.staleReads == 0)
    }

    @Test func aConcurrentWriteMakesNothingStale() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: dot(0, 1))
        run.add(.write, .text("y"), at: 100, version: dot(1, 1))
        run.add(.read, .text("x"), at: 500, version: dot(0, 1))
        #expect(run.judge().consistency.staleness.staleReads == 0)
    }

    @Test func aCausallySupersededVersionIsStale() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: dot(0, 1))
        run.add(.write, .text("w"), at: 50, version: dot(2, 1))
        run.add(.write, .text("y"), at: 100, version: dot(1, 1, seen: [(0, 1)]))
        run.add(.write, .text("z"), at: 200, version: dot(0, 2, seen: [(0, 2), (1, 1)]))
        run.add(.read, .text("x"), at: 500, version: dot(0, 1))
        run.add(.read, .text("z"), at: 500, version: dot(0, 2, seen: [(0, 2), (1, 1)]))
        let figures = run.judge().consistency.staleness
        #expect(figures.staleReads == 1)
        #expect(figures.age.max == 390)
        #expect(figures.versionsBehind.max == 2)
    }

    @Test func ofSeveralValuesTheOldestCounts() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: dot(0, 1))
        run.add(.write, .text("y"), at: 0, version: dot(1, 1))
        run.add(.write, .text("z"), at: 100, version: dot(0, 2, seen: [(0, 1)]))
        run.add(.read, .list(["x", "y"]), at: 500, version: dot(1, 1))
        #expect(run.judge().consistency.staleness.staleReads == 1)
    }

    @Test func absenceIsStaleUnlessADeleteExplainsIt() throws {
        func stale(_ build: (inout RunBuilder) -> Void) throws -> Int {
            var run = try RunBuilder()
            run.add(.write, .text("x"), at: 0, version: log(1, 1))
            build(&run)
            run.add(.read, at: 500)
            return run.judge().consistency.staleness.staleReads
        }
        #expect(try stale { _ in } == 1)
        #expect(try stale { $0.add(.delete, at: 100, version: log(1, 2)) } == 0)
        #expect(try stale { $0.add(.delete, at: 100, .info) } == 0)
        #expect(
            try stale { run in
                run.add(.delete, at: 100, version: log(1, 2))
                run.add(.write, .text("y"), at: 200, version: log(1, 3))
            } == 1)
        #expect(try stale { $0.add(.delete, at: 600, .info) } == 1)
    }

    @Test func readsOfOtherKeysHaveNothingToDoWithIt() throws {
        var run = try RunBuilder()
        run.add(.write, .text("x"), at: 0, version: log(1, 1))
        run.add(.read, key: "other", at: 500)
        #expect(run.judge().consistency.staleness.staleReads == 0)
    }
}
