import Foundation
import Replication

/// The text of a scenario of which variants are read: with other values under some keys.
public struct ScenarioSource: Sendable {
    private let root: YAMLNode
    private let file: String?
    private let strategies: [StrategyDescription]

    /// The key that describes the variants itself.
    private static let sweepKey = "matrix"

    /// The scenario in the file at `path`.
    ///
    /// - Parameter strategies: What the strategies that it may name say of themselves.
    /// - Throws: ``ScenarioError`` if the file cannot be read or is no YAML.
    public init(path: String, strategies: [StrategyDescription]) throws(ScenarioError) {
        try self.init(
            bytes: try Scenario.bytes(ofFile: path), file: path, strategies: strategies)
    }

    /// The scenario that the text `yaml` describes.
    public init(yaml: String, strategies: [StrategyDescription]) throws(ScenarioError) {
        try self.init(bytes: Array(yaml.utf8), file: nil, strategies: strategies)
    }

    init(
        bytes: [UInt8], file: String?, strategies: [StrategyDescription]
    ) throws(ScenarioError) {
        do {
            root = try YAMLDocument.parse(bytes)
        } catch {
            var problem = error
            problem.file = file
            throw ScenarioError([problem])
        }
        self.file = file
        self.strategies = strategies
    }

    /// The scenario as it stands in the file.
    ///
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the text.
    public func scenario() throws(ScenarioError) -> Scenario {
        try Scenario.decode(root, file: file, strategies: strategies)
    }

    /// The one scenario that has these values under its keys, each as it would stand in the file,
    /// and no matrix.
    ///
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the text.
    public func scenario(
        with values: [(path: [String], value: String)]
    ) throws(ScenarioError) -> Scenario {
        let changed = values.reduce(root.removing(Self.sweepKey)) { node, change in
            node.setting(change.path[...], to: .scalar(change.value))
        }
        return try Scenario.decode(changed, file: file, strategies: strategies)
    }

    /// The one scenario in which `strategy` with these options replicates what the scenario's own
    /// default does, or the data type of this name; where it is replicated stays as it was. Other data
    /// types that name a strategy of their own keep it.
    ///
    /// - Throws: ``ScenarioError`` with everything that is wrong, in the order of the text.
    public func scenario(
        strategy: String, options: [(name: String, value: String)], of dataType: String? = nil
    ) throws(ScenarioError) -> Scenario {
        let path = dataType.map { ["data_types", $0] } ?? ["replication"]
        let old = path.reduce(Optional(root)) { node, key in node?[key] }
        if let dataType, old == nil {
            throw problem("the scenario has no data type '\(dataType)' to be replicated otherwise")
        }
        let place = old?.location ?? root.location
        func scalar(_ text: String) -> YAMLNode {
            // A list is read as one; whatever is none stays the text that it is.
            let isList = text.hasPrefix("[")
            let list = isList ? try? YAMLDocument.parse(Array(text.utf8)) : nil
            return YAMLNode(content: list?.content ?? .scalar(text), location: place)
        }
        var entries = [("strategy", scalar(strategy))]
        for key in ["value", "priority", "operations", "regions"] {
            if let kept = old?[key] { entries.append((key, kept)) }
        }
        entries += options.map { ($0.name, scalar($0.value)) }
        let mapping = entries.map { key, value in
            YAMLEntry(key: key, keyLocation: value.location, value: value)
        }
        let changed = root.setting(path[...], to: .mapping(mapping))
        let scenario = try Scenario.decode(changed, file: file, strategies: strategies)
        if dataType == nil, !usesDefault(scenario) {
            throw problem(
                "every data type has a strategy of its own, so that 'replication' replicates nothing",
                expected: "a data type without 'strategy', or the name of the one that is meant")
        }
        return scenario
    }

    /// Whether anything in `scenario`, which was read from here, is replicated as `replication` says.
    private func usesDefault(_ scenario: Scenario) -> Bool {
        if scenario.groups.count > scenario.dataTypes.count { return true }
        guard case .mapping(let entries)? = root["data_types"]?.content else { return true }
        return entries.contains { $0.value["strategy"] == nil }
    }

    private func problem(_ found: String, expected: String? = nil) -> ScenarioError {
        let types = root["data_types"]
        return ScenarioError([
            ScenarioProblem(
                file: file, location: (types ?? root).location,
                path: ScenarioPath(types == nil ? [] : [.key("data_types")]), found: found,
                expected: expected)
        ])
    }
}

extension YAMLNode {
    fileprivate subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    fileprivate func removing(_ key: String) -> YAMLNode {
        guard case .mapping(let entries) = content else { return self }
        return YAMLNode(content: .mapping(entries.filter { $0.key != key }), location: location)
    }

    /// The same with `value` where `path` leads; mappings on the way that there are not are made.
    fileprivate func setting(_ path: ArraySlice<String>, to value: Content) -> YAMLNode {
        guard let key = path.first else { return YAMLNode(content: value, location: location) }
        var entries: [YAMLEntry] = []
        if case .mapping(let old) = content { entries = old }
        let nothing = YAMLNode(content: .mapping([]), location: location)
        if let index = entries.firstIndex(where: { $0.key == key }) {
            entries[index].value = entries[index].value.setting(path.dropFirst(), to: value)
        } else {
            entries.append(
                YAMLEntry(
                    key: key, keyLocation: location,
                    value: nothing.setting(path.dropFirst(), to: value)))
        }
        return YAMLNode(content: .mapping(entries), location: location)
    }
}
