import Determinism

/// Transactions: several keys at once.
///
/// Whether all steps can be carried out is decided before the first one is, so that a transaction
/// takes effect as a whole or not at all. Steps are few (``Limits/transactionStepsMax``), so what
/// earlier steps do to a key is found by looking at each of them.
extension ValueTable {
    /// The answer to a transaction of reads alone.
    func read(_ steps: [Operation.MicroOperation]) -> ClientReply {
        if let refusal = refusal(of: steps) { return .failed(refusal) }
        return ClientReply(.transaction(reads: steps.map { value(of: $0.key) }))
    }

    /// Carries out a transaction that the entry at `index` brings.
    mutating func apply(
        _ steps: [Operation.MicroOperation], term: Term, index: LogIndex
    ) -> ClientReply {
        if let refusal = refusal(of: steps) { return .failed(refusal) }
        #if PlantedBugs
            let steps = Self.plantedSteps(steps)
        #endif
        var reads: [Value?] = []
        for step in steps {
            switch step.action {
            case .read: reads.append(value(of: step.key))
            case .write(let bytes):
                put(Stored(term: term, index: index, bytes: bytes), at: step.key)
            case .append(let element):
                append(element, to: step.key, term: term, index: index)
            }
        }
        return ClientReply(
            .transaction(reads: reads),
            version: .sequence(epoch: term.rawValue, index: index.rawValue))
    }

    /// Why none of the steps is carried out, if so: the same for every member.
    private func refusal(of steps: [Operation.MicroOperation]) -> ServiceError? {
        func refused(_ code: ServiceError.Code, _ message: String) -> ServiceError {
            ServiceError(code, message, isIndefinite: false)
        }
        var bytesRead = 0
        for (place, step) in steps.enumerated() {
            switch (step.action, valueType) {
            case (.read, .register), (.read, .list):
                bytesRead += size(of: step.key, after: steps[..<place]).bytes
            case (.write, .register): break
            case (.append(let element), .list):
                let before = size(of: step.key, after: steps[..<place])
                guard before.count < Limits.listElementsMax,
                    before.bytes + element.count + 8 <= Self.listBytesMax
                else { return refused(.invalid, Self.isFull) }
            case (.read, .counter), (.write, .list), (.write, .counter), (.append, .register),
                (.append, .counter), (_, .set), (_, .map):
                return refused(
                    .unsupported,
                    "a transaction on \(valueType.rawValue)s cannot \(step.action.name)")
            }
        }
        guard bytesRead <= Limits.transactionReadBytesMax else {
            return refused(
                .invalid,
                "the transaction would read \(bytesRead) bytes, at most "
                    + "\(Limits.transactionReadBytesMax)")
        }
        return nil
    }

    /// How many elements and about how many bytes `key` holds once `steps` are carried out.
    private func size(
        of key: Key, after steps: ArraySlice<Operation.MicroOperation>
    ) -> (count: Int, bytes: Int) {
        let stored = entries[key]
        var size = (
            count: stored?.list.count ?? 0,
            bytes: (stored?.bytes.count ?? 0) + (stored?.listBytes ?? 0)
        )
        for step in steps where step.key == key {
            switch step.action {
            case .read: break
            case .write(let bytes): size = (1, bytes.count + 8)
            case .append(let element):
                size.count += 1
                size.bytes += element.count + 8
            }
        }
        return size
    }
}

extension Operation.MicroOperation.Action {
    /// What the step does, as a word.
    fileprivate var name: String {
        switch self {
        case .read: "read"
        case .write: "write"
        case .append: "append"
        }
    }
}

#if PlantedBugs
    extension ValueTable {
        /// What is carried out of a transaction: writes that were gathered by their keys, where a
        /// later one takes the place of an earlier one. For registers that is no mistake.
        fileprivate static func plantedSteps(
            _ steps: [Operation.MicroOperation]
        ) -> [Operation.MicroOperation] {
            guard PlantedBug.isPlanted(.transactionPartlyApplied) else { return steps }
            return steps.indices.filter { place in
                steps[place].isRead
                    || !steps[(place + 1)...].contains {
                        !$0.isRead && $0.key == steps[place].key
                    }
            }.map { steps[$0] }
        }
    }
#endif
