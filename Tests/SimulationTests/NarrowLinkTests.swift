import Conduct
import Determinism
import Foundation
import Judgement
import Recording
import RegionCore
import Scenarios
import Simulation
import Testing

/// Urgent data types on a narrow link, in the scenario that comes with Meridian.
struct NarrowLinkTests {
    private static let yaml: String = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("scenarios/narrow-link.yaml")
        return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    }()

    private static func played(_ change: (inout Scenario) -> Void) throws -> Played {
        var scenario = try Scenario.decode(
            yaml: yaml, file: "narrow-link.yaml", strategies: strategies.descriptions)
        change(&scenario)
        return try Played(try Plan(scenario))
    }

    @Test func urgentDataOvertakesAndTheExpectationsHold() throws {
        let played = try Self.played { _ in }
        let report = Judge.judge(played.contents, plan: played.plan)
        #expect(report.verdict == .pass, "\(report.remarks)")
        let rows = report.network?.priorities ?? []
        #expect(rows.map(\.priority) == ["high", "low"])
        #expect(rows.map(\.dataTypes) == [["session"], ["catalogue"]])
        #expect(rows.allSatisfy { $0.messages > 100 })
        let queued = rows.map(\.queued)
        #expect(queued[0] * 10 < queued[1], "\(queued)")
    }

    @Test func withPrioritiesOffTheSameExpectationsFail() throws {
        let played = try Self.played { $0.topology.priorities = false }
        let report = Judge.judge(played.contents, plan: played.plan)
        #expect(report.verdict == .fail)
        #expect(report.network?.priorities == [])
        let failed = report.expectations.filter { $0.held == false }.map(\.expect)
        #expect(failed.contains { $0.contains("session") })
        #expect(!failed.contains { $0.contains("linearizable") || $0.contains("lost_updates") })
    }

    /// With one priority for all the run is that with priorities off, to the last row.
    @Test func onePriorityForAllIsNone() throws {
        func equal(_ scenario: inout Scenario) {
            for index in scenario.dataTypes.indices { scenario.dataTypes[index].priority = .high }
        }
        let on = try Self.played { equal(&$0) }
        let off = try Self.played {
            equal(&$0)
            $0.topology.priorities = false
        }
        #expect(on.history == off.history)
        #expect(on.contents.events == off.contents.events)
    }
}
