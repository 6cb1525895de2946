import Consistency

/// A transaction as tests write it.
struct SampleTransaction: CustomStringConvertible {
    enum Operation: Hashable {
        case append(Int, Int32)
        case readList(Int, [Int32])
        case write(Int, Int32)
        case readValue(Int, Int32)
        case readUnknown(Int)
    }

    var operations: [Operation]
    var process: Int32
    var invoked: Int64
    var returned: Int64?
    var outcome: TransactionHistory.Outcome = .ok

    var description: String {
        let texts = operations.map { operation in
            switch operation {
            case .append(let key, let element): "a\("xyz".letter(key))\(element)"
            case .readList(let key, let list):
                "r\("xyz".letter(key))\(list.map(String.init).joined())"
            case .write(let key, let value): "w\("xyz".letter(key))\(value)"
            case .readValue(let key, let value): "r\("xyz".letter(key))\(value)"
            case .readUnknown(let key): "r\("xyz".letter(key))?"
            }
        }
        let end = returned.map(String.init) ?? ""
        return "\(texts.joined(separator: " ")) p\(process) [\(invoked),\(end)] \(outcome)"
    }

    /// Operations in few letters, as in Elle's own tests: `ax1` appends 1 to x, `rx12` read
    /// x = [1 2], `rx` read an empty list or nothing, `rx?` tells nothing, `wx1` writes.
    static func operations(
        _ text: String, _ kind: TransactionHistory.Kind
    ) -> [Operation] {
        text.split(separator: " ").map { word in
            let letters = Array(word)
            guard let key = Array("xyz").firstIndex(of: letters[1]) else {
                preconditionFailure("no key in \(word)")
            }
            let digits = letters.dropFirst(2).compactMap(\.wholeNumberValue).map(Int32.init)
            switch letters[0] {
            case "a": return .append(key, digits[0])
            case "w": return .write(key, digits[0])
            case "r" where letters.last == "?": return .readUnknown(key)
            default:
                return kind == .listAppend
                    ? .readList(key, digits) : .readValue(key, digits.first ?? 0)
            }
        }
    }
}

extension String {
    fileprivate func letter(_ index: Int) -> Character { Array(self)[index] }
}

/// Many transactions as tests write them.
struct SampleHistory: CustomStringConvertible {
    var kind: TransactionHistory.Kind
    var transactions: [SampleTransaction] = []

    var description: String { transactions.map(\.description).joined(separator: "\n") }

    /// One transaction per line: operations, then maybe `fail` or `info`, `p` with a process and
    /// `@` with the times of its invocation and return. Without times all overlap.
    init(_ kind: TransactionHistory.Kind, _ text: String) {
        self.kind = kind
        for (number, line) in text.split(separator: "\n").enumerated() {
            var one = SampleTransaction(
                operations: [], process: Int32(100 + number), invoked: 0, returned: 100)
            var words: [Substring] = []
            for word in line.split(separator: " ") {
                switch word.first {
                case "f": one.outcome = .fail
                case "i":
                    one.outcome = .info
                    one.returned = nil
                case "p": one.process = Int32(Self.number(word.dropFirst()))
                case "@":
                    let times = word.dropFirst().split(separator: "-")
                    one.invoked = Self.number(times[0])
                    one.returned = Self.number(times[1])
                default: words.append(word)
                }
            }
            one.operations = SampleTransaction.operations(
                words.joined(separator: " "), kind)
            transactions.append(one)
        }
    }

    private static func number(_ text: Substring) -> Int64 {
        guard let number = Int64(text) else { preconditionFailure("no number: \(text)") }
        return number
    }

    init(kind: TransactionHistory.Kind) { self.kind = kind }

    var history: TransactionHistory {
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

    func check(_ model: TransactionModel = .strictSerializable) -> TransactionCheckResult {
        TransactionConsistency.check(
            history,
            options: TransactionCheckOptions(
                model: model, names: TransactionNames(key: { "xyz".letter(Int($0)).description })))
    }
}
