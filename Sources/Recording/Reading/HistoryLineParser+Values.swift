/// Values and results: scalars, lists, pairs and the parts of transactions.
extension HistoryLineParser {
    /// The value in `range`, all of it; missing if there is no range.
    mutating func value(
        in range: Range<Int>?, _ function: UInt8, _ tables: inout HistoryTables
    ) -> StoredValue? {
        guard let range else { return .missing }
        position = range.lowerBound
        guard let value = value(function, &tables), position == range.upperBound else {
            return nil
        }
        return value
    }

    private mutating func value(
        _ function: UInt8, _ tables: inout HistoryTables
    ) -> StoredValue? {
        if let scalar = scalar(&tables) { return StoredValue(scalar) }
        let start = tables.elements.count
        let kind: StoredValue.Kind
        if function == HistoryRow.number(.txn) {
            guard microOperations(&tables) else { return nil }
            kind = .transaction
        } else {
            guard let count = elements(&tables) else { return nil }
            let isPair = function == HistoryRow.number(.cas)
            if isPair, count != 2 { return nil }
            kind = isPair ? .pair : .list
        }
        return StoredValue(kind, start..<tables.elements.count)
    }

    private mutating func elements(_ tables: inout HistoryTables) -> Int? {
        guard accept(UInt8(ascii: "[")) else { return nil }
        if accept(UInt8(ascii: "]")) { return 0 }
        var count = 0
        repeat {
            guard let scalar = scalar(&tables) else { return nil }
            tables.append(element: scalar)
            count += 1
        } while accept(UInt8(ascii: ","))
        return accept(UInt8(ascii: "]")) ? count : nil
    }

    private mutating func microOperations(_ tables: inout HistoryTables) -> Bool {
        guard accept(UInt8(ascii: "[")) else { return false }
        if accept(UInt8(ascii: "]")) { return true }
        repeat {
            guard accept(UInt8(ascii: "[")), let name = string(), accept(UInt8(ascii: ",")) else {
                return false
            }
            let function: MicroOperation.Function
            if matches(name, "r") {
                function = .read
            } else if matches(name, "append") {
                function = .append
            } else if matches(name, "w") {
                function = .write
            } else {
                return false
            }
            let place = tables.elements.count
            tables.append(header: MicroOperationHeader(function, isList: false, count: 1))
            guard let key = string(), let text = scalar(ofKey: key, &tables),
                accept(UInt8(ascii: ","))
            else { return false }
            tables.append(element: text)
            if let scalar = scalar(&tables) {
                tables.append(element: scalar)
            } else {
                guard let count = elements(&tables) else { return false }
                tables.replace(
                    headerAt: place, by: MicroOperationHeader(function, isList: true, count: count))
            }
            guard accept(UInt8(ascii: "]")) else { return false }
        } while accept(UInt8(ascii: ","))
        return accept(UInt8(ascii: "]"))
    }

    /// A value that is no collection; `nil`, and nothing is taken, if another comes.
    private mutating func scalar(_ tables: inout HistoryTables) -> Scalar? {
        guard position < end else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            let start = position
            guard let range = string(), let scalar = scalar(of: range, &tables) else {
                position = start
                return nil
            }
            return scalar
        case UInt8(ascii: "n"): return acceptNull() ? .null : nil
        case _: return integer().map { tables.scalar($0) }
        }
    }

    /// Keys come again and again, unlike values.
    private mutating func scalar(
        ofKey range: Range<Int>, _ tables: inout HistoryTables
    ) -> Scalar? {
        guard !range.isEmpty, ClientToken(utf8: UnsafeBufferPointer(rebasing: bytes[range])) == nil
        else { return scalar(of: range, &tables) }
        return names.number(of: range, in: bytes, &tables).map(Scalar.init(text:))
    }

    private mutating func scalar(
        of range: Range<Int>, _ tables: inout HistoryTables
    ) -> Scalar? {
        if let token = ClientToken(utf8: UnsafeBufferPointer(rebasing: bytes[range])) {
            return Scalar(token)
        }
        // Texts of values are mostly met once: they are not worth remembering by their bytes.
        guard let text = String(validating: bytes[range], as: UTF8.self) else { return nil }
        return tables.scalar(text)
    }
}
