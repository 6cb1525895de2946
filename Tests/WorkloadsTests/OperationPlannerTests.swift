import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

@Suite struct OperationPlannerTests {
    private func shares(
        of mix: WorkloadSpec.Mix, draws: Int = 20_000
    ) throws -> [PlannedOperation.Step: Double] {
        var planner = try OperationPlanner(mix: mix, groupWeights: [1])
        var random = RandomStream(seed: 1, name: "mix")
        var counts: [PlannedOperation.Step: Int] = [:]
        for _ in 0..<draws { counts[planner.next(&random).step, default: 0] += 1 }
        return counts.mapValues { Double($0) / Double(draws) }
    }

    private static let published: [(YCSBWorkload, [PlannedOperation.Step: Double])] = [
        (.a, [.operation(.read): 0.5, .operation(.write): 0.5]),
        (.b, [.operation(.read): 0.95, .operation(.write): 0.05]),
        (.c, [.operation(.read): 1]),
        (.d, [.operation(.read): 0.95, .insert: 0.05]),
        (.f, [.operation(.read): 0.5, .readModifyWrite: 0.5]),
    ]

    @Test(arguments: published)
    func sharesOfYCSB(workload: YCSBWorkload, expected: [PlannedOperation.Step: Double]) throws {
        let measured = try shares(of: .ycsb(workload, records: 100))
        #expect(Set(measured.keys) == Set(expected.keys))
        for (step, share) in expected {
            #expect(abs((measured[step] ?? 0) - share) < 0.02, "\(workload) \(step)")
        }
    }

    @Test func sharesAreWeightsOverTheirSum() throws {
        let measured = try shares(
            of: .operations([Share(.read, 3), Share(.cas, 1), Share(.delete, 0)], KeySpec()))
        #expect(abs((measured[.operation(.read)] ?? 0) - 0.75) < 0.02)
        #expect(measured[.operation(.delete)] == nil)
    }

    @Test func dataTypesHaveTheirShares() throws {
        var planner = try OperationPlanner(
            mix: .operations([Share(.read, 1)], KeySpec()), groupWeights: [1, 3])
        var random = RandomStream(seed: 2, name: "groups")
        let second = (0..<10_000).count { _ in planner.next(&random).group == 1 }
        #expect(abs(second - 7500) < 250)
    }

    @Test func insertsMakeNewKeysOfTheirDataType() throws {
        var planner = try OperationPlanner(
            mix: .ycsb(.d, records: 10), groupWeights: [1, 1])
        var random = RandomStream(seed: 4, name: "inserts")
        var next = [10, 10]
        for _ in 0..<5000 {
            let operation = planner.next(&random)
            if operation.step == .insert {
                #expect(operation.key == next[operation.group])
                next[operation.group] += 1
            } else {
                #expect(operation.key < next[operation.group])
            }
        }
        #expect(next.allSatisfy { $0 > 50 })
    }

    @Test func incrementsAreSmall() throws {
        var planner = try OperationPlanner(
            mix: .operations([Share(.increment, 1)], KeySpec()), groupWeights: [1])
        var random = RandomStream(seed: 6, name: "amounts")
        let amounts = Set((0..<1000).map { _ in planner.next(&random).amount })
        #expect(amounts == Set(1...10))
    }

    @Test func impossibleMixesAreRefused() {
        let keys = KeySpec()
        #expect(throws: InvalidWorkload.self) {
            try OperationPlanner(mix: .operations([], keys), groupWeights: [1])
        }
        #expect(throws: InvalidWorkload.self) {
            try OperationPlanner(
                mix: .operations([Share(.read, -1)], keys), groupWeights: [1])
        }
        #expect(throws: InvalidWorkload.self) {
            try OperationPlanner(
                mix: .operations([Share(.read, 1)], KeySpec(count: 0)), groupWeights: [1])
        }
        #expect(throws: InvalidWorkload.self) {
            try OperationPlanner(mix: .operations([Share(.read, 1)], keys), groupWeights: [0])
        }
    }
}
