import Conduct
import Determinism
import Recording
import Reporting
import Scenarios
import Simulation
import Testing

/// Traces of runs in virtual time: that they say what happened, and change nothing.
@Suite struct TraceTests {
    static let outage = """
        name: outage
        seed: 3
        duration: 6s
        topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
        replication: {strategy: raft, preferred_leader: us-east-1}
        workload: {clients: 1, rate: 10/s, operations: {read: 50%, write: 50%}, keys: {count: 9}}
        faults:
          - {at: 2s, isolate: us-east-1, for: 2s}
        expect: [linearizable]
        """

    @Test func aTraceChangesNothing() throws {
        let plan = try plan(Self.outage)
        let with = try traced(plan)
        let memory = RecordMemory()
        _ = try VirtualEngine(plan: plan, strategies: strategies, record: memory).run()
        let without = contents(memory, plan)
        #expect(without.events == with.events)
        let again = try traced(plan)
        #expect(again.rows == with.rows)
    }

    @Test func messagesTakeTheirTime() throws {
        let rows = try traced(try plan(Self.outage)).rows
        #expect(rows.map(\.sent) == rows.map(\.sent).sorted())
        let crossing = rows.filter {
            $0.from == "us-east-1" && $0.to == "eu-central-1" && !$0.wasHeld
                && $0.sent > .zero && $0.sent < .zero + .seconds(1)
        }
        try #require(crossing.count > 20)
        for row in crossing {
            // Half the round trip of the matrix, and what the processor has to do before.
            let time = try #require(row.received) - row.sent
            #expect(time >= .milliseconds(40) && time < .milliseconds(60), "\(row)")
        }
        let counts = Dictionary(grouping: rows, by: \.kind).mapValues(\.count)
        #expect((counts[.request] ?? 0) >= 100)
        #expect((counts[.reply] ?? 0) > 100)
    }

    @Test func whatAPartitionHoldsIsMarked() throws {
        let rows = try traced(try plan(Self.outage)).rows
        let held = rows.filter(\.wasHeld).filter { $0.sent > .zero }
        #expect(!held.isEmpty)
        #expect(held.allSatisfy { $0.kind == .message && [$0.from, $0.to].contains("us-east-1") })
        #expect(
            held.allSatisfy {
                $0.received.map { $0 >= .zero + .seconds(4) } ?? true
            })
        let crossed = rows.filter {
            $0.from == "us-east-1" && $0.kind == .message && $0.received != nil
                && $0.sent > .zero + .milliseconds(2_100)
                && $0.sent < .zero + .milliseconds(3_900)
        }
        #expect(crossed.allSatisfy { $0.wasHeld })
    }

    @Test func messagesSpeakTheProtocolsLanguage() throws {
        let rows = try traced(try plan(Self.outage)).rows
        let says = rows.map(\.says)
        for beginning in [
            "append term 1, entr", "append term 1 → matches to ", "vote term 2, log ends with 1.",
            "vote term 2 → granted", "heartbeat term 1, commit ", "read k", "write k", "pass on #",
        ] {
            #expect(says.contains { $0.hasPrefix(beginning) }, "\(beginning)")
        }
        #expect(!says.contains { $0.contains("RaftMessage") })
        let reply = try #require(rows.first { $0.kind == .reply && $0.says.hasPrefix("write") })
        #expect(reply.to.hasPrefix("clients of "))
        #expect(reply.says.hasSuffix("→ done"), "\(reply.says)")
    }

    @Test func theEventualStrategySpeaks() throws {
        let plan = try plan(
            """
            name: eventual
            duration: 6s
            topology: {regions: [us-east-1, eu-central-1]}
            replication: {strategy: eventual, anti_entropy: 1s}
            workload: {clients: 1, rate: 10/s, operations: {write: 100%}, keys: {count: 3}}
            """)
        let says = try traced(plan).rows.map(\.says)
        for beginning in ["writes 1: k", "writes 1 → durable", "hello, knows", "compare "] {
            #expect(says.contains { $0.hasPrefix(beginning) }, "\(beginning)")
        }
        #expect(!says.contains { $0.contains("EventualMessage") })
    }

    // MARK: Selection and rendering

    @Test func aSelectionIsOfATimeAndOfNames() throws {
        let (rows, events) = try traced(try plan(Self.outage))
        let from = Instant.zero + .seconds(2)
        let until = Instant.zero + .seconds(3)
        let choice = TraceSelection.Choice(
            from: from, until: until, names: ["eu-central-1"], hasKeepAlives: false)
        let selection = TraceSelection(rows, events: events, choice)
        try #require(!selection.rows.isEmpty)
        for row in selection.rows {
            #expect(row.from == "eu-central-1" || row.to == "eu-central-1")
            #expect(row.sent <= until && (row.received ?? row.sent) >= from)
            #expect(!row.isKeepAlive)
        }
        #expect(selection.events.allSatisfy { $0.time >= from && $0.time <= until })
        #expect(selection.events.contains { $0.kind == .faultStarted })
        #expect(selection.faults.map(\.id) == ["f1"])
        #expect(selection.leftOut == 0 && selection.remark == nil)
        var limited = choice
        limited.limit = 5
        let five = TraceSelection(rows, events: events, limited)
        #expect(five.rows == Array(selection.rows.prefix(5)))
        #expect(five.leftOut == selection.rows.count - 5)
        #expect(five.remark?.hasPrefix("\(five.leftOut) more messages left out") == true)
    }

    @Test func theTextHasEveryRowAndEvent() throws {
        let (rows, events) = try traced(try plan(Self.outage))
        let selection = TraceSelection(rows, events: events, TraceSelection.Choice())
        let lines = TraceText(selection).lines
        #expect(lines.count == 1 + selection.rows.count + selection.events.count)
        #expect(lines.contains { $0.contains("── fault f1 strikes: isolate us-east-1") })
        #expect(lines.contains { $0.contains("── fault f1 ends") })
        #expect(lines.contains { $0.contains("leader elected (default, term 2)") })
        #expect(lines.contains { $0.contains("[was held]") })
    }

    @Test func theDiagramHasEveryArrow() throws {
        let (rows, events) = try traced(try plan(Self.outage))
        let choice = TraceSelection.Choice(from: .zero + .seconds(2), limit: 60)
        let selection = TraceSelection(rows, events: events, choice)
        let participants = ["us-east-1", "eu-central-1", "ap-northeast-1"].flatMap {
            [$0, TraceRow.clients(of: $0)]
        }
        let svg = SequenceDiagram(
            selection, participants: participants, title: "<outage> & more"
        ).svg
        func count(_ part: String) -> Int {
            svg.split(separator: part, omittingEmptySubsequences: false).count - 1
        }
        #expect(count("<text class=\"says\"") == 60)
        #expect(count("<rect class=\"fault\"") == 1)
        #expect(svg.contains("&lt;outage&gt; &amp; more"))
        let lost = selection.rows.count { $0.received == nil && !$0.wasHeld }
        let held = selection.rows.count { $0.wasHeld }
        // One of each is in the legend.
        #expect(count("<path class=\"lost\"") == lost + 1)
        #expect(count("<path class=\"held\"") == held + 1)
        #expect(held > 0)
    }
}
