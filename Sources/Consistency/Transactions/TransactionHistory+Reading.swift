import Recording

extension TransactionHistory {
    /// The transactions of `history` on `dataType`, and what their numbers are called. They are of
    /// lists if any of them appends, or reads a list, and otherwise of registers.
    public static func read(
        _ history: History, dataType: String
    ) -> (transactions: TransactionHistory, names: TransactionNames) {
        let elements = history.elements
        let wanted = history.number(of: dataType)
        let positions = history.indices.filter { position in
            history.transactionGlance(position)?.dataType == wanted
        }
        var reader = Reader(kind: kind(of: history, positions, elements))
        for position in positions {
            if let glance = history.transactionGlance(position) { reader.take(glance, elements) }
        }
        let keys = reader.keys.scalars
        let values = reader.values.scalars
        @Sendable func name(_ scalars: ContiguousArray<Scalar>, _ number: Int32) -> String {
            scalars.indices.contains(Int(number))
                ? history.value(of: scalars[Int(number)]).summary : "\(number)"
        }
        let names = TransactionNames(
            key: { name(keys, $0) }, value: { _, number in name(values, number) })
        return (reader.transactions, names)
    }

    private static func kind(
        of history: History, _ positions: [Int], _ elements: ContiguousArray<Scalar>
    ) -> Kind {
        for position in positions {
            guard var place = history.transactionGlance(position)?.parts.lowerBound,
                let end = history.transactionGlance(position)?.parts.upperBound
            else { continue }
            while place < end {
                let header = MicroOperationHeader(elements[place])
                switch header.function {
                case .append: return .listAppend
                case .write: return .readWriteRegister
                case .read: if header.isList { return .listAppend }
                }
                place += 2 + header.count
            }
        }
        return .readWriteRegister
    }

    /// Gives out numbers and adds transactions.
    private struct Reader {
        var transactions: TransactionHistory
        var keys = ScalarNumbers()
        var values = ScalarNumbers()
        private var list: ContiguousArray<Int32> = []

        init(kind: Kind) { transactions = TransactionHistory(kind: kind) }

        mutating func take(_ glance: TransactionGlance, _ elements: ContiguousArray<Scalar>) {
            let outcome: Outcome =
                switch glance.outcome {
                case .ok: .ok
                case .fail: .fail
                case .info: .info
                }
            transactions.begin(
                identity: glance.index, process: Int32(bitPattern: glance.process),
                invoked: glance.invoked, returned: outcome == .info ? nil : glance.completed,
                outcome: outcome)
            var place = glance.parts.lowerBound
            while place < glance.parts.upperBound {
                let header = MicroOperationHeader(elements[place])
                let key = keys.number(elements[place + 1])
                add(header, key, elements[(place + 2)..<(place + 2 + header.count)], outcome)
                place += 2 + header.count
            }
        }

        private mutating func add(
            _ header: MicroOperationHeader, _ key: Int32,
            _ scalars: ContiguousArray<Scalar>.SubSequence, _ outcome: Outcome
        ) {
            switch header.function {
            case .append: transactions.append(key, scalars.first.map { values.number($0) } ?? 0)
            case .write: transactions.write(key, scalars.first.map { values.number($0) } ?? 0)
            case .read:
                guard outcome == .ok else { return transactions.readUnknown(key) }
                guard transactions.kind == .listAppend else {
                    transactions.read(key, value: scalars.first.map { values.number($0) } ?? 0)
                    return
                }
                list.removeAll(keepingCapacity: true)
                if header.isList {
                    for scalar in scalars { list.append(values.number(scalar)) }
                }
                transactions.read(key, list: list)
            }
        }
    }
}
