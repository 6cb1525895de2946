/// Text that is not EDN, or not what was expected there: where, and what was expected.
struct MalformedEDN: Error {
    /// The offset in bytes from the start of the text.
    var offset: Int
    /// What was expected, and what was there.
    var reason: String
}

/// A position in a text in EDN (the data notation of Clojure), from which tokens are read one by
/// one, without a tree: histories are long.
///
/// Read are the forms that histories are written in: `nil`, `true`, numbers, strings, characters,
/// keywords, symbols, vectors, lists, sets, maps, tagged forms, comments and discarded forms.
/// Every form that is no collection can be had as text; whole numbers as numbers.
struct EDNCursor {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    let end: Int
    /// How many discarded forms the next one is within.
    private var discards = 0
    private static let discardsMax = 32

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    func unexpected(_ expected: String) -> MalformedEDN {
        guard position < end else {
            return MalformedEDN(
                offset: position, reason: "expected \(expected), found the end of the text")
        }
        let stop =
            bytes[position..<min(position + 16, end)]
            .firstIndex { $0 == UInt8(ascii: "\n") } ?? min(position + 16, end)
        let found = String(decoding: bytes[position..<stop], as: UTF8.self)
        return MalformedEDN(
            offset: position, reason: "expected \(expected), found \"\(found)\"")
    }

    /// Goes on to the next form: past white space, commas and comments.
    mutating func skipBlank() throws(MalformedEDN) {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","): position += 1
            case UInt8(ascii: ";"):
                while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            case UInt8(ascii: "#"):
                guard position + 1 < end, bytes[position + 1] == UInt8(ascii: "_") else { return }
                position += 2
                guard discards < Self.discardsMax else {
                    throw unexpected("fewer discarded forms within each other")
                }
                discards += 1
                try skipForm()
                discards -= 1
            case _: return
            }
        }
    }

    /// The next byte that is not blank, which stays; `nil` at the end.
    mutating func peek() throws(MalformedEDN) -> UInt8? {
        try skipBlank()
        return position < end ? bytes[position] : nil
    }

    /// Takes the next byte if it is `byte`.
    mutating func accept(_ byte: UInt8) throws(MalformedEDN) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }

    /// A keyword without its colon, as a range of bytes; `nil`, and nothing is taken, if the next
    /// form is none.
    mutating func keyword() throws(MalformedEDN) -> Range<Int>? {
        guard try peek() == UInt8(ascii: ":") else { return nil }
        let start = position + 1
        position = wordEnd(from: start)
        guard position > start else { throw unexpected("a keyword") }
        return start..<position
    }

    /// Whether the bytes in `range` are `word`.
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

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func wordEnd(from start: Int) -> Int {
        var index = start
        while index < end, !Self.isDelimiter(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always)
    static func isDelimiter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: ";"):
            true
        case _: false
        }
    }

    /// A form that is no collection.
    enum Atom: Equatable {
        case null
        case integer(Int64)
        /// A string without its quotes, or any other form as it is written.
        case text(String)
    }

    /// The next form, if it is no collection; `nil`, and nothing but tags is taken, if it is one.
    mutating func atom() throws(MalformedEDN) -> Atom? {
        // What a tag says of a form is no matter here.
        while try peek() == UInt8(ascii: "#") {
            if position + 1 < end, bytes[position + 1] == UInt8(ascii: "{") { return nil }
            let start = position
            position = wordEnd(from: start + 1)
            // Symbolic values, such as ##Inf, are no tags.
            if position > start + 1, bytes[start + 1] == UInt8(ascii: "#") {
                return .text(text(start..<position))
            }
        }
        guard let first = try peek() else { throw unexpected("a value") }
        switch first {
        case UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "{"): return nil
        case UInt8(ascii: "]"), UInt8(ascii: ")"), UInt8(ascii: "}"): throw unexpected("a value")
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "\\"):
            let start = position
            position = wordEnd(from: min(position + 2, end))
            return .text(text(start..<position))
        case _: break
        }
        if let number = wholeNumber() { return .integer(number) }
        let start = position
        position = wordEnd(from: start)
        guard position > start else { throw unexpected("a value") }
        if matches(start..<position, "nil") { return .null }
        return .text(text(start..<position))
    }

    /// A whole number of 64 bits; `nil`, and nothing is taken, if something else comes.
    @inline(__always)
    mutating func wholeNumber() -> Int64? {
        var index = position
        var isNegative = false
        if index < end, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        let first = index
        var number: Int64 = 0
        while index < end, case let digit = bytes[index] &- UInt8(ascii: "0"), digit < 10 {
            // Eighteen digits always fit.
            guard index - first < 18 else { return slowWholeNumber() }
            number = number &* 10 &+ Int64(digit)
            index += 1
        }
        guard index > first, index == end || Self.isDelimiter(bytes[index]) else { return nil }
        position = index
        return isNegative ? -number : number
    }

    private mutating func slowWholeNumber() -> Int64? {
        let stop = wordEnd(from: position)
        guard let number = Int64(text(position..<stop)) else { return nil }
        position = stop
        return number
    }

    private mutating func string() throws(MalformedEDN) -> String {
        let opening = position
        position += 1
        let start = position
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                guard
                    let text = String(validating: bytes[start..<position - 1], as: UTF8.self)
                else { throw MalformedEDN(offset: start, reason: "expected UTF-8") }
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case _: position += 1
            }
        }
        throw MalformedEDN(offset: opening, reason: "this string has no end")
    }

    private mutating func escapedString(from start: Int) throws(MalformedEDN) -> String {
        var utf8 = Array(bytes[start..<position])
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: utf8, as: UTF8.self) else {
                    throw MalformedEDN(offset: start, reason: "expected UTF-8")
                }
                return text
            }
            guard byte == UInt8(ascii: "\\") else {
                utf8.append(byte)
                continue
            }
            guard position < end else { break }
            switch bytes[position] {
            case UInt8(ascii: "n"): utf8.append(0x0A)
            case UInt8(ascii: "t"): utf8.append(0x09)
            case UInt8(ascii: "r"): utf8.append(0x0D)
            case UInt8(ascii: "b"): utf8.append(0x08)
            case UInt8(ascii: "f"): utf8.append(0x0C)
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): utf8.append(bytes[position])
            case UInt8(ascii: "u"):
                let digits = position + 1..<min(position + 5, end)
                guard digits.count == 4, let unit = UInt32(text(digits), radix: 16),
                    let scalar = Unicode.Scalar(unit)
                else { throw unexpected("u and four hexadecimal digits") }
                utf8.append(contentsOf: Array(String(Character(scalar)).utf8))
                position += 4
            case _: throw unexpected("an escape such as \\n")
            }
            position += 1
        }
        throw MalformedEDN(offset: start - 1, reason: "this string has no end")
    }

    /// Goes past the next form, whatever it is.
    mutating func skipForm() throws(MalformedEDN) {
        // Of each collection that is open, what closes it.
        var closers: [UInt8] = []
        while true {
            if let closer = closers.last, try accept(closer) {
                closers.removeLast()
            } else if try atom() == nil {
                closers.append(try openCollection())
            }
            if closers.isEmpty { return }
        }
    }

    /// Takes the opening of the collection that comes next; says what closes it.
    mutating func openCollection() throws(MalformedEDN) -> UInt8 {
        // Tags were taken; what is left is that of a set.
        _ = try accept(UInt8(ascii: "#"))
        defer { position += 1 }
        switch try peek() {
        case UInt8(ascii: "["): return UInt8(ascii: "]")
        case UInt8(ascii: "("): return UInt8(ascii: ")")
        case UInt8(ascii: "{"): return UInt8(ascii: "}")
        case _: throw unexpected("a collection")
        }
    }
}
