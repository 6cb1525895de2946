/// What is wrong with single reads and transactions, without any graph.
extension ListAppendAnalysis {
    private var history: TransactionHistory { index.history }

    /// Looks at every read of a committed transaction, and at the appends around it.
    func findAnomalies(_ findings: inout TransactionFindings) {
        for transaction in 0..<history.count where index.isCommitted[transaction] {
            let isKnown = history.outcomes[transaction] == .ok
            var isInternal = false
            for operation in history.operations(transaction) {
                if index.isUpdate(operation) {
                    checkOwnOrder(operation, &findings)
                } else if isKnown, history.functions[operation] == .read {
                    checkRead(operation, &findings)
                    if !isInternal { isInternal = checkInternal(operation, &findings) }
                }
            }
            if isKnown { checkFuture(transaction, &findings) }
        }
        findDirtyUpdates(&findings)
        findLostUpdates(&findings)
    }

    private func checkRead(_ read: Int, _ findings: inout TransactionFindings) {
        let key = Int(index.keys[read])
        guard !index.isDuplicated[key], history.lengths[read] > 0 else { return }
        let reader = index.transaction(read)
        let length = history.lengths[read]
        if isUsable[key], !isDeviation(read) {
            if firstAborted[key] < length {
                addAborted(append(key, Int(firstAborted[key])), read, &findings)
            }
            if firstGarbage[key] < length {
                let start = Int(history.arguments[read])
                addGarbage(
                    history.elements[start + Int(firstGarbage[key])], read, &findings)
            }
        } else {
            lookThrough(read, key, &findings)
        }
        let end = Int(history.arguments[read]) + Int(history.lengths[read]) - 1
        let last = Int(index.writer(key, history.elements[end]))
        guard last >= 0, index.isIntermediate[last], index.outcome(of: last) != .fail,
            index.transaction(last) != reader
        else { return }
        let writer = index.transaction(last)
        findings.add(.g1b, [reader, writer], key: index.rawKey(read)) { text in
            [
                "\(text.deed(read, by: reader)): it ends in \(text.value(last)), after which "
                    + "\(text.name(writer)) appended more to \(text.key(last))"
            ]
        }
    }

    /// The same element by element, for a read that is no prefix.
    private func lookThrough(_ read: Int, _ key: Int, _ findings: inout TransactionFindings) {
        var isAborted = false
        var isGarbage = false
        for element in history.list(read) {
            let append = Int(index.writer(key, element))
            if append < 0 {
                if !isGarbage { addGarbage(element, read, &findings) }
                isGarbage = true
            } else if index.outcome(of: append) == .fail, !isAborted {
                addAborted(append, read, &findings)
                isAborted = true
            }
        }
    }

    private func addAborted(_ append: Int, _ read: Int, _ findings: inout TransactionFindings) {
        let reader = index.transaction(read)
        let writer = index.transaction(append)
        findings.add(.g1a, [reader, writer], key: index.rawKey(read)) { text in
            [
                "\(text.deed(read, by: reader)), but \(text.name(writer)), which appended "
                    + "\(text.value(append)), was aborted"
            ]
        }
    }

    /// Whether a read disagrees with what its transaction did before; adds it if so.
    private func checkInternal(_ read: Int, _ findings: inout TransactionFindings) -> Bool {
        // Back to the read before, or to the first append.
        var own = 0
        var before = Int(index.previous[read])
        while before >= 0, index.isUpdate(before) {
            own += 1
            before = Int(index.previous[before])
        }
        guard own > 0 || before >= 0 else { return false }
        let seen = history.list(read)
        var isEqual = seen.count >= own
        if isEqual {
            var append = Int(index.previous[read])
            for place in 0..<own {
                if seen[seen.endIndex - 1 - place] != history.arguments[append] { isEqual = false }
                append = Int(index.previous[append])
            }
            if before >= 0 {
                isEqual = isEqual && seen.dropLast(own).elementsEqual(history.list(before))
            }
        }
        if isEqual { return false }
        let reader = index.transaction(read)
        findings.add(.internal, [reader], key: index.rawKey(read)) { text in
            var expected: [Int32] = []
            var append = Int(index.previous[read])
            for _ in 0..<own {
                expected.append(history.arguments[append])
                append = Int(index.previous[append])
            }
            let known = before >= 0 ? Array(history.list(before)) : []
            let list = text.elements(known + expected.reversed(), of: index.rawKey(read))
            let wanted = before >= 0 ? list : "[... " + list.dropFirst()
            return ["\(text.deed(read, by: reader)), which should have been \(wanted)"]
        }
        return true
    }

    /// A transaction whose earlier read saw what it appended only later.
    private func checkFuture(_ transaction: Int, _ findings: inout TransactionFindings) {
        for operation in history.operations(transaction) where index.isUpdate(operation) {
            let key = Int(index.keys[operation])
            guard !index.isDuplicated[key], positions[operation] >= 0 else { continue }
            // Reads between two appends are looked at once: those before the earlier append
            // would have been a future read of that one, or were shorter.
            var before = Int(index.previous[operation])
            while before >= 0, !index.isUpdate(before) {
                if versions[before] > positions[operation] {
                    addFuture(before, operation, &findings)
                    return
                }
                before = Int(index.previous[before])
            }
        }
        for read in deviations(in: history.operations(transaction)) {
            for element in history.list(read) {
                let append = Int(index.writer(Int(index.keys[read]), element))
                if append > read, index.transaction(append) == transaction {
                    addFuture(read, append, &findings)
                    return
                }
            }
        }
    }

    private func addFuture(_ read: Int, _ append: Int, _ findings: inout TransactionFindings) {
        let reader = index.transaction(read)
        findings.add(.futureRead, [reader], key: index.rawKey(read)) { text in
            ["\(text.deed(read, by: reader)), and only then \(text.action(append))"]
        }
    }

    private func isDeviation(_ read: Int) -> Bool { !deviations(in: read..<read + 1).isEmpty }

    private func deviations(in operations: Range<Int>) -> ArraySlice<Int> {
        guard !deviations.isEmpty else { return [] }
        func first(atLeast bound: Int) -> Int {
            var low = 0
            var high = deviations.count
            while low < high {
                let middle = (low + high) / 2
                if deviations[middle] < bound { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return deviations[
            first(atLeast: operations.lowerBound)..<first(atLeast: operations.upperBound)]
    }

    /// A transaction's own appends must be in the order in which it made them: reads that show
    /// another, or a later one without the earlier, fit no order of whole transactions.
    private func checkOwnOrder(_ append: Int, _ findings: inout TransactionFindings) {
        let key = Int(index.keys[append])
        guard isUsable[key], positions[append] >= 0 else { return }
        var before = Int(index.previous[append])
        while before >= 0, !index.isUpdate(before) { before = Int(index.previous[before]) }
        guard before >= 0, positions[before] < 0 || positions[before] > positions[append] else {
            return
        }
        let writer = index.transaction(append)
        let read = Int(longest[key])
        let reader = index.transaction(read)
        findings.add(.incompatibleOrder, [writer, reader], key: index.rawKey(append)) { text in
            [
                "\(text.deed(before, by: writer)) and then \(text.value(append)), but "
                    + text.deed(read, by: reader)
            ]
        }
    }

    /// Committed appends that follow an aborted one in the order.
    private func findDirtyUpdates(_ findings: inout TransactionFindings) {
        for key in 0..<index.keyCount where firstAborted[key] < .max && isUsable[key] {
            var aborted = -1
            for position in Int(firstAborted[key])..<length(key) {
                let append = append(key, position)
                guard append >= 0 else { continue }
                switch index.outcome(of: append) {
                case .fail: if aborted < 0 { aborted = append }
                // Whether it knew cannot be said: what follows may still build on the other.
                case .info: continue
                case .ok:
                    guard aborted >= 0 else { continue }
                    let first = aborted
                    let pair = [index.transaction(first), index.transaction(append)]
                    findings.add(.dirtyUpdate, pair, key: index.rawKey(append)) { text in
                        [
                            "\(text.deed(first, by: pair[0])) and was aborted, but "
                                + "\(text.deed(append, by: pair[1])) after it"
                        ]
                    }
                    aborted = -1
                }
            }
        }
    }

    /// Versions that several committed transactions read before they appended to the key.
    private func findLostUpdates(_ findings: inout TransactionFindings) {
        var firsts = ContiguousArray<Int32>(
            repeating: -1, count: order.count + index.keyCount + 1)
        var groups: [(slot: Int, reads: [Int])] = []
        var numbers = NumberTable()
        for append in 0..<history.operationCount
        where index.isUpdate(append) && index.outcome(of: append) == .ok {
            let key = Int(index.keys[append])
            // The read before it must be the first of the transaction on the key.
            var read = Int(index.previous[append])
            guard isUsable[key], read >= 0, !index.isUpdate(read) else { continue }
            while index.previous[read] >= 0, !index.isUpdate(read) {
                read = Int(index.previous[read])
            }
            guard !index.isUpdate(read), versions[read] >= 0 else { continue }
            let slot = Int(orderStarts[key]) + key + Int(versions[read])
            guard firsts[slot] >= 0 else {
                firsts[slot] = Int32(read)
                continue
            }
            let number = Int(numbers.insert(UInt64(slot), Int32(groups.count)))
            if number == groups.count { groups.append((slot, [Int(firsts[slot])])) }
            groups[number].reads.append(read)
        }
        for group in groups {
            let readers = group.reads.map { index.transaction($0) }
            findings.add(.lostUpdate, readers, key: index.rawKey(group.reads[0])) { text in
                let all = readers.prefix(TransactionFindings.keptMax).map(text.name)
                    .joined(separator: ", ")
                let read = group.reads[0]
                return ["\(all) all \(text.action(read)), and all appended to it"]
            }
        }
    }
}
