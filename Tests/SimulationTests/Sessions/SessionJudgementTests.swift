import Determinism
import Judgement
import Recording
import Scenarios
import Testing

/// What reports say of sessions where it is easy to be wrong: after refusals, in logs that were cut
/// off, of nodes that know nothing.
struct SessionJudgementTests {
    private func judged(_ yaml: String) throws -> (report: Report, figures: SessionFigures) {
        let played = try Played(yaml)
        let report = Judge.judge(played.contents, plan: played.plan)
        return (report, try #require(report.sessions))
    }

    /// A node that refuses a token as over says nothing of the token that replaced it meanwhile.
    @Test func aRefusalDoesNotEndTheNextToken() throws {
        let (report, figures) = try judged(
            """
            name: paused
            duration: 25s
            topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
            data_types: {session: {strategy: eventual}}
            services: {sessions: {data_type: session, access: 2s, duration: 20s}}
            workload:
              rate: 60/s
              operations: {login: 5%, validate: 75%, refresh: 20%}
              sessions: {users: 60, roaming: 50%}
            faults:
              - {at: 5s, pause: ap-northeast-1, for: 3s}
              - {at: 12s, pause: us-east-1, for: 3s}
              - {at: 18s, pause: eu-central-1, for: 3s}
            expect: [{expired_validations: 0}]
            """)
        // Calls that waited in a paused node came when their token was over.
        #expect(figures.rejections.contains { $0.reason == "token-expired" })
        #expect(figures.expiredValidated == 0)
        #expect(report.verdict == .pass, "\(report.expectations)")
    }

    /// Two logs had the same indexes: what the one that was cut off held reached nobody.
    @Test func whatALogCutOffReachedNobody() throws {
        let (report, figures) = try judged(
            """
            name: cut-off
            duration: 30s
            topology: {regions: [us-east-1, us-east-2, us-west-1]}
            data_types:
              session: {strategy: primary-backup, primary: us-east-1, detect_after: 3s, mode: async, fencing: off}
            services: {sessions: {data_type: session}}
            workload:
              rate: 40/s
              operations: {login: 10%, validate: 70%, logout: 20%}
              sessions: {users: 50, roaming: 60%, revoked: 50%}
            faults: [{at: 8s, isolate: us-east-1, for: 10s}]
            expect: [{sessions_lost: 0}, {session_spread: {percentile: 100, at_most: 20s}}, {lost_updates: 0}]
            """)
        let lost = try #require(figures.lost)
        #expect(lost > 20)
        #expect(figures.spread.never == lost)
        #expect(figures.revocationSpread.never > 20)
        // Logins and ends are writes of the data type.
        #expect((report.consistency.lostUpdates ?? 0) >= lost + figures.revocationSpread.never)
        #expect(report.expectations.map(\.held) == [false, false, false])
        // Those that stayed came to be known, at the old primary after the partition.
        #expect(figures.spread.max > 5_000)
    }

    @Test func aNodeThatHoldsNothingIsOneThatDoesNotKnow() throws {
        let (report, figures) = try judged(
            """
            name: alone
            duration: 5s
            topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
            data_types: {session: {strategy: eventual}}
            services: {sessions: {data_type: session}}
            workload:
              clients: {us-east-1: 5, eu-central-1: 5}
              rate: {us-east-1: 50/s, eu-central-1: 50/s}
              operations: {login: 20%, validate: 70%, refresh: 5%, logout: 5%}
            faults: [{at: 0s, isolate: ap-northeast-1}]
            expect: [{session_spread: {percentile: 50, at_most: 1s}}]
            """)
        #expect(figures.logins > 20)
        #expect(figures.spread.never == figures.logins && figures.spread.count == 0)
        #expect(figures.revocationSpread.never == figures.logouts)
        #expect(report.verdict == .fail)
    }

    @Test(arguments: ["raft", "eventual", "quorum", "primary-backup"])
    func whatTheServiceKeepsIsNoDamage(_ strategy: String) throws {
        let (report, figures) = try judged(
            """
            name: kept
            duration: 5s
            topology: {regions: [us-east-1, us-east-2, us-west-2]}
            data_types: {session: {strategy: \(strategy)}}
            services: {sessions: {data_type: session}}
            workload: {operations: {login: 15%, validate: 70%, refresh: 5%, logout: 10%}}
            expect: [invariants, {lost_updates: 0}]
            """)
        #expect(figures.logouts > 20)
        #expect(report.verdict == .pass, "\(report.expectations)")
    }

    /// Ends of all of a user's sessions are ends like others.
    @Test func sessionsThatEndedTogetherCount() throws {
        let (_, figures) = try judged(
            """
            name: together
            duration: 10s
            topology: {regions: [us-east-1, eu-central-1, ap-northeast-1]}
            data_types: {session: {strategy: eventual, replication_delay: 1s}}
            services: {sessions: {data_type: session}}
            workload:
              operations: {login: 20%, validate: 75%, end-sessions: 5%}
              sessions: {users: 20, roaming: 50%, revoked: 40%}
            """)
        #expect(figures.logouts == 0 && figures.endedTogether > 50)
        #expect(figures.revocationSpread.count == figures.endedTogether)
        #expect(figures.revocationSpread.p50 > 1000)
        #expect(figures.revokedReached == 0 && figures.revokedWindow > 0)
    }
}
