/// Makes a row of a line of JSON that has the usual form: known members, strings without escapes,
/// values that fit. Anything else is `nil`, and somebody else's business.
struct HistoryLineParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    var end = 0
    var names = TextNumbers()
    private var functions: [UInt32: UInt8] = [:]

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// What a line told besides the row's own fields.
    private struct Parts {
        var row = HistoryRow()
        var function: UInt32 = 0
        var hasFunction = false
        var type: Range<Int>?
        /// Which members there were, a bit each.
        var members: UInt32 = 0
        /// Where the value and the result are: they are read when the function is known.
        var value: Range<Int>?
        var result: Range<Int>?
    }

    /// The row of the line in `range`.
    mutating func row(_ range: Range<Int>, _ tables: inout HistoryTables) -> HistoryRow? {
        position = range.lowerBound
        end = range.upperBound
        var parts = Parts()
        guard accept(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard let name = string(), accept(UInt8(ascii: ":")),
                member(name, &parts, &tables)
            else { return nil }
        } while accept(UInt8(ascii: ","))
        guard accept(UInt8(ascii: "}")), position == end else { return nil }
        return finished(&parts, &tables)
    }

    private static let required: UInt32 = 0b11_1111_1111

    private mutating func finished(
        _ parts: inout Parts, _ tables: inout HistoryTables
    ) -> HistoryRow? {
        guard parts.members & Self.required == Self.required, let type = parts.type,
            let code = functionCode(parts.function, tables)
        else { return nil }
        parts.row.function = code
        let outcome: HistoryOperation.Outcome
        if matches(type, "ok") {
            outcome = .ok
        } else if matches(type, "fail") {
            outcome = .fail
        } else if matches(type, "info") {
            outcome = .info
        } else {
            return nil
        }
        parts.row.outcome = HistoryRow.number(outcome)
        let never = HistoryRow.never
        if outcome != .info, parts.row.invoked != never, parts.row.completed == never {
            return nil
        }
        if parts.row.invoked != never, parts.row.completed != never,
            parts.row.completed < parts.row.invoked
        {
            return nil
        }
        let start = tables.elements.count
        let ending = position
        guard
            let value = value(in: parts.value, code, &tables),
            let result = self.value(in: parts.result, 0, &tables)
        else {
            tables.removeElements(from: start)
            return nil
        }
        parts.row.storedValue = value
        parts.row.storedResult = result
        position = ending
        return parts.row
    }

    private mutating func functionCode(_ name: UInt32, _ tables: HistoryTables) -> UInt8? {
        if let known = functions[name] { return known }
        guard let code = HistoryRow.number(HistoryFunction(name: tables.name(name))) else {
            return nil
        }
        functions[name] = code
        return code
    }

    // MARK: Members

    private mutating func member(
        _ name: Range<Int>, _ parts: inout Parts, _ tables: inout HistoryTables
    ) -> Bool {
        func has(_ bit: UInt32) { parts.members |= 1 << bit }
        if matches(name, "index") {
            guard let number = integer(), number <= UInt32.max, number >= 0 else { return false }
            parts.row.number = UInt32(number)
            has(0)
        } else if matches(name, "process") {
            guard let number = integer(), number <= UInt32.max, number >= 0 else { return false }
            parts.row.process = UInt32(number)
            has(1)
        } else if matches(name, "client") {
            guard let number = integer(), number <= UInt32.max, number >= 0 else { return false }
            parts.row.client = UInt32(number)
            has(2)
        } else if matches(name, "session") {
            guard let number = integer() else { return false }
            parts.row.session = UInt64(bitPattern: number)
            has(3)
        } else if matches(name, "region") {
            guard let number = text(&tables) else { return false }
            parts.row.region = number
            has(4)
        } else if matches(name, "attempts") {
            guard let number = integer(), number <= UInt16.max, number >= 0 else { return false }
            parts.row.attempts = UInt16(number)
            has(5)
        } else if matches(name, "f") {
            guard let number = text(&tables) else { return false }
            parts.function = number
            has(6)
        } else if matches(name, "data_type") {
            guard let number = text(&tables) else { return false }
            parts.row.dataType = number
            has(7)
        } else if matches(name, "planned_ns") {
            guard let number = time() else { return false }
            parts.row.planned = number
            has(8)
        } else if matches(name, "type") {
            guard let range = string() else { return false }
            parts.type = range
            has(9)
        } else {
            return optionalMember(name, &parts, &tables)
        }
        return true
    }

    private mutating func optionalMember(
        _ name: Range<Int>, _ parts: inout Parts, _ tables: inout HistoryTables
    ) -> Bool {
        if matches(name, "value") {
            let start = position
            guard skipValue() else { return false }
            parts.value = start..<position
            return true
        }
        if matches(name, "result") {
            let start = position
            guard skipValue() else { return false }
            parts.result = start..<position
            return true
        }
        if acceptNull() {
            return matches(name, "invoke_ns") || matches(name, "complete_ns")
                || matches(name, "key") || matches(name, "served_by") || matches(name, "error")
                || matches(name, "version") || matches(name, "context")
        }
        if matches(name, "invoke_ns") {
            guard let number = time() else { return false }
            parts.row.invoked = number
        } else if matches(name, "complete_ns") {
            guard let number = time() else { return false }
            parts.row.completed = number
        } else if matches(name, "key") {
            guard let number = text(&tables) else { return false }
            parts.row.key = number
        } else if matches(name, "served_by") {
            guard let number = text(&tables) else { return false }
            parts.row.servedBy = number
        } else if matches(name, "error") {
            guard let number = text(&tables) else { return false }
            parts.row.error = number
        } else if matches(name, "version") {
            return version(&parts.row, &tables)
        } else if matches(name, "context") {
            guard let range = string(),
                let vector = VersionText.vector(String(decoding: bytes[range], as: UTF8.self))
            else { return false }
            parts.row.context = tables.add(vector)
        } else {
            return false
        }
        return true
    }

    private mutating func version(
        _ row: inout HistoryRow, _ tables: inout HistoryTables
    ) -> Bool {
        guard let range = string(),
            let version = VersionText.version(String(decoding: bytes[range], as: UTF8.self))
        else { return false }
        row.set(version, &tables)
        return true
    }

    // MARK: Tokens

    @inline(__always)
    mutating func accept(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func acceptNull() -> Bool {
        guard end - position >= 4, matches(position..<position + 4, "null") else { return false }
        position += 4
        return true
    }

    @inline(__always)
    func matches(_ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        var offset = 0
        while offset < range.count {
            if bytes[range.lowerBound + offset] != word.utf8Start[offset] { return false }
            offset += 1
        }
        return true
    }

    /// A string without escapes, without its quotes.
    mutating func string() -> Range<Int>? {
        guard accept(UInt8(ascii: "\"")) else { return nil }
        let start = position
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return start..<position - 1
            }
            if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
            position += 1
        }
        return nil
    }

    private mutating func text(_ tables: inout HistoryTables) -> UInt32? {
        guard let range = string() else { return nil }
        guard !range.isEmpty else { return nil }
        return names.number(of: range, in: bytes, &tables)
    }

    /// A whole number of at most 18 digits.
    mutating func integer() -> Int64? {
        let start = position
        let isNegative = accept(UInt8(ascii: "-"))
        let first = position
        var number: Int64 = 0
        while position < end, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            number = number &* 10 &+ Int64(digit)
            position += 1
        }
        let count = position - first
        let hasEnded =
            position == end || bytes[position] == UInt8(ascii: ",")
            || bytes[position] == UInt8(ascii: "}") || bytes[position] == UInt8(ascii: "]")
        guard (1...18).contains(count), count == 1 || bytes[first] != UInt8(ascii: "0"), hasEnded
        else {
            position = start
            return nil
        }
        return isNegative ? -number : number
    }

    private mutating func time() -> Int64? {
        guard let number = integer(), number.magnitude < 1 << 60 else { return nil }
        return number
    }

    /// Goes past a value, nested in arrays at most.
    private mutating func skipValue() -> Bool {
        var depth = 0
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"):
                if depth == 0 { return false }
                depth -= 1
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                position -= 1
            case UInt8(ascii: ","), UInt8(ascii: "}"): if depth == 0 { return true }
            case UInt8(ascii: "{"): return false
            case _: break
            }
            position += 1
        }
        return false
    }
}
