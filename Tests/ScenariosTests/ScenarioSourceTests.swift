import Determinism
import Replication
import Testing

@testable import Scenarios

/// Variants of a scenario: other values under some keys, another strategy.
struct ScenarioSourceTests {
    static let yaml = """
        name: source
        topology: {regions: [us-east-1, eu-west-1, us-west-2]}
        replication: {strategy: raft, preferred_leader: eu-west-1, regions: [us-east-1, eu-west-1]}
        data_types:
          orders: {prevote: off}
          session: {strategy: eventual, anti_entropy: 2s}
        workload: {data_type: orders}
        matrix: {replication.preferred_leader: [us-east-1, eu-west-1], topology.client_rtt: [1ms], seed: 3..5}
        """

    private var source: ScenarioSource {
        get throws { try ScenarioSource(yaml: Self.yaml, strategies: Strategies.all) }
    }

    @Test func theMatrixIsReadAndIsNoRun() throws {
        let scenario = try source.scenario()
        #expect(scenario.sweep.map(\.values.count) == [2, 1, 3])
        #expect(throws: ScenarioError.self) { try Plan(scenario) }
    }

    @Test func valuesStandUnderTheirKeys() throws {
        let scenario = try source.scenario(with: [
            (path: ["replication", "preferred_leader"], value: "us-east-1"),
            (path: ["topology", "client_rtt"], value: "7ms"), (path: ["seed"], value: "9"),
            (path: ["workload", "clients"], value: "12"),
        ])
        #expect(scenario.sweep.isEmpty)
        #expect(scenario.seed == 9)
        #expect(scenario.topology.clientRoundTrip == .milliseconds(7))
        #expect(scenario.workload.clients == PerRegion(12))
        #expect(
            scenario.replication.options["preferred_leader"] == .region(RegionID(index: 0)))
        _ = try Plan(scenario)
    }

    @Test func whatIsWrongIsToldWithItsPlace() throws {
        do {
            _ = try source.scenario(with: [(path: ["topology", "client_rtt"], value: "soon")])
            Issue.record("'soon' is no duration")
        } catch {
            #expect("\(error)".contains("topology.client_rtt: found 'soon'"))
        }
    }

    @Test func anotherStrategyTakesThePlaceOfTheDefaultWithItsOptions() throws {
        let yaml = Self.yaml.replacing("  orders: {prevote: off}\n", with: "  orders: {}\n")
            .split(separator: "\n").filter { !$0.hasPrefix("matrix") }.joined(separator: "\n")
        let scenario = try ScenarioSource(yaml: yaml, strategies: Strategies.all)
            .scenario(strategy: "quorum", options: [("read", "1"), ("write_back", "off")])
        #expect(scenario.replication.strategy == "quorum")
        #expect(scenario.replication.options["read"] == .integer(1))
        #expect(scenario.replication.options["preferred_leader"] == nil)
        #expect(scenario.replication.regions?.count == 2)
        #expect(scenario.dataTypes.map(\.replication.strategy) == ["quorum", "eventual"])
    }
}
