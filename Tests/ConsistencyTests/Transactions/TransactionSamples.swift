import Consistency

extension SampleTransaction {
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

extension SampleHistory {
    /// One transaction per line: operations, then maybe `fail` or `info`, `p` with a process and
    /// `@` with the times of its invocation and return. Without times all overlap.
    init(_ kind: TransactionHistory.Kind, _ text: String) {
        self.init(kind: kind)
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
}
