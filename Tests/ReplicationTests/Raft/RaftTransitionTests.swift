import Determinism
import Testing

@testable import Replication

/// That each transition that the strategy publishes can happen, and is counted.
@Suite struct RaftTransitionTests {
    /// What happens in random runs with faults of all kinds.
    private static func inRandomRuns() throws -> Set<String> {
        let variants: [[String: OptionValue]] = [
            ["session_timeout": .duration(.milliseconds(700))], ["prevote": .toggle(false)],
            ["reads": .choice("lease")],
            ["reads": .choice("local"), "check_quorum": .toggle(false)],
        ]
        var seen: Set<String> = []
        for seed in 1...24 as ClosedRange<UInt64> {
            var search = RaftSearch(options: variants[Int(seed) % variants.count])
            search.options["snapshot_at"] = .size(1500)
            search.strays = 20
            search.rounds = 30
            search.faults = RaftSearch.Fault.allCases
            let run = try RaftSearchRun(search, seed: seed)
            // What the clients see is checked elsewhere; here local reads may be stale.
            _ = Findings.of { try run.run() }
            seen.formUnion(run.transitions)
        }
        return seen
    }

    @Test func eachCanHappen() throws {
        var seen = try Self.inRandomRuns()
        for probe in [
            try Self.aVoterWaitsForLeases(), try Self.aDiskLies(), try Self.aMembershipIsUndone(),
        ] {
            seen.formUnion(Self.names(probe))
        }
        let missing = Raft.strategy.transitions.filter { !seen.contains($0) }
        #expect(missing == [])
    }

    private static func names(_ probe: RaftProbe) -> Set<String> {
        var seen = TransitionsSeen()
        seen.add(probe.raft)
        return seen.names
    }

    private static func aVoterWaitsForLeases() throws -> RaftProbe {
        let probe = try RaftProbe(
            options: ["reads": .choice("lease")], records: journal(terms: [1], currentTerm: 1))
        probe.receive(voteRequest(2, last: 1, lastTerm: 1), from: 1)
        return probe
    }

    private static func aDiskLies() throws -> RaftProbe {
        let probe = try RaftProbe(3)
        probe.elect()
        probe.settle()
        probe.accept(1, by: 1)
        probe.give(.disconnected(testMember(1)))
        probe.receive(
            .appendReply(
                AppendReply(
                    term: probe.raft.term,
                    result: .rejected(
                        previous: LogIndex(1), hintIndex: .zero, hintTerm: .zero))), from: 1)
        return probe
    }

    private static func aMembershipIsUndone() throws -> RaftProbe {
        let probe = try RaftProbe(3)
        let change = LogEntry.Payload.membership(
            Membership(voters: (0..<4).map { testMember($0) }))
        probe.receive(
            .append(
                AppendRequest(
                    term: Term(2), previousIndex: .zero, previousTerm: .zero, commitIndex: .zero,
                    entries: [LogEntry(term: Term(2), time: 1, payload: change.encoded)])),
            from: 1)
        probe.receive(appendRequest(3, terms: [3]), from: 2)
        return probe
    }
}
