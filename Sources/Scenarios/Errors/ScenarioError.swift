/// Everything that is wrong with a scenario, as far as one reading can tell.
public struct ScenarioError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in the order of the file; at least one.
    public var problems: [ScenarioProblem]

    /// An error of these problems.
    public init(_ problems: [ScenarioProblem]) { self.problems = problems }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong with a scenario: what, where, and what would be right.
public struct ScenarioProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, as it was named; `nil` for a scenario that was made in code.
    public var file: String?
    /// The place in the file; `nil` for a scenario that was made in code.
    public var location: SourceLocation?
    /// The way to the value in question.
    public var path: ScenarioPath
    /// What was found and why that is wrong.
    public var found: String
    /// What would be right; `nil` where ``found`` says it.
    public var expected: String?
    /// What may have been meant, likeliest first.
    public var suggestions: [String]

    /// A problem with these parts.
    public init(
        file: String? = nil, location: SourceLocation? = nil, path: ScenarioPath = ScenarioPath(),
        found: String, expected: String? = nil, suggestions: [String] = []
    ) {
        self.file = file
        self.location = location
        self.path = path
        self.found = found
        self.expected = expected
        self.suggestions = suggestions
    }

    /// `file:line:column: path: found; expected …; did you mean …?`
    public var description: String {
        var text = ""
        if let file { text += "\(file):" }
        if let location { text += "\(location):" }
        if !text.isEmpty { text += " " }
        if !path.steps.isEmpty { text += "\(path): " }
        text += found
        if let expected { text += "; expected \(expected)" }
        if !suggestions.isEmpty {
            text += "; did you mean \(suggestions.map { "'\($0)'" }.joined(separator: " or "))?"
        }
        return text
    }
}

/// A place in a text.
public struct SourceLocation: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in Unicode scalars.
    public var column: Int

    /// The place at `line` and `column`.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether `left` comes first in the text.
    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}

/// The way from the top of a scenario to one of its values, such as `faults[1].kill`.
public struct ScenarioPath: Hashable, Sendable, CustomStringConvertible {
    /// One step on the way.
    public enum Step: Hashable, Sendable {
        /// To the value of a key.
        case key(String)
        /// To an element of a list, from 0.
        case index(Int)
    }

    /// The steps, from the top.
    public var steps: [Step]

    /// The way that takes these steps.
    public init(_ steps: [Step] = []) { self.steps = steps }

    /// The way on to the value of `key`.
    public func key(_ key: String) -> ScenarioPath { ScenarioPath(steps + [.key(key)]) }

    /// The way on to the element at `index`.
    public func index(_ index: Int) -> ScenarioPath { ScenarioPath(steps + [.index(index)]) }

    /// `faults[1].kill`.
    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
