import Determinism
import Foundation
import Replication

extension Scenario {
    /// The scenario in the file at `path`.
    ///
    /// - Parameter strategies: What the strategies that it may name say of themselves.
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the file.
    public static func load(
        path: String, strategies: [StrategyDescription]
    ) throws(ScenarioError) -> Scenario {
        try decode(bytes: try bytes(ofFile: path), file: path, strategies: strategies)
    }

    /// What stands in the file at `path`, if it is not larger than a scenario may be by more than
    /// a byte.
    static func bytes(ofFile path: String) throws(ScenarioError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            // One byte more than allowed is enough to tell that it is too large.
            return Array(try handle.read(upToCount: Limits.scenarioBytesMax + 1) ?? Data())
        } catch {
            throw ScenarioError([
                ScenarioProblem(
                    file: path, found: "the file cannot be read",
                    expected: "a scenario file (\((error as NSError).localizedDescription))")
            ])
        }
    }

    /// The scenario that the text `yaml` describes; `file` is what messages call the text.
    ///
    /// - Parameter strategies: What the strategies that it may name say of themselves.
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the text.
    public static func decode(
        yaml: String, file: String? = nil, strategies: [StrategyDescription]
    ) throws(ScenarioError) -> Scenario {
        try decode(bytes: Array(yaml.utf8), file: file, strategies: strategies)
    }

    /// The scenario that `bytes`, a text in UTF-8, describe; `file` is what messages call them.
    ///
    /// - Parameter strategies: What the strategies that it may name say of themselves.
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the text.
    public static func decode(
        bytes: [UInt8], file: String? = nil, strategies: [StrategyDescription]
    ) throws(ScenarioError) -> Scenario {
        try ScenarioSource(bytes: bytes, file: file, strategies: strategies).scenario()
    }

    static func decode(
        _ root: YAMLNode, file: String?, strategies: [StrategyDescription]
    ) throws(ScenarioError) -> Scenario {
        let log = ProblemLog()
        let decoder = ScenarioDecoder(strategies: strategies)
        let scenario = decoder.decode(Reader(node: root, path: ScenarioPath(), log: log))
        var problems = log.problems
        if let scenario, problems.isEmpty {
            problems = scenario.problems(strategies: strategies).map { problem in
                var located = problem
                located.location = root.location(of: problem.path)
                return located
            }
            if problems.isEmpty { return scenario }
        }
        problems.sort { first, second in
            (first.location ?? root.location) < (second.location ?? root.location)
        }
        throw ScenarioError(
            problems.map { problem in
                var named = problem
                named.file = file
                return named
            })
    }
}
