import Foundation
import Testing

/// An operator's actions in a whole run.
@Suite(.serialized)
struct ActionTests {
    @Test func membersComeAndGoAndLeadershipMoves() async throws {
        let folder = try TemporaryFolder()
        let run = try startRun(
            """
            name: operator
            duration: 12s
            topology:
              latency: none
              regions: [us-east-1, eu-west-1, ca-central-1, sa-east-1]
            replication: {strategy: raft, regions: [us-east-1, eu-west-1, ca-central-1]}
            workload: {clients: 1, rate: 10/s, keys: {count: 10}}
            actions:
              - {at: 1s, add_member: sa-east-1}
              - {at: 5s, transfer_leader: sa-east-1}
              - {at: 7s, stop: ca-central-1}
              - {at: 8s, start: ca-central-1}
              - {at: 9s, remove_member: eu-west-1}
            expect: [linearizable, lost_updates: 0, converged: {within: 30s}]
            """, in: folder)
        let end = await run.finish()
        #expect(end.code == 0, "\(end.errors)\(end.output)")
        try await run.expectNoNodes()
        let events = try String(
            contentsOfFile: folder.path + "/record/events.jsonl", encoding: .utf8
        ).split(separator: "\n")
        let actions = events.filter { $0.contains("\"kind\":\"action\"") }
        #expect(actions.count >= 5)
        #expect(actions.allSatisfy { $0.contains("\"ok\":true") }, "\(actions)")
        #expect(
            events.contains {
                $0.contains("\"leader-elected\"") && $0.contains("\"node\":\"sa-east-1\"")
            })
    }
}
