import Replication

/// The value of an operation as a history writes it: a short unique token, never the padding that
/// `value_size` adds on the wire.
public enum HistoryValue: Hashable, Sendable {
    /// No value: absent, or nothing was answered.
    case null
    /// A register's token.
    case text(String)
    /// A counter's amount or reading.
    case integer(Int64)
    /// A list's elements, oldest first; of a register, several concurrent values.
    case list([String])
    /// A compare-and-set: what was expected (`nil`: absent) and what is to replace it.
    case pair(from: String?, to: String)
    /// The steps of a transaction, in order.
    case transaction([MicroOperation])

    /// The value as JSON: a pair is an array of two.
    public var json: JSONValue {
        switch self {
        case .null: .null
        case .text(let token): .text(token)
        case .integer(let number): .integer(number)
        case .list(let tokens): .texts(tokens)
        case .pair(let from, let to): .list([.optional(from), .text(to)])
        case .transaction(let steps): .list(steps.map(\.json))
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

    /// The value that `json` stands for; an array of two is a pair when `isPair`. `nil` for JSON
    /// that is no such value.
    public init?(json: JSONValue, isPair: Bool = false) {
        switch json {
        case .null: self = .null
        case .text(let token): self = .text(token)
        case .integer(let number): self = .integer(number)
        case .list(let elements):
            if isPair {
                guard elements.count == 2, let to = elements[1].text,
                    elements[0].isNull || elements[0].text != nil
                else { return nil }
                self = .pair(from: elements[0].text, to: to)
            } else {
                let tokens = elements.compactMap(\.text)
                guard tokens.count == elements.count else { return nil }
                self = .list(tokens)
            }
        case .flag, .number, .object: return nil
        }
    }

    /// The value in a few words, for counter-examples.
    public var summary: String {
        switch self {
        case .null: "nothing"
        case .text(let token): token
        case .integer(let number): String(number)
        case .list(let tokens): "[" + tokens.joined(separator: " ") + "]"
        case .pair(let from, let to): "\(from ?? "nothing") → \(to)"
        case .transaction(let steps): steps.map(\.summary).joined(separator: ", ")
        }
    }
}
