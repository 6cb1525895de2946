import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// What strategies with causal versions promise of their own state.
@Suite struct CausalInvariantTests {
    private static func member(_ region: UInt16, life: UInt32 = 0) -> MemberID {
        MemberID(NodeID(region: RegionID(index: region)), incarnation: life)
    }

    private static func vector(_ dots: [Dot]) -> VersionVector {
        var result = VersionVector()
        for dot in dots { result[dot.member] = max(result[dot.member], dot.counter) }
        return result
    }

    private static let a1 = Dot(member: member(0), counter: 1)
    private static let a2 = Dot(member: member(0), counter: 2)
    private static let b1 = Dot(member: member(1), counter: 1)

    /// Adds an answered operation at `node`.
    private func add(
        _ run: inout RunBuilder, _ function: HistoryFunction, _ value: HistoryValue,
        _ dot: Dot, over past: [Dot] = [], reflects context: [Dot]? = nil, at: Int,
        by client: UInt64 = 1, node: String = "a", key: String = "k"
    ) {
        let index = run.add(
            function, value, key: key, at: at,
            version: .causal(dot: dot, context: Self.vector(past), timestamp: .zero))
        run.history[index].servedBy = node
        run.history[index].client = client
        run.history[index].context = Self.vector(
            context ?? (function == .read ? past + [dot] : past))
    }

    private func violations(_ run: RunBuilder) -> [String] {
        run.judge().consistency.invariantViolations ?? []
    }

    private func run() throws -> RunBuilder { try RunBuilder(expect: [.invariants]) }

    @Test func whatIsInOrderBreaksNothing() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.a1, at: 100)
        add(&run, .read, .text("x"), Self.a1, at: 200)
        add(&run, .write, .text("y"), Self.b1, over: [Self.a1], at: 300, node: "b")
        add(&run, .read, .text("x"), Self.a1, at: 400)
        add(&run, .read, .text("y"), Self.b1, over: [Self.a1], at: 500)
        #expect(violations(run).isEmpty)
    }

    @Test func aDotNamesOneWrite() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.a1, at: 100)
        add(&run, .write, .text("y"), Self.a1, at: 200, key: "l")
        #expect(violations(run).count == 1)
        #expect(violations(run).first?.contains("one dot names two writes: 0.0.1:1") == true)
    }

    @Test func aReadReflectsWhatItShows() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.a1, at: 100)
        add(&run, .read, .text("x"), Self.a1, reflects: [], at: 200, by: 2)
        #expect(violations(run).count == 1)
    }

    @Test func aWriteSupersedesWhatItsClientWasShown() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.a1, at: 100)
        add(&run, .read, .text("x"), Self.a1, at: 200, by: 2)
        add(
            &run, .write, .text("y"), Self.b1, over: [], reflects: [Self.a1], at: 300, by: 2,
            node: "b")
        #expect(violations(run).count == 1)
        // One that was shown nothing supersedes nothing.
        run.history[2].client = 3
        #expect(violations(run).isEmpty)
    }

    @Test func aMemberDoesNotShowAgainWhatItHadSuperseded() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.b1, at: 100, node: "b")
        add(&run, .delete, .null, Self.a1, over: [Self.b1], at: 200)
        add(&run, .read, .text("x"), Self.b1, at: 300, by: 2)
        #expect(violations(run).count == 1)
        // Another member may not have heard of the deletion yet.
        var other = run
        other.history[2].servedBy = "c"
        #expect(violations(other).isEmpty)
        // A read that began before may have been carried out before.
        var overlapping = run
        overlapping.history[2].invoked = RunBuilder.at(150)
        #expect(violations(overlapping).isEmpty)
        // A member that lost its disk holds what the others have.
        run.addEvent(.snapshotInstalled, at: 250, node: "a")
        #expect(violations(run).isEmpty)
    }

    @Test func neitherDoesItAtTheEnd() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.b1, at: 100, node: "b")
        add(&run, .delete, .null, Self.a1, over: [Self.b1], at: 200)
        run.addFinal(
            .causal(dot: Self.b1, context: VersionVector(), timestamp: .zero), .text("x"),
            nodes: ["a"])
        #expect(violations(run).contains { $0.contains("key k holds, at the end, 1.0.1:1") })
    }

    @Test func whoLostItsStateAnswersNobodyBeforeItHasAnother() throws {
        var run = try run()
        run.addEvent(.processEnded, at: 100, node: "a", group: nil)
        add(&run, .read, .text("x"), Self.b1, at: 200)
        run.addEvent(.snapshotInstalled, at: 300, node: "a")
        #expect(violations(run).count == 1)
        // Who was taken in anew had a state when it answered.
        run.addEvent(
            .membershipChanged, at: 250, node: "b",
            ["change": .text("added"), "member": .text("a#1")])
        #expect(violations(run).isEmpty)
    }

    @Test func whatIsHeldIsWhatWasWritten() throws {
        var run = try run()
        add(&run, .write, .text("x"), Self.a1, at: 100)
        let version = Version.causal(dot: Self.a1, context: VersionVector(), timestamp: .zero)
        var padded = [UInt8](repeating: 0, count: run.plan.workload.valueSize)
        padded[0] = UInt8(ascii: "x")
        run.addFinal(version, .text("x"))
        for place in run.final.indices {
            run.final[place].digest = FinalRow.digest(.bytes(padded))
        }
        #expect(violations(run).isEmpty)
        padded[50] = 1
        run.final[2].digest = FinalRow.digest(.bytes(padded))
        #expect(
            violations(run) == [
                "integrity: at the end c held x of key k (default), but not the bytes that clients "
                    + "wrote under that name"
            ])
        run.final[2].value = .text("z")
        #expect(violations(run).contains { $0.contains("no client wrote z there") })
    }

    @Test func whatTransactionsWroteIsKnown() throws {
        var run = try run()
        run.addTransaction([("w", "k", "x"), ("r", "l", "z")], .info, version: nil)
        var padded = [UInt8](repeating: 0, count: run.plan.workload.valueSize)
        padded[0] = UInt8(ascii: "x")
        run.addFinal(log(1, 5), nodes: ["a"])
        run.addFinal(log(1, 5), key: "l", .text("z"), nodes: ["a"])
        run.final[0].digest = FinalRow.digest(.bytes(padded))
        // What it read is not what it wrote.
        let found = violations(run)
        #expect(found.count == 1 && found[0].contains("no client wrote z there"), "\(found)")
    }
}
