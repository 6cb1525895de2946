import Judgement
import Recording
import Scenarios
import Testing

/// What became of acknowledged updates, in whole runs.
struct LostUpdateTests {
    /// A set from which all is removed is no key any more, and nothing of it is lost.
    @Test(arguments: ["raft", "primary-backup"])
    func whatWasRemovedIsNotLost(_ strategy: String) throws {
        let played = try Played(
            """
            name: sets
            duration: 6s
            topology: {regions: [us-east-1, us-east-2, us-west-2]}
            data_types:
              cart: {strategy: \(strategy), value: set, operations: {read: 20%, add: 30%, remove: 50%}}
            workload: {data_type: cart, keys: {count: 200, distribution: uniform}}
            expect: [{lost_updates: 0}, linearizable]
            """)
        let report = Judge.judge(played.contents, plan: played.plan)
        // Some keys saw removes alone, of what was never there.
        let held = Set(played.contents.final.map(\.key))
        let updated = Set(
            played.history.filter { $0.outcome == .ok && $0.function.isUpdate }.compactMap(\.key))
        #expect(!updated.subtracting(held).isEmpty)
        #expect(report.verdict == .pass, "\(report.expectations)")
    }

    /// An operator's wish that nobody granted is told.
    @Test func anActionThatWasNotCarriedOutIsTold() throws {
        let played = try Played(
            """
            name: no-failover
            duration: 20s
            topology: {regions: [us-east-1, us-east-2, us-west-1]}
            replication: {strategy: primary-backup, primary: us-east-1, detect_after: 3s}
            faults: [{at: 2s, kill: us-west-1}]
            actions: [{at: 4s, failover: us-west-1}]
            """)
        let report = Judge.judge(played.contents, plan: played.plan)
        #expect(
            report.remarks.contains {
                $0.hasPrefix("action failover of us-west-1 was not carried out: ")
            }, "\(report.remarks)")
    }
}
