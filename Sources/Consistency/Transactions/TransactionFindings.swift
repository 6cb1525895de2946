/// Anomalies as they are found: all are counted, the first few of each class kept.
struct TransactionFindings {
    /// How many of each class are kept.
    static let keptMax = 8

    let history: TransactionHistory
    let names: TransactionNames
    private var counts: [Int]
    private(set) var kept: [TransactionAnomaly] = []
    private(set) var classes = AnomalySet()

    init(_ history: TransactionHistory, _ names: TransactionNames) {
        self.history = history
        self.names = names
        counts = AnomalyClass.allCases.map { _ in 0 }
    }

    /// Adds an anomaly of `transactions`, by number.
    mutating func add(
        _ anomaly: AnomalyClass, _ transactions: [Int], key: Int32? = nil,
        edges: [TransactionDependency] = [], _ explanation: (TransactionFindings) -> [String]
    ) {
        counts[anomaly.rawValue] += 1
        classes.insert(anomaly)
        guard counts[anomaly.rawValue] <= Self.keptMax else { return }
        kept.append(
            TransactionAnomaly(
                anomaly: anomaly, transactions: transactions.map { history.identities[$0] },
                key: key, edges: edges, explanation: explanation(self)))
    }

    /// Whether one more anomaly of a class would be kept.
    func isKept(_ anomaly: AnomalyClass) -> Bool { counts[anomaly.rawValue] < Self.keptMax }

    /// Notes a class that follows from others, without an entry of its own.
    mutating func note(_ anomaly: AnomalyClass) { classes.insert(anomaly) }

    /// How many there are of each class, the worst first.
    var counted: [(anomaly: AnomalyClass, count: Int)] {
        AnomalyClass.allCases.compactMap { one in
            counts[one.rawValue] > 0 ? (one, counts[one.rawValue]) : nil
        }
    }

    /// The anomalies kept, the worst first; those of one class as they were found.
    var sorted: [TransactionAnomaly] {
        let order = kept.indices.sorted {
            (kept[$0].anomaly, $0) < (kept[$1].anomaly, $1)
        }
        return order.map { kept[$0] }
    }

    // MARK: Texts

    /// How many elements of a list are spelled out.
    private static let elementsMax = 32

    func name(_ transaction: Int) -> String { "T\(history.identities[transaction])" }
    func key(_ operation: Int) -> String { names.key(history.keys[operation]) }

    /// The element or value of a write, or what a read of a register saw.
    func value(_ operation: Int) -> String {
        let value = history.arguments[operation]
        if value == 0, history.kind == .readWriteRegister { return "nothing" }
        return names.value(history.keys[operation], value)
    }

    /// The list that a read saw.
    func list(_ operation: Int) -> String {
        elements(Array(history.list(operation)), of: history.keys[operation])
    }

    func elements(_ list: [Int32], of key: Int32) -> String {
        let shown = list.suffix(Self.elementsMax).map { names.value(key, $0) }
        let start = list.count > shown.count ? "... " : ""
        return "[\(start)\(shown.joined(separator: " "))]"
    }

    /// "read x = [1 2]" and so on.
    func action(_ operation: Int) -> String {
        switch (history.functions[operation], history.kind) {
        case (.update, .listAppend): "appended \(value(operation)) to \(key(operation))"
        case (.update, .readWriteRegister): "wrote \(key(operation)) = \(value(operation))"
        case (.read, .listAppend): "read \(key(operation)) = \(list(operation))"
        case (.read, .readWriteRegister): "read \(key(operation)) = \(value(operation))"
        case (.blindRead, _): "read \(key(operation))"
        }
    }

    /// ``action(_:)`` with who did it.
    func deed(_ operation: Int, by transaction: Int) -> String {
        "\(name(transaction)) \(action(operation))"
    }
}
