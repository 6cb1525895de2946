/// Any JSON value, with the members of objects in order.
///
/// Records are written and read with this rather than with `Codable`: the order of keys is part of
/// a record, whole numbers keep all 64 bits, and a line of a history costs little.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case flag(Bool)
    /// A whole number that fits 64 bits.
    case integer(Int64)
    /// Any other number. Infinite ones and NaN are written as `null`.
    case number(Double)
    /// A string.
    case text(String)
    /// An array.
    case list([JSONValue])
    /// An object; its members in the order in which they are written.
    case object([Member])

    /// A member of an object.
    public struct Member: Hashable, Sendable {
        /// The member's name.
        public var name: String
        /// The member's value.
        public var value: JSONValue
        /// The member `name` with `value`.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The object with these members in this order.
    public static func members(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(pairs.map { Member($0.key, $0.value) })
    }
    /// The text, or `null`.
    public static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.text) ?? .null }
    /// The whole number, or `null`.
    public static func optional(_ number: Int64?) -> JSONValue {
        number.map(JSONValue.integer) ?? .null
    }
    /// The number, or `null`.
    public static func optional(_ number: Double?) -> JSONValue {
        number.map(JSONValue.number) ?? .null
    }
    /// The flag, or `null`.
    public static func optional(_ flag: Bool?) -> JSONValue { flag.map(JSONValue.flag) ?? .null }
    /// A list of texts.
    public static func texts(_ texts: [String]) -> JSONValue { .list(texts.map(JSONValue.text)) }
    /// A whole number of any size of integer; at most the largest 64-bit one.
    public static func count(_ number: some BinaryInteger) -> JSONValue {
        .integer(Int64(clamping: number))
    }
}

extension JSONValue {
    /// The value of the first member named `name`; `nil` when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The members, when this is an object.
    public var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }
    /// The elements, when this is an array.
    public var elements: [JSONValue]? {
        if case .list(let elements) = self { return elements }
        return nil
    }
    /// The string, when this is one.
    public var text: String? {
        if case .text(let text) = self { return text }
        return nil
    }
    /// The whole number, when this is one.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .number(let number): Int64(exactly: number)
        case .null, .flag, .text, .list, .object: nil
        }
    }
    /// The number, whole or not, when this is one.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .null, .flag, .text, .list, .object: nil
        }
    }
    /// The flag, when this is one.
    public var flag: Bool? {
        if case .flag(let flag) = self { return flag }
        return nil
    }
    /// Whether this is `null`.
    public var isNull: Bool { self == .null }
}
