import Recording

extension Violation {
    /// What a check of a key found; told of the shortest beginning that shows it, if there is one.
    init(
        _ dataType: String, _ key: String, _ check: KeyCheck, _ finding: KeyCheck.Finding,
        shortened: (last: HistoryOperation, count: Int, finding: KeyCheck.Finding)?
    ) {
        let told = OperationText(check.operations)
        switch (shortened?.finding ?? finding).outcome {
        case .contradiction(let found):
            self.init(
                dataType: dataType, key: key, operations: Self.operations(found), prefix: [],
                reason: Self.reason(key, found, told))
        case .disordered(let prefix, let stuck):
            self.init(
                dataType: dataType, key: key, operations: stuck, prefix: prefix,
                reason: Self.reason(key, prefix: prefix, stuck: stuck, told))
        case .valid, .exhausted:
            self.init(
                dataType: dataType, key: key, operations: [], prefix: [],
                reason: "no order explains \(Self.named(key))")
        }
        shortestPrefix = shortened?.count
        shownBy = shortened?.last.index
    }

    private static func named(_ key: String) -> String {
        key.isEmpty ? "the operations" : "key \(key)"
    }

    private static func operations(_ found: RegisterZones.Contradiction) -> [Int] {
        var seen = Set<Int>()
        return [found.last, found.between, found.first].filter { seen.insert($0).inserted }
    }

    private static func reason(
        _ key: String, prefix: [Int], stuck: [Int], _ told: OperationText
    ) -> String {
        var reason = "no order explains \(named(key))"
        if let first = stuck.first {
            reason += ": \(told[first]) had to take effect before it returned"
        }
        if let last = prefix.last(where: told.isUpdate) {
            reason += "; the best order found has \(told[last]) as the last update before it"
        }
        return reason
    }

    private static func reason(
        _ key: String, _ found: RegisterZones.Contradiction, _ told: OperationText
    ) -> String {
        let key = key.isEmpty ? "" : "key \(key)"
        let first = told[found.first]
        let last = told[found.last]
        if found.between == found.first {
            return (key.isEmpty ? "" : key + ": ")
                + "\(first) returned before \(last) was invoked"
        }
        if found.first == found.last {
            return (key.isEmpty ? "" : key + ": ")
                + "\(last) was invoked when \(told[found.between]) had already taken effect"
        }
        return (key.isEmpty ? "the register" : key)
            + " held one value from \(first) to \(last), and yet \(told[found.between]) took "
            + "effect in between"
    }
}

/// Tells operations in words.
struct OperationText {
    private let operations: HistorySelection

    init(_ operations: HistorySelection) { self.operations = operations }

    private func found(_ index: Int) -> HistoryOperation? {
        operations.first { $0.index == index }
    }

    func isUpdate(_ index: Int) -> Bool { found(index)?.function.isUpdate ?? false }

    /// The operation with this index.
    subscript(index: Int) -> String {
        guard let operation = found(index) else { return "operation \(index)" }
        let answer = operation.function == .read ? " of" : ""
        let value = operation.value == .null ? "" : " \(operation.value.summary)"
        let shown = operation.function == .read && value.isEmpty ? " nothing" : value
        return "operation \(index) (\(operation.function.name)\(answer)\(shown))"
    }
}
