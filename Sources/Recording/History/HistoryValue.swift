import Replication

/// The value of an operation as a history writes it: a short unique token, never the padding that
/// `value_size` adds on the wire.
public enum HistoryValue: Hashable, Sendable {
    /// No value: absent, or nothing was answered.
    case null
    /// A register's token.
    case text(String)
    /// A counter's amount or reading, or a number that a client of another system wrote.
    case integer(Int64)
    /// A list's or set's elements, oldest first; of a register, several concurrent values.
    case list([HistoryValue])
    /// A compare-and-set: what was expected (``null``: absent) and what is to replace it.
    indirect case pair(from: HistoryValue, to: HistoryValue)
    /// The parts of a transaction.
    case transaction([MicroOperation])

    /// A list of tokens.
    public static func list(tokens: some Sequence<String>) -> HistoryValue {
        .list(tokens.map(HistoryValue.text))
    }

    /// The value as JSON: a pair is an array of two.
    public var json: JSONValue {
        switch self {
        case .null: .null
        case .text(let token): .text(token)
        case .integer(let number): .integer(number)
        case .list(let elements): .list(elements.map(\.json))
        case .pair(let from, let to): .list([from.json, to.json])
        case .transaction(let parts): .list(parts.map(\.json))
        }
    }

    /// Appends the value as JSON.
    func write(into writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .text(let token): writer.text(token)
        case .integer(let number): writer.integer(number)
        case .list, .pair, .transaction: writer.value(json)
        }
    }

    /// The value that `json` stands for in an operation of `function`, which tells pairs and
    /// transactions from lists. `nil` for JSON that is no such value.
    public init?(json: JSONValue, of function: HistoryFunction = .read) {
        switch json {
        case .null: self = .null
        case .text(let token): self = .text(token)
        case .integer(let number): self = .integer(number)
        case .list(let members) where function == .txn:
            let parts = members.compactMap { MicroOperation(json: $0) }
            guard parts.count == members.count else { return nil }
            self = .transaction(parts)
        case .list(let members):
            let elements = members.compactMap { Self(scalar: $0) }
            guard elements.count == members.count else { return nil }
            if function == .cas {
                guard elements.count == 2 else { return nil }
                self = .pair(from: elements[0], to: elements[1])
            } else {
                self = .list(elements)
            }
        case .flag, .number, .object: return nil
        }
    }

    private init?(scalar json: JSONValue) {
        switch json {
        case .null: self = .null
        case .text(let token): self = .text(token)
        case .integer(let number): self = .integer(number)
        case .flag, .number, .object, .list: return nil
        }
    }

    /// The token, if it is one.
    public var token: String? {
        if case .text(let token) = self { return token }
        return nil
    }

    /// A scalar as keys are written.
    package var keyText: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .null, .list, .pair, .transaction: summary
        }
    }

    /// The value in a few words, for counter-examples.
    public var summary: String {
        switch self {
        case .null: "nothing"
        case .text(let token): token
        case .integer(let number): String(number)
        case .list(let elements): "[" + elements.map(\.summary).joined(separator: " ") + "]"
        case .pair(let from, let to): "\(from.summary) → \(to.summary)"
        case .transaction(let parts): parts.map(\.summary).joined(separator: ", ")
        }
    }
}

extension HistoryValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByNilLiteral
{
    /// A token.
    public init(stringLiteral token: String) { self = .text(token) }
    /// A number.
    public init(integerLiteral number: Int64) { self = .integer(number) }
    /// No value.
    public init(nilLiteral: ()) { self = .null }
}
