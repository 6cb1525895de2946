import Foundation
import Judgement
import Meridian
import Recording
import Testing

/// What carries a scenario out.
enum Engine: String, CaseIterable {
    case virtual, processes
}

/// Runs of the scenarios, each made once in each engine, whichever test asks first.
actor EngineRuns {
    static let shared = EngineRuns()

    private struct Key: Hashable {
        var scenario: ConformanceScenario
        var engine: Engine
    }

    private var runs: [Key: RunFacts] = [:]

    /// What `scenario` came to in `engine`.
    func facts(of scenario: ConformanceScenario, in engine: Engine) async throws -> RunFacts {
        let key = Key(scenario: scenario, engine: engine)
        if let known = runs[key] { return known }
        let folder = try TemporaryFolder()
        let file = try folder.write(scenario.text, as: "scenario.yaml")
        var options = RunOptions()
        options.folder = folder.path + "/record"
        options.nodeExecutable = Executables.regionNode
        let loaded = try Meridian.scenario(file: file)
        let result =
            switch engine {
            case .virtual: try Meridian.simulate(loaded, options: options)
            case .processes: try await Meridian.run(loaded, options: options)
            }
        #expect(result.failure == nil, "\(scenario) in \(engine): \(String(describing: result))")
        #expect(MeridianProcess.nodes(mark: folder.path).isEmpty, "nodes outlive the run")
        let facts = RunFacts(
            record: try RecordFolder.open(at: result.folder).read(), report: result.report,
            shape: try RecordShape(of: result.folder))
        runs[key] = facts
        return facts
    }
}
