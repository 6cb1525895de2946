/// Writes JSON (RFC 8259) into a growing array of bytes, member by member, without a tree.
///
/// The same calls give the same bytes everywhere. Strings are escaped only where the standard asks
/// for it. Commas are the writer's business; balanced calls are the caller's.
public struct JSONWriter: Sendable {
    /// Everything written so far, in UTF-8.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Forgets what was written and keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    /// Opens an object.
    public mutating func openObject() { open(UInt8(ascii: "{")) }
    /// Closes an object.
    public mutating func closeObject() { close(UInt8(ascii: "}")) }
    /// Opens an array.
    public mutating func openList() { open(UInt8(ascii: "[")) }
    /// Closes an array.
    public mutating func closeList() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; its value must follow.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member's name that needs no escapes; its value must follow.
    mutating func plainName(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes `null`.
    public mutating func null() { raw("null") }
    /// Writes `true` or `false`.
    public mutating func flag(_ flag: Bool) { raw(flag ? "true" : "false") }
    /// Writes a string.
    public mutating func text(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }
    /// Writes a whole number.
    public mutating func integer(_ number: Int64) {
        separate()
        digits(of: number)
        needsComma = true
    }
    /// Writes a number in the shortest form that reads back as the same; whole ones without a
    /// fraction, infinite ones and NaN as `null`.
    public mutating func number(_ number: Double) {
        if !number.isFinite { return null() }
        if number.magnitude < 0x1p53, number == number.rounded(.towardZero) {
            return integer(Int64(number))
        }
        raw(number.description)
    }

    /// Writes any value.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .flag(let value): flag(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .text(let value): text(value)
        case .list(let elements):
            openList()
            for element in elements { self.value(element) }
            closeList()
        case .object(let members):
            openObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            closeObject()
        }
    }

    /// Ends a line.
    public mutating func newline() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }
    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }
    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func digits(of number: Int64) {
        if 0 <= number, number < 10 {
            return bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
        }
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = text.utf8.withContiguousStorageIfAvailable { utf8 in
            // Nearly every string: names, keys, tokens.
            var isPlain = true
            for byte in utf8 {
                let isSpecial =
                    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                isPlain = isPlain && !isSpecial
            }
            if isPlain { bytes.append(contentsOf: utf8) }
            return isPlain
        }
        if isPlain != true { escape(text) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0x0D: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case 0x09: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimal[Int(byte >> 4)])
                bytes.append(Self.hexadecimal[Int(byte & 15)])
            case _: bytes.append(byte)
            }
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}

extension JSONValue {
    /// The value as one line of JSON without a line break.
    public var line: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The value as indented JSON for people, ended by a line break. Objects and arrays that hold
    /// no objects stay on one line when they are short.
    public var indented: String {
        var result = ""
        appendIndented(to: &result, depth: 0)
        return result + "\n"
    }

    private func appendIndented(to result: inout String, depth: Int) {
        let compact = line
        if compact.utf8.count <= 88 || (depth >= 2 && isFlat) {
            result += compact
            return
        }
        let margin = String(repeating: "  ", count: depth + 1)
        switch self {
        case .null, .flag, .integer, .number, .text: result += compact
        case .list(let elements):
            result += "["
            for (index, element) in elements.enumerated() {
                result += (index == 0 ? "\n" : ",\n") + margin
                element.appendIndented(to: &result, depth: depth + 1)
            }
            result += "\n" + margin.dropLast(2) + "]"
        case .object(let members):
            result += "{"
            for (index, member) in members.enumerated() {
                result += (index == 0 ? "\n" : ",\n") + margin
                result += JSONValue.text(member.name).line + ": "
                member.value.appendIndented(to: &result, depth: depth + 1)
            }
            result += "\n" + margin.dropLast(2) + "}"
        }
    }

    /// Whether nothing in it is an object or an array of objects.
    private var isFlat: Bool {
        let children: [JSONValue]
        switch self {
        case .null, .flag, .integer, .number, .text: return true
        case .list(let elements): children = elements
        case .object(let members): children = members.map(\.value)
        }
        return children.allSatisfy { child in
            switch child {
            case .null, .flag, .integer, .number, .text: true
            case .list(let elements): elements.allSatisfy { $0.isScalar }
            case .object: false
            }
        }
    }

    private var isScalar: Bool { members == nil && elements == nil }
}
