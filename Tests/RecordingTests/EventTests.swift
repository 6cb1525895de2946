import Determinism
import Recording
import Replication
import Testing

@Suite struct EventTests {
    private let time = Instant(nanoseconds: 5_000_000)

    @Test func everyTypedEventReadsBack() {
        let started = FaultStarted(
            time: time, id: "f1", kind: "isolate", targets: ["a", "b"],
            leadersTaken: [.init(group: "g", node: "a/a/1")], homesTaken: ["a"])
        #expect(FaultStarted(started.event) == started)
        let ended = FaultEnded(time: time, id: "f1")
        #expect(FaultEnded(ended.event) == ended)
        let evidence = FaultEvidence(
            time: time, id: "f1", hadEffect: true, evidence: [.init("frames_held", .integer(812))])
        #expect(FaultEvidence(evidence.event) == evidence)
        let converged = FaultConverged(time: time, id: "f1", after: .milliseconds(450))
        #expect(FaultConverged(converged.event) == converged)
        for agrees in [true, false] {
            let end = Convergence(
                time: time, converged: agrees, after: .milliseconds(12.5),
                digests: [.init(group: "g", node: "a/a/1", digest: "ff")], leftOut: ["b/a/1"])
            #expect(Convergence(end.event) == end)
        }
        let totals = NetworkTotals(
            time: time, messages: 1, bytes: 2, crossRegionBytes: 3,
            delayError: MillisecondQuantiles(p50: 0.1, p99: 0.4, max: 2))
        #expect(NetworkTotals(totals.event) == totals)
        let lag = HarnessLag(time: time, lag: MillisecondQuantiles(p50: 0.1, p99: 1.2, max: 2))
        #expect(HarnessLag(lag.event) == lag)
    }

    @Test func oneIsNotTakenForAnother() {
        let ended = FaultEnded(time: time, id: "f1").event
        #expect(FaultStarted(ended) == nil)
        #expect(FaultEvidence(ended) == nil)
        #expect(FaultConverged(ended) == nil)
        #expect(Convergence(ended) == nil)
        #expect(NetworkTotals(ended) == nil)
        #expect(HarnessLag(ended) == nil)
        #expect(ConflictMet(ended) == nil)
        #expect(FaultEnded(HarnessLag(time: time, lag: .zero).event) == nil)
    }

    @Test func notesBecomeEvents() {
        let node = NodeID(region: RegionID(index: 1))
        let version = Version.sequence(epoch: 2, index: 9)
        let note = Note(
            .conflictResolved,
            [
                .init("key", .key(Key("k"))), .init("winner", .version(version)),
                .init("loser", .text("1.2")), .init("rule", .text("last-writer-wins")),
                .init("by", .member(MemberID(node, incarnation: 2))), .init("count", .number(4)),
                .init("late", .flag(false)),
            ])
        let event = RecordedEvent(
            note, time: time, node: node, group: "cart", region: "b", name: { _ in "b/a/1" })
        #expect(event.node == "b/a/1")
        #expect(event["by"] == .text("b/a/1#2"))
        #expect(event["count"] == .integer(4))
        #expect(event["late"] == .flag(false))
        let conflict = ConflictMet(event)
        #expect(conflict?.winner == "2.9")
        #expect(conflict?.loser == "1.2")
        #expect(conflict?.group == "cart")
        #expect(conflict?.rule == "last-writer-wins")
    }

    @Test func conflictsThatWereKeptHaveOneForm() {
        func kept(_ first: String, _ second: String) -> ConflictMet? {
            ConflictMet(
                RecordedEvent(
                    time: time, kind: .conflictKept, group: "g",
                    fields: [
                        .init("key", .text("k")), .init("first", .text(first)),
                        .init("second", .text(second)),
                    ]))
        }
        #expect(kept("a", "b") == kept("b", "a"))
        #expect(kept("a", "b")?.rule == nil)
    }
}
