import Determinism
import Yams

/// Turns the text of a scenario into a ``YAMLNode``.
enum YAMLDocument {
    /// The deepest nesting of a scenario.
    static let depthMax = 32
    /// The most parts of a scenario, everything that an alias stands for counted each time.
    static let partsMax = 100_000

    /// The single document of `bytes`.
    static func parse(_ bytes: [UInt8]) throws(ScenarioProblem) -> YAMLNode {
        let text = try YAMLText.checked(bytes)
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw problem(for: error, in: text)
        } catch {
            throw ScenarioProblem(
                location: SourceLocation(line: 1, column: 1), found: "not valid YAML: \(error)")
        }
        guard let root, !isNothing(root) else {
            throw ScenarioProblem(
                location: SourceLocation(line: 1, column: 1), found: "the file is empty",
                expected: "a scenario: a mapping with at least 'name' and 'topology'")
        }
        var conversion = Conversion()
        return try conversion.convert(root, depth: 0)
    }

    private static func isNothing(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else { return false }
        return scalar.string.isEmpty && scalar.style == .plain
    }

    private static func problem(for error: YamlError, in text: String) -> ScenarioProblem {
        func located(
            _ context: YamlError.Context?, _ problem: String, _ mark: Mark
        ) -> ScenarioProblem {
            let location = SourceLocation(line: mark.line, column: mark.column)
            if let special = explanation(of: problem, at: location, in: text) { return special }
            let during = context.map { " \($0.text)" } ?? ""
            return ScenarioProblem(
                location: location, found: "not valid YAML: \(problem)\(during)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return located(context, problem, mark)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let first = SourceLocation(line: context.mark.line, column: context.mark.column)
            let key = duplicates.first ?? ""
            let again = secondLocation(of: key, after: first, in: text)
            return ScenarioProblem(
                location: again ?? first,
                found: "the key \(quoted(key)) is given twice"
                    + (again == nil ? "" : ", first at \(first)"),
                expected: "each key once")
        case .memory:
            // What libyaml calls it when its stacks are full.
            return ScenarioProblem(
                location: SourceLocation(line: 1, column: 1), found: "nested too deeply",
                expected: "at most \(depthMax) levels")
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
            .representer(let problem):
            return ScenarioProblem(
                location: SourceLocation(line: 1, column: 1), found: "not valid YAML: \(problem)")
        case .no, .dataCouldNotBeDecoded:
            return ScenarioProblem(
                location: SourceLocation(line: 1, column: 1), found: "not valid YAML")
        }
    }

    /// Clearer words for what users of YAML trip over most.
    private static func explanation(
        of problem: String, at location: SourceLocation, in text: String
    ) -> ScenarioProblem? {
        if problem == "but found another document" {
            return ScenarioProblem(
                location: location, found: "a second document in the file",
                expected: "one scenario per file")
        }
        let isTab =
            problem.hasPrefix("found character that cannot start any token")
            && scalar(at: location, in: text) == "\t"
        if isTab || problem.contains("tab character") {
            return ScenarioProblem(
                location: location, found: "a tab", expected: "spaces for indentation")
        }
        return nil
    }

    private static func scalar(at wanted: SourceLocation, in text: String) -> Unicode.Scalar? {
        var scan = TextScan()
        for scalar in text.unicodeScalars {
            if scan.location == wanted { return scalar }
            scan.advance(over: scalar)
        }
        return nil
    }

    /// Where `key` stands as a key for the second time: the parser only tells the first. In block
    /// style that is in the same column.
    private static func secondLocation(
        of key: String, after first: SourceLocation, in text: String
    ) -> SourceLocation? {
        let wanted = Array(key.unicodeScalars)
        let scalars = Array(text.unicodeScalars)
        guard !wanted.isEmpty else { return nil }
        var scan = TextScan()
        var candidates: [SourceLocation] = []
        for index in scalars.indices {
            let location = scan.location
            scan.advance(over: scalars[index])
            guard location > first, scalars[index] == wanted[0] else { continue }
            guard scalars[index...].starts(with: wanted) else { continue }
            let after = scalars[(index + wanted.count)...].first {
                $0 != " " && $0 != "\"" && $0 != "'"
            }
            let before = index == 0 ? "\n" : scalars[index - 1]
            guard after == ":", " \n{,\"'".unicodeScalars.contains(before) else { continue }
            candidates.append(location)
        }
        return candidates.first { $0.column == first.column || $0.line == first.line }
            ?? candidates.first
    }

    private struct Conversion {
        var parts = 0

        mutating func convert(_ node: Node, depth: Int) throws(ScenarioProblem) -> YAMLNode {
            let location = SourceLocation(
                line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
            parts += 1
            if depth > depthMax {
                throw ScenarioProblem(
                    location: location, found: "nested too deeply",
                    expected: "at most \(depthMax) levels")
            }
            if parts > partsMax {
                throw ScenarioProblem(
                    location: location,
                    found: "more than \(partsMax) parts, aliases written out",
                    expected: "fewer")
            }
            switch node {
            case .scalar(let scalar):
                return YAMLNode(content: .scalar(scalar.string), location: location)
            case .sequence(let sequence):
                var elements: [YAMLNode] = []
                for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
                return YAMLNode(content: .sequence(elements), location: location)
            case .mapping(let mapping):
                var entries: [YAMLEntry] = []
                for (key, value) in mapping {
                    let name = try convert(key, depth: depth + 1)
                    guard case .scalar(let text) = name.content else {
                        throw ScenarioProblem(
                            location: name.location, found: "\(name.summary) as a key",
                            expected: "a word")
                    }
                    entries.append(
                        YAMLEntry(
                            key: text, keyLocation: name.location,
                            value: try convert(value, depth: depth + 1)))
                }
                return YAMLNode(content: .mapping(entries), location: location)
            case .alias:
                throw ScenarioProblem(location: location, found: "an alias of nothing")
            }
        }
    }
}
