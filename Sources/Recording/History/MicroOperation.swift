/// One step of a transaction, as a history writes it: an array of three, as Elle's (Kingsbury and
/// Alvaro, VLDB 2020) are.
///
///     ["r", "k1.0", ["c1.1", "c1.2"]]   ["append", "k2.0", "c3.4"]   ["w", "k1.0", "c3.5"]
public struct MicroOperation: Hashable, Sendable {
    /// What a step does, by the name that histories write.
    public enum Function: String, CaseIterable, Hashable, Sendable {
        /// Reads a key.
        case read = "r"
        /// Replaces a register's value.
        case write = "w"
        /// Adds an element to a list.
        case append
    }

    /// What it does.
    public var function: Function
    /// The key that it does it to.
    public var key: String
    /// What was read, written or appended; ``HistoryValue/null`` for a read that found nothing, and
    /// for every read of a transaction that is not known to have taken effect.
    public var value: HistoryValue

    /// A step with these parts.
    public init(_ function: Function, _ key: String, _ value: HistoryValue = .null) {
        self.function = function
        self.key = key
        self.value = value
    }

    /// The step as JSON.
    public var json: JSONValue { .list([.text(function.rawValue), .text(key), value.json]) }

    /// The step that `json` stands for; `nil` for JSON that is no step.
    public init?(json: JSONValue) {
        guard case .list(let parts) = json, parts.count == 3, let name = parts[0].text,
            let function = Function(rawValue: name), let key = parts[1].text,
            let value = HistoryValue(json: parts[2])
        else { return nil }
        self.init(function, key, value)
    }

    /// The step in a few words, for counter-examples.
    public var summary: String {
        switch function {
        case .read: "read \(key): \(value.summary)"
        case .write: "write \(key) = \(value.summary)"
        case .append: "append \(value.summary) to \(key)"
        }
    }
}

extension HistoryValue {
    /// The transaction whose steps `json` lists; `nil` for JSON that is no list of steps.
    public init?(transaction json: JSONValue) {
        guard case .list(let elements) = json else { return nil }
        let steps = elements.compactMap { MicroOperation(json: $0) }
        guard steps.count == elements.count else { return nil }
        self = .transaction(steps)
    }
}
