import Geography

/// Collects what is wrong with a scenario while it is read, so that one reading tells all.
final class ProblemLog {
    private(set) var problems: [ScenarioProblem] = []

    func report(_ problem: ScenarioProblem) { problems.append(problem) }
}

/// A value of the file that is being read: where it stands, and where problems go.
///
/// Each way to read it returns `nil` after it has reported why it could not.
struct Reader {
    let node: YAMLNode
    let path: ScenarioPath
    let log: ProblemLog

    /// Reports that this value is wrong.
    func fail(_ found: String, expected: String? = nil, suggestions: [String] = []) {
        log.report(
            ScenarioProblem(
                location: node.location, path: path, found: found, expected: expected,
                suggestions: suggestions))
    }

    /// Reports that this value is something else than `expected`.
    func mismatch(expected: String, suggestions: [String] = []) {
        fail("found \(node.summary)", expected: expected, suggestions: suggestions)
    }

    /// The text, if it is one.
    var text: String? {
        guard case .scalar(let text) = node.content else { return nil }
        return text
    }

    /// Whether this is a mapping.
    var isMapping: Bool {
        if case .mapping = node.content { return true }
        return false
    }

    /// Whether this is a list.
    var isSequence: Bool {
        if case .sequence = node.content { return true }
        return false
    }

    /// The value in `notation`.
    func value<Value>(_ notation: Notation<Value>) -> Value? {
        guard case .scalar(let text) = node.content, let value = notation.parse(text) else {
            mismatch(
                expected: notation.expected,
                suggestions: closestMatches(to: text ?? "", in: notation.words))
            return nil
        }
        return value
    }

    /// The elements of a list.
    func elements(expected: String) -> [Reader]? {
        guard case .sequence(let elements) = node.content else {
            mismatch(expected: expected)
            return nil
        }
        return elements.enumerated().map { index, element in
            Reader(node: element, path: path.index(index), log: log)
        }
    }

    /// The elements of a list, or this value itself if it is a single one.
    func elementsOrSelf() -> [Reader] {
        isSequence ? elements(expected: "a list") ?? [] : [self]
    }

    /// The keys of a mapping, for keys that the format knows; `body` reads them. What it did not
    /// ask for is reported as unknown, unless it gave up (`nil`) for a reason that it reported.
    func mapping<Result>(
        expected: String, _ body: (MappingReader) -> Result?
    ) -> Result? {
        guard case .mapping(let entries) = node.content else {
            mismatch(expected: expected)
            return nil
        }
        let mapping = MappingReader(entries: entries, of: self)
        let result = body(mapping)
        if result != nil { mapping.reportUnknownKeys() }
        return result
    }

    /// The entries of a mapping whose keys are the file's own names.
    func entries(expected: String) -> [(key: Reader, value: Reader)]? {
        guard case .mapping(let entries) = node.content else {
            mismatch(expected: expected)
            return nil
        }
        return entries.map { entry in
            let inner = path.key(entry.key)
            let key = YAMLNode(content: .scalar(entry.key), location: entry.keyLocation)
            return (
                Reader(node: key, path: inner, log: log),
                Reader(node: entry.value, path: inner, log: log)
            )
        }
    }
}

/// A mapping that is being read, which notes what keys were asked for.
final class MappingReader {
    private let entries: [YAMLEntry]
    private let owner: Reader
    private var known: [String] = []

    init(entries: [YAMLEntry], of owner: Reader) {
        self.entries = entries
        self.owner = owner
    }

    /// The mapping itself.
    var reader: Reader { owner }

    /// The value of `key`, if the mapping has it. The key counts as known from now on.
    subscript(key: String) -> Reader? {
        if !known.contains(key) { known.append(key) }
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        return Reader(node: entry.value, path: owner.path.key(key), log: owner.log)
    }

    /// Whether the mapping has `key`, without making it known.
    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// The value of `key`, or a report that it is missing.
    func required(_ key: String, expected: String) -> Reader? {
        if let reader = self[key] { return reader }
        owner.fail("'\(key)' is missing", expected: expected)
        return nil
    }

    /// The value of `key` in `notation`; `standard` if it is missing or wrong, which is reported.
    func value<Value>(_ key: String, _ notation: Notation<Value>, default standard: Value) -> Value
    {
        self[key]?.value(notation) ?? standard
    }

    /// The value of `key` in `notation`; `nil` if it is missing, or wrong, which is reported.
    func value<Value>(_ key: String, _ notation: Notation<Value>) -> Value? {
        self[key]?.value(notation)
    }

    /// The one key of `choices` that the mapping has; reports none, and more than one. `others`
    /// are keys that may stand beside it.
    func exactlyOne(of choices: [String], beside others: [String] = [], what: String) -> Reader? {
        let found = choices.compactMap { self[$0] }
        if found.count > 1 {
            found[1].fail(
                "\(keyOf(found[0])) and \(keyOf(found[1])) in one entry", expected: "one \(what)")
            return nil
        }
        if found.isEmpty {
            let permitted = known + others
            let unknown = entries.first { !permitted.contains($0.key) }
            owner.log.report(
                ScenarioProblem(
                    location: unknown?.keyLocation ?? owner.node.location, path: owner.path,
                    found: unknown.map { "unknown key \(quoted($0.key))" } ?? "no \(what)",
                    expected: "one of \(listed(choices))",
                    suggestions: unknown.map { closestMatches(to: $0.key, in: choices) } ?? []))
        }
        return found.first
    }

    private func keyOf(_ reader: Reader) -> String {
        guard case .key(let key) = reader.path.steps.last else { return "" }
        return "'\(key)'"
    }

    /// Reports the keys that nobody asked for.
    func reportUnknownKeys() {
        for entry in entries where !known.contains(entry.key) {
            owner.log.report(
                ScenarioProblem(
                    location: entry.keyLocation, path: owner.path,
                    found: "unknown key \(quoted(entry.key))", expected: "one of \(listed(known))",
                    suggestions: closestMatches(to: entry.key, in: known)))
        }
    }
}
