/// A part of a YAML document that is to be written.
///
/// Order is as given, so the same value always gives the same text.
indirect enum YAMLOutput {
    /// A scalar.
    case text(String)
    /// `[a, b]`
    case list([YAMLOutput])
    /// `{a: 1, b: 2}`
    case map([(String, YAMLOutput)])
    /// One element a line; a block of one entry stands without braces.
    case lines([YAMLOutput])
    /// One entry a line.
    case block([(String, YAMLOutput)])

    /// The document.
    var document: String {
        var text = ""
        write(into: &text, indent: 0)
        if !text.hasSuffix("\n") { text += "\n" }
        return text
    }

    private func write(into text: inout String, indent: Int) {
        let margin = String(repeating: "  ", count: indent)
        switch self {
        case .text, .list, .map:
            text += flow
        case .lines(let elements):
            for element in elements {
                text += "\(margin)- \(element.inList)\n"
            }
        case .block(let entries):
            for (key, value) in entries {
                text += "\(margin)\(Self.scalar(key)):"
                switch value {
                case .text, .list, .map:
                    text += " \(value.flow)\n"
                case .lines(let elements):
                    text += elements.isEmpty ? " []\n" : "\n"
                    value.write(into: &text, indent: indent + 1)
                case .block(let inner):
                    text += inner.isEmpty ? " {}\n" : "\n"
                    value.write(into: &text, indent: indent + 1)
                }
            }
        }
    }

    private var inList: String {
        switch self {
        case .block(let entries) where entries.count == 1:
            "\(Self.scalar(entries[0].0)): \(entries[0].1.flow)"
        case .text, .list, .map, .lines, .block: flow
        }
    }

    /// A mapping of one entry as a block, which a list shows without braces.
    var unbraced: YAMLOutput {
        switch self {
        case .map(let entries) where entries.count == 1: .block(entries)
        case .text, .list, .map, .lines, .block: self
        }
    }

    private var flow: String {
        switch self {
        case .text(let text): Self.scalar(text)
        case .list(let elements), .lines(let elements):
            "[\(elements.map(\.flow).joined(separator: ", "))]"
        case .map(let entries), .block(let entries):
            "{\(entries.map { "\(Self.scalar($0)): \($1.flow)" }.joined(separator: ", "))}"
        }
    }

    /// `text` as a scalar that is read back as the same text: plain where that is safe anywhere,
    /// else in double quotes.
    static func scalar(_ text: String) -> String {
        var isPlain = !text.isEmpty && !text.hasSuffix(" ") && !text.hasSuffix(":")
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            let isSafe: Bool
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "/", "(", ")": isSafe = true
            case ".", "+", "%", ";", "=", "$", " ", "-": isSafe = previous != nil
            case ":": isSafe = previous != nil
            default: isSafe = false
            }
            let endsKey = previous == ":" && scalar == " "
            isPlain = isPlain && isSafe && !endsKey
            previous = scalar
        }
        if text.hasPrefix("+") || text.hasPrefix("-"), text.unicodeScalars.count > 1 {
            // Differences such as +200ms and -5s: plain unless something else is unsafe.
            let rest = text.dropFirst()
            isPlain = rest.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E
            }
        }
        return isPlain ? text : inQuotes(text)
    }

    private static func inQuotes(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _
            where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029 || scalar.value == 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
