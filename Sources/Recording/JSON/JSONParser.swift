/// Text that is not JSON: where, and what was expected there.
public struct MalformedJSON: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offset in bytes from the start of the text.
    public var offset: Int
    /// What was expected, and what was there.
    public var description: String
}

/// Reads JSON (RFC 8259) from bytes. Depth is bounded, numbers keep 64 bits where they are whole.
public struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// How deep arrays and objects may nest.
    public static let depthMax = 128

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The one value that `bytes` hold, with nothing but white space around it.
    public static func parse(_ bytes: [UInt8]) throws(MalformedJSON) -> JSONValue {
        try parse(bytes[...])
    }

    /// The one value that `bytes` hold, with nothing but white space around it.
    public static func parse(_ bytes: ArraySlice<UInt8>) throws(MalformedJSON) -> JSONValue {
        let result: Result<JSONValue, MalformedJSON> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer)
            do throws(MalformedJSON) {
                let value = try parser.value(depth: 0)
                parser.skipSpace()
                if parser.position < buffer.count {
                    throw parser.unexpected("the end of the value")
                }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The one value that `text` holds.
    public static func parse(_ text: String) throws(MalformedJSON) -> JSONValue {
        try parse(Array(text.utf8))
    }

    private func unexpected(_ expected: String) -> MalformedJSON {
        guard position < bytes.count else {
            return MalformedJSON(
                offset: position, description: "expected \(expected), found the end of the text")
        }
        let found = String(
            decoding: bytes[position..<min(position + 12, bytes.count)], as: UTF8.self)
        return MalformedJSON(
            offset: position, description: "expected \(expected), found \"\(found)\"")
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case _: return
            }
        }
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(MalformedJSON) -> JSONValue {
        skipSpace()
        guard depth < Self.depthMax else {
            throw MalformedJSON(offset: position, description: "nested too deeply")
        }
        guard position < bytes.count else { throw unexpected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object(depth))
        case UInt8(ascii: "["): return .list(try list(depth))
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case _: return try number()
        }
    }

    private mutating func object(_ depth: Int) throws(MalformedJSON) -> [JSONValue.Member] {
        position += 1
        var members: [JSONValue.Member] = []
        if accept(UInt8(ascii: "}")) { return members }
        repeat {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw unexpected("a member's name")
            }
            let name = try string()
            guard accept(UInt8(ascii: ":")) else { throw unexpected("\":\"") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "}")) else { throw unexpected("\",\" or \"}\"") }
        return members
    }

    private mutating func list(_ depth: Int) throws(MalformedJSON) -> [JSONValue] {
        position += 1
        var elements: [JSONValue] = []
        if accept(UInt8(ascii: "]")) { return elements }
        repeat { elements.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "]")) else { throw unexpected("\",\" or \"]\"") }
        return elements
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(MalformedJSON) -> JSONValue {
        let length = word.utf8CodeUnitCount
        let matches =
            position + length <= bytes.count
            && (0..<length).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
        guard matches else { throw unexpected("a value") }
        position += length
        return value
    }

    private mutating func number() throws(MalformedJSON) -> JSONValue {
        let start = position
        func digit(_ index: Int) -> Bool {
            index < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
        }
        var index = position
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        guard digit(index) else { throw unexpected("a value") }
        var magnitude: UInt64 = 0
        var fits = true
        let first = index
        while digit(index) {
            let (scaled, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt64(bytes[index] & 15))
            if overflow || carry { fits = false }
            magnitude = sum
            index += 1
        }
        if bytes[first] == UInt8(ascii: "0"), index > first + 1 {
            throw unexpected("a number without leading zeros")
        }
        var isWhole = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isWhole = false
            index += 1
            guard digit(index) else { throw unexpected("a number") }
            while digit(index) { index += 1 }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            index += 1
            if index < bytes.count,
                bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
            {
                index += 1
            }
            guard digit(index) else { throw unexpected("a number") }
            while digit(index) { index += 1 }
        }
        if isWhole, fits {
            if !isNegative, let number = Int64(exactly: magnitude) {
                position = index
                return .integer(number)
            }
            if isNegative, magnitude <= Int64.min.magnitude {
                position = index
                return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let number = Double(text) else { throw unexpected("a number") }
        position = index
        return .number(number)
    }

    private mutating func string() throws(MalformedJSON) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try decoded(bytes[start..<position])
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw unexpected("no control character in a string")
            case _: position += 1
            }
        }
        throw unexpected("the end of a string")
    }

    private func decoded(_ utf8: Slice<UnsafeBufferPointer<UInt8>>) throws(MalformedJSON) -> String
    {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw MalformedJSON(offset: utf8.startIndex, description: "expected UTF-8")
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(MalformedJSON) -> String {
        var utf8 = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                guard let text = String(validating: utf8, as: UTF8.self) else {
                    throw MalformedJSON(offset: start, description: "expected UTF-8")
                }
                return text
            }
            if byte < 0x20 { throw unexpected("no control character in a string") }
            if byte != UInt8(ascii: "\\") {
                utf8.append(byte)
                position += 1
                continue
            }
            utf8.append(contentsOf: try escape())
        }
        throw unexpected("the end of a string")
    }

    private mutating func escape() throws(MalformedJSON) -> [UInt8] {
        guard position + 1 < bytes.count else { throw unexpected("an escape") }
        let code = bytes[position + 1]
        let plain: UInt8
        switch code {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = code
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            var unit = try codeUnit(at: position + 2)
            position += 6
            if (0xD800..<0xDC00).contains(unit) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw unexpected("the second half of a surrogate pair") }
                let low = try codeUnit(at: position + 2)
                guard (0xDC00..<0xE000).contains(low) else {
                    throw unexpected("the second half of a surrogate pair")
                }
                position += 6
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else {
                throw unexpected("a Unicode scalar before this")
            }
            return Array(String(Character(scalar)).utf8)
        case _: throw unexpected("an escape")
        }
        position += 2
        return [plain]
    }

    private func codeUnit(at start: Int) throws(MalformedJSON) -> UInt32 {
        guard start + 4 <= bytes.count else { throw unexpected("four hexadecimal digits") }
        var unit: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue,
                bytes[index] < 0x80
            else { throw unexpected("four hexadecimal digits") }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }
}
