import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// What strategies with a leader promise of their own state.
@Suite struct LeaderInvariantTests {
    private func violations(_ fill: (inout RunBuilder) -> Void) throws -> [String] {
        var run = try RunBuilder(expect: [.invariants])
        fill(&run)
        let report = run.judge()
        let found = try #require(report.consistency.invariantViolations)
        #expect(report.expectations.first?.held == found.isEmpty)
        return found
    }

    private func event(
        _ kind: RecordedEvent.Kind, _ node: String, at: Int, _ fields: [JSONValue.Member]
    ) -> RecordedEvent {
        RecordedEvent(
            time: RunBuilder.at(at), kind: kind, node: node, group: "default", fields: fields)
    }

    private func term(_ number: Int64) -> JSONValue.Member { .init("term", .integer(number)) }

    private func ago(_ milliseconds: Int64) -> JSONValue.Member {
        .init("lease-ago", .integer(milliseconds * 1_000_000))
    }

    @Test func leadersOfDifferentTermsAreFine() throws {
        let found = try violations { run in
            run.events = [
                event(.leaderElected, "a", at: 100, [term(1)]),
                event(.leaderElected, "b", at: 200, [term(2)]),
                event(.leaderElected, "a", at: 300, [term(3)]),
            ]
            run.add(.write, .text("x"), at: 100, version: .sequence(epoch: 1, index: 3))
            run.add(.write, .text("y"), at: 300, version: .sequence(epoch: 3, index: 9))
        }
        #expect(found.isEmpty)
    }

    @Test func twoLeadersOfATerm() throws {
        let found = try violations { run in
            run.events = [
                event(.leaderElected, "a", at: 100, [term(4)]),
                event(.leaderElected, "b", at: 200, [term(4)]),
            ]
        }
        #expect(found == ["election safety: a and b both won term 4 of default"])
    }

    @Test func aLaterTermThatBeginsBeforeWhatWasAcknowledged() throws {
        let found = try violations { run in
            run.add(.write, .text("x"), at: 100, version: .sequence(epoch: 1, index: 9))
            run.add(.write, .text("y"), at: 300, version: .sequence(epoch: 2, index: 9))
        }
        #expect(found.count == 1 && found[0].hasPrefix("leader completeness: "), "\(found)")
    }

    @Test(arguments: [(100, true), (60, true), (40, false), (0, false)])
    func aLeaseThatOutlivesTheNextLeadersFirstCommit(_ held: Int, _ breaks: Bool) throws {
        // The next leader commits 50 ms before the first one steps down, having held its lease
        // until `held` after that.
        let found = try violations { run in
            run.events = [
                event(.leaderElected, "a", at: 0, [term(1)]),
                event(.leaderElected, "b", at: 940, [term(2)]),
                event(.leaderEstablished, "b", at: 950, [term(2)]),
                event(.leaderSteppedDown, "a", at: 1000, [term(2), ago(Int64(100 - held))]),
            ]
        }
        #expect(found.isEmpty != breaks, "\(found)")
    }

    @Test(arguments: [(300, false), (150, true)])
    func aChangeOfMembersBeforeTheFirstCommit(_ proposed: Int, _ breaks: Bool) throws {
        let found = try violations { run in
            run.events = [
                event(.leaderElected, "a", at: 100, [term(4)]),
                event(.membershipProposed, "a", at: proposed, [term(4)]),
                event(.leaderEstablished, "a", at: 200, [term(4)]),
                event(.leaderEstablished, "b", at: 50, [term(3)]),
            ]
        }
        #expect(found.isEmpty != breaks, "\(found)")
    }

    @Test func whatTheConductSawIsCounted() throws {
        let found = try violations { run in
            run.events = [
                StateDiverged(
                    time: .zero, group: "default", position: 7, node: "a", digest: "01",
                    other: "b", otherDigest: "02"
                ).event,
                TermWentBack(time: .zero, group: "default", node: "c", from: 5, to: 4).event,
                event(.memberLostEntries, "a", at: 5, [.init("member", .text("b"))]),
            ]
        }
        #expect(found.count == 3)
        #expect(found.first?.contains("up to position 7, a held 01 and b 02") == true)
    }
}
