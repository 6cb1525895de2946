/// A part of a transaction: what it does to one key, or saw there.
public struct MicroOperation: Hashable, Sendable {
    /// What it does.
    public enum Function: String, CaseIterable, Hashable, Sendable {
        /// Reads the key.
        case read = "r"
        /// Replaces the key's value.
        case write = "w"
        /// Adds an element to the key's list.
        case append
    }

    /// What it does.
    public var function: Function
    /// The key.
    public var key: String
    /// What it wrote, appended or saw. Of a read that was not answered, and of one that found
    /// nothing, ``HistoryValue/null``.
    public var value: HistoryValue

    /// A part that does this.
    public init(_ function: Function, _ key: String, _ value: HistoryValue = .null) {
        self.function = function
        self.key = key
        self.value = value
    }

    /// As an array of three, the form of Elle (Kingsbury and Alvaro, 2020): `["append","x",3]`.
    var json: JSONValue { .list([.text(function.rawValue), .text(key), value.json]) }

    /// The part that `json` stands for; `nil` if it is none.
    init?(json: JSONValue) {
        guard let parts = json.elements, parts.count == 3,
            let function = parts[0].text.flatMap(Function.init(rawValue:)),
            let key = parts[1].text, let value = HistoryValue(json: parts[2])
        else { return nil }
        switch value {
        case .pair, .transaction: return nil
        case .null, .text, .integer, .list: break
        }
        self.init(function, key, value)
    }

    /// In a few words.
    public var summary: String {
        switch function {
        case .read: "\(key) = \(value.summary)"
        case .write: "\(key) := \(value.summary)"
        case .append: "\(key) += \(value.summary)"
        }
    }
}
