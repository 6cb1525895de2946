/// A transaction of a small history, as people write it.
package struct SampleTransaction: Hashable, Sendable, CustomStringConvertible {
    /// What it did, to which key.
    package enum Operation: Hashable, Sendable {
        case append(Int, Int32)
        case readList(Int, [Int32])
        case write(Int, Int32)
        case readValue(Int, Int32)
        case readUnknown(Int)

        /// The key.
        package var key: Int {
            switch self {
            case .append(let key, _), .readList(let key, _), .write(let key, _),
                .readValue(let key, _), .readUnknown(let key):
                key
            }
        }

        /// The element or value that it leaves; `nil` for a read.
        package var update: Int32? {
            switch self {
            case .append(_, let value), .write(_, let value): value
            case .readList, .readValue, .readUnknown: nil
            }
        }
    }

    package var operations: [Operation]
    package var process: Int32
    package var invoked: Int64
    package var returned: Int64?
    package var outcome: TransactionHistory.Outcome

    /// A transaction with these parts.
    package init(
        operations: [Operation], process: Int32, invoked: Int64, returned: Int64?,
        outcome: TransactionHistory.Outcome = .ok
    ) {
        self.operations = operations
        self.process = process
        self.invoked = invoked
        self.returned = returned
        self.outcome = outcome
    }

    /// In few letters: `ax1` appends 1 to x, `rx12` read [1 2] from it, `wx1` writes 1.
    package var description: String {
        let texts = operations.map { operation in
            let key = SampleHistory.name(operation.key)
            return switch operation {
            case .append(_, let element): "a\(key)\(element)"
            case .readList(_, let list): "r\(key)\(list.map(String.init).joined())"
            case .write(_, let value): "w\(key)\(value)"
            case .readValue(_, let value): "r\(key)\(value)"
            case .readUnknown: "r\(key)?"
            }
        }
        let end = returned.map(String.init) ?? ""
        return "\(texts.joined(separator: " ")) p\(process) [\(invoked),\(end)] \(outcome)"
    }
}

/// A small history of transactions.
package struct SampleHistory: Hashable, Sendable, CustomStringConvertible {
    package var kind: TransactionHistory.Kind
    package var transactions: [SampleTransaction] = []

    /// An empty one.
    package init(kind: TransactionHistory.Kind) { self.kind = kind }

    /// A transaction per line.
    package var description: String { transactions.map(\.description).joined(separator: "\n") }

    /// What a key is called.
    package static func name(_ key: Int) -> String {
        ["x", "y", "z"].indices.contains(key) ? ["x", "y", "z"][key] : "k\(key)"
    }

    /// As the checker is given it. Transactions are counted from 1.
    package var history: TransactionHistory {
        var history = TransactionHistory(kind: kind)
        for (number, one) in transactions.enumerated() {
            history.begin(
                identity: number + 1, process: one.process, invoked: one.invoked,
                returned: one.returned, outcome: one.outcome)
            for operation in one.operations {
                switch operation {
                case .append(let key, let element): history.append(Int32(key), element)
                case .readList(let key, let list): history.read(Int32(key), list: list)
                case .write(let key, let value): history.write(Int32(key), value)
                case .readValue(let key, let value): history.read(Int32(key), value: value)
                case .readUnknown(let key): history.readUnknown(Int32(key))
                }
            }
        }
        return history
    }

    /// What the checker finds.
    package func check(_ model: TransactionModel = .strictSerializable) -> TransactionCheckResult {
        TransactionConsistency.check(
            history,
            options: TransactionCheckOptions(
                model: model, names: TransactionNames(key: { Self.name(Int($0)) })))
    }
}
