/// A part of a YAML document, with its place in the text.
///
/// Scalars are text: what they mean depends on the key that they stand under, so `NO` can be
/// Norway. Aliases are already replaced by what they stand for.
struct YAMLNode: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        case scalar(String)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var content: Content
    var location: SourceLocation

    /// The place of the value that `path` leads to, or of the last part of the way that exists.
    func location(of path: ScenarioPath) -> SourceLocation {
        var node = self
        for step in path.steps {
            switch (step, node.content) {
            case (.key(let key), .mapping(let entries)):
                guard let entry = entries.first(where: { $0.key == key }) else {
                    return node.location
                }
                node = entry.value
            case (.index(let index), .sequence(let elements)):
                guard elements.indices.contains(index) else { return node.location }
                node = elements[index]
            case (.key, _), (.index, _):
                return node.location
            }
        }
        return node.location
    }

    /// What was found, for people: `'abc'`, `a list`, `a mapping`, `nothing`.
    var summary: String {
        switch content {
        case .scalar(""): "nothing"
        case .scalar(let text): quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A key of a mapping with its value.
struct YAMLEntry: Sendable, Equatable {
    var key: String
    var keyLocation: SourceLocation
    var value: YAMLNode
}

/// `text` in quotes for a message: on one line, and cut if it is long.
func quoted(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
        shown.unicodeScalars.append(
            scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
    }
    return text.unicodeScalars.count > 60 ? "'\(shown)…'" : "'\(shown)'"
}
