import Determinism

/// What is checked of a scenario's bytes before the YAML parser sees them: their number, that
/// they are text, and that no key contains an alias (comparing such keys can take for ever).
enum YAMLText {
    /// The text of `bytes`.
    static func checked(_ bytes: [UInt8]) throws(ScenarioProblem) -> String {
        if bytes.count > Limits.scenarioBytesMax {
            throw ScenarioProblem(
                location: SourceLocation(line: 1, column: 1),
                found: "the file has more than \(Limits.scenarioBytesMax) bytes",
                expected: "a scenario of at most \(Limits.scenarioBytesMax) bytes")
        }
        var scan = TextScan()
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        scanning: while true {
            switch decoder.decode(&iterator) {
            case .emptyInput:
                break scanning
            case .error:
                throw ScenarioProblem(
                    location: scan.location, found: "bytes that are not UTF-8",
                    expected: "a text file in UTF-8")
            case .scalarValue(let scalar):
                if !isPermitted(scalar, isFirst: scan.isAtStart) {
                    throw ScenarioProblem(
                        location: scan.location,
                        found: "the control character U+\(hexadecimal(scalar.value))",
                        expected: "printable text")
                }
                scan.advance(over: scalar)
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let location = aliasInKey(text) {
            throw ScenarioProblem(
                location: location, found: "an alias in a key", expected: "a key written out")
        }
        return text
    }

    /// What YAML 1.1 counts as printable; a byte order mark may open the file.
    private static func isPermitted(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE,
            0xFF00...0xFFFD, 0x1_0000...0x10_FFFF:
            true
        case 0xFEFF: isFirst
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The place of a key that may contain an alias. It sees text, not structure, and so can take
    /// a quoted sentence for one; but it misses none. A key is an alias itself (`*a :`), or a
    /// list or mapping (`]:` or `}:`), or marked by `?`.
    private static func aliasInKey(_ text: String) -> SourceLocation? {
        var scan = TextScan()
        var previous: Unicode.Scalar = "\n"
        var hasAlias = false
        var isInAlias = false
        var isAfterToken = false
        var suspect: SourceLocation?
        for scalar in text.unicodeScalars {
            let startsToken = isBlank(previous) || "[{,".unicodeScalars.contains(previous)
            if scalar == "*" && startsToken {
                hasAlias = true
                isInAlias = true
            } else if scalar == "?" && startsToken {
                suspect = suspect ?? scan.location
            } else if scalar == "]" || scalar == "}" {
                isAfterToken = true
                isInAlias = false
            } else if scalar == ":" {
                if isAfterToken || isInAlias { suspect = suspect ?? scan.location }
                isAfterToken = false
            } else if isBlank(scalar) {
                // A blank may stand between an alias or a bracket and the colon.
                if isNewline(scalar) { isInAlias = false }
            } else {
                if isBlank(previous) { isInAlias = false }
                isAfterToken = false
            }
            previous = scalar
            scan.advance(over: scalar)
        }
        return hasAlias ? suspect : nil
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || isNewline(scalar)
    }

    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

/// Counts lines and columns as the YAML parser does.
struct TextScan {
    private(set) var location = SourceLocation(line: 1, column: 1)
    private var isAfterReturn = false
    private(set) var isAtStart = true

    mutating func advance(over scalar: Unicode.Scalar) {
        isAtStart = false
        switch scalar.value {
        case 0x0A where isAfterReturn: break
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029:
            location = SourceLocation(line: location.line + 1, column: 1)
        case 0xFEFF: break
        default: location.column += 1
        }
        isAfterReturn = scalar.value == 0x0D
    }
}
