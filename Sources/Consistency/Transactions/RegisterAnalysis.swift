/// What the reads and writes of registers tell.
///
/// Values are unique, so that a read tells who wrote it, but not in which order others did. Of the
/// order of versions the following is inferred, as Elle does it (Kingsbury and Alvaro, 2020):
/// absence comes first; a transaction that read a version and wrote another put the one after the
/// other; and, if the caller vouches for it, what processes or the clock say about each key.
///
/// Only external reads (the first of a transaction on a key, before any write of its own) and
/// final writes make dependencies. A version goes by the number of the operation that wrote it;
/// the absence of a key by the count of operations plus the key.
struct RegisterAnalysis {
    private(set) var index: TransactionIndex
    /// The version that each known read saw; -1 for one that is of no use.
    private(set) var versions: ContiguousArray<Int32>
    private let options: TransactionCheckOptions

    var history: TransactionHistory { index.history }

    init(
        _ index: TransactionIndex, _ options: TransactionCheckOptions,
        _ findings: inout TransactionFindings
    ) {
        self.index = index
        self.options = options
        versions = ContiguousArray(repeating: -1, count: index.history.operationCount)
        for read in 0..<history.operationCount where index.isKnownRead(read) {
            versions[read] = place(read, &findings)
        }
    }

    /// The version of absence.
    private func absence(_ key: Int) -> Int32 { Int32(history.operationCount + key) }

    /// Finds the version that a read saw, and says what is wrong with it.
    private mutating func place(_ read: Int, _ findings: inout TransactionFindings) -> Int32 {
        let key = Int(index.keys[read])
        let value = history.arguments[read]
        let reader = index.transaction(read)
        if value == 0 { return index.isDuplicated[key] ? -1 : absence(key) }
        let write = Int(index.writer(key, value))
        guard write >= 0 else {
            findings.add(.garbageRead, [reader], key: index.rawKey(read)) { text in
                ["\(text.deed(read, by: reader)), but nobody wrote that"]
            }
            return -1
        }
        if index.isDuplicated[key] { return -1 }
        let writer = index.transaction(write)
        if writer == reader {
            guard write > read else { return Int32(write) }
            findings.add(.futureRead, [reader], key: index.rawKey(read)) { text in
                ["\(text.deed(read, by: reader)), and only then \(text.action(write))"]
            }
            return -1
        }
        switch index.outcome(of: write) {
        case .fail:
            findings.add(.g1a, [reader, writer], key: index.rawKey(read)) { text in
                [
                    "\(text.deed(read, by: reader)), but \(text.name(writer)), which wrote it, "
                        + "was aborted"
                ]
            }
            return -1
        case .info: index.noteSeen(write)
        case .ok: break
        }
        if index.isIntermediate[write] {
            findings.add(.g1b, [reader, writer], key: index.rawKey(read)) { text in
                [
                    "\(text.deed(read, by: reader)), which \(text.name(writer)) overwrote "
                        + "itself"
                ]
            }
            return -1
        }
        return Int32(write)
    }

    /// Whether a read is the first thing that its transaction did to the key.
    func isExternal(_ read: Int) -> Bool { index.isKnownRead(read) && index.isFirst(read) }

    /// Whether a write is the last of a committed transaction to a key that can be judged.
    func isVersion(_ write: Int) -> Bool {
        index.isUpdate(write) && !index.isIntermediate[write]
            && index.isCommitted[index.transaction(write)]
            && !index.isDuplicated[Int(index.keys[write])]
    }

    /// Looks at each committed transaction by itself, and for lost updates.
    func findAnomalies(_ findings: inout TransactionFindings) {
        for transaction in 0..<history.count where history.outcomes[transaction] == .ok {
            for read in history.operations(transaction)
            where history.functions[read] == .read {
                let before = Int(index.previous[read])
                guard before >= 0, history.arguments[before] != history.arguments[read] else {
                    continue
                }
                findings.add(.internal, [transaction], key: index.rawKey(read)) { text in
                    [
                        "\(text.deed(before, by: transaction)) and then \(text.action(read))"
                    ]
                }
                break
            }
        }
        findLostUpdates(&findings)
    }

    private func findLostUpdates(_ findings: inout TransactionFindings) {
        var firsts = NumberTable()
        var numbers = NumberTable()
        var groups: [[Int]] = []
        for (read, _) in readsBeforeWrites() where index.outcome(of: read) == .ok {
            let version = UInt64(versions[read])
            let first = firsts.insert(version, Int32(read))
            guard Int(first) != read else { continue }
            let number = Int(numbers.insert(version, Int32(groups.count)))
            if number == groups.count { groups.append([Int(first)]) }
            groups[number].append(read)
        }
        for reads in groups {
            let readers = reads.map { index.transaction($0) }
            findings.add(.lostUpdate, readers, key: index.rawKey(reads[0])) { text in
                let all = readers.prefix(TransactionFindings.keptMax).map(text.name)
                    .joined(separator: ", ")
                return ["\(all) all \(text.action(reads[0])), and all overwrote it"]
            }
        }
    }

    /// Each external read whose transaction wrote the key after it, with the last such write.
    private func readsBeforeWrites() -> [(read: Int, write: Int)] {
        var pairs: [(read: Int, write: Int)] = []
        var externals = ContiguousArray<Int32>(repeating: -1, count: index.keyCount)
        for transaction in 0..<history.count where history.outcomes[transaction] == .ok {
            let operations = history.operations(transaction)
            for operation in operations {
                let key = Int(index.keys[operation])
                if isExternal(operation), versions[operation] >= 0 {
                    externals[key] = Int32(operation)
                } else if isVersion(operation), Int(externals[key]) >= operations.lowerBound {
                    pairs.append((Int(externals[key]), operation))
                }
            }
        }
        return pairs
    }

    /// The order of versions as far as it can be told: edges between versions.
    func versionGraph(_ findings: inout TransactionFindings) -> DependencyGraph {
        let nodes = history.operationCount + index.keyCount
        var accepted = DependencyEdges(transactionCount: nodes)
        if options.writesFollowReads {
            var found = DependencyEdges(transactionCount: nodes)
            for (read, write) in readsBeforeWrites() {
                found.add(Int(versions[read]), write, .ww)
            }
            accept(found, "writes that follow reads", into: &accepted, &findings)
        }
        let touches = RegisterTouches(self)
        if options.sequentialKeys {
            accept(
                touches.processOrder(nodes), "the order of processes", into: &accepted, &findings)
        }
        if options.linearizableKeys {
            accept(touches.realtimeOrder(nodes), "real time", into: &accepted, &findings)
        }
        var isRoot = ContiguousArray(repeating: true, count: nodes)
        for target in accepted.targets { isRoot[Int(target)] = false }
        for write in 0..<history.operationCount where isRoot[write] && isVersion(write) {
            accepted.add(Int(absence(Int(index.keys[write]))), write, .ww)
        }
        return DependencyGraph(accepted)
    }

    private func key(ofVersion version: Int) -> Int {
        version < history.operationCount
            ? Int(index.keys[version]) : version - history.operationCount
    }

    /// Takes over what a source says of each key where that is no contradiction.
    private func accept(
        _ found: DependencyEdges, _ source: String, into accepted: inout DependencyEdges,
        _ findings: inout TransactionFindings
    ) {
        var both = accepted
        for edge in 0..<found.count {
            both.add(Int(found.sources[edge]), Int(found.targets[edge]), .ww)
        }
        let components = StrongComponents(DependencyGraph(both), mask: .max)
        // The versions of each cycle, in order of its first.
        var cycles: [[Int]] = []
        var numbers = NumberTable()
        var isCyclic = ContiguousArray(repeating: false, count: index.keyCount)
        for version in 0..<both.nodeCount {
            let component = components.components[version]
            guard components.sizes[Int(component)] > 1 else { continue }
            let number = Int(numbers.insert(UInt64(component), Int32(cycles.count)))
            if number == cycles.count { cycles.append([]) }
            cycles[number].append(version)
        }
        // Absence comes before everything: what comes before it is a cycle too.
        for edge in 0..<found.count where Int(found.targets[edge]) >= history.operationCount {
            let version = Int(found.sources[edge])
            let component = Int(components.components[version])
            if components.sizes[component] == 1 { cycles.append([version]) }
        }
        for versions in cycles {
            for version in versions { isCyclic[key(ofVersion: version)] = true }
            let writes = versions.filter { $0 < history.operationCount }
            guard let first = writes.first else { continue }
            let writers = writes.map { index.transaction($0) }
            findings.add(.cyclicVersions, writers, key: index.rawKey(first)) { text in
                let values = writes.prefix(TransactionFindings.keptMax).map(text.value)
                    .joined(separator: ", ")
                return [
                    "by \(source) \(text.key(first)) must have gone from \(values) "
                        + "back to where it was"
                ]
            }
        }
        for edge in 0..<found.count
        where !isCyclic[key(ofVersion: Int(found.sources[edge]))] {
            accepted.add(Int(found.sources[edge]), Int(found.targets[edge]), .ww)
        }
    }

    /// Adds every dependency by data that an order of versions tells.
    func addEdges(_ graph: DependencyGraph, to edges: inout DependencyEdges) {
        // Readers by version, in order.
        var starts = ContiguousArray<Int32>(repeating: 0, count: graph.nodeCount + 1)
        let reads = (0..<history.operationCount).filter { isExternal($0) && versions[$0] >= 0 }
        for read in reads { starts[Int(versions[read]) + 1] += 1 }
        for version in 0..<graph.nodeCount { starts[version + 1] += starts[version] }
        var free = starts
        var sorted = ContiguousArray<Int32>(repeating: 0, count: reads.count)
        for read in reads {
            sorted[Int(free[Int(versions[read])])] = Int32(read)
            free[Int(versions[read])] += 1
        }
        for version in 0..<graph.nodeCount {
            let writer = version < history.operationCount ? index.transaction(version) : -1
            let readers = sorted[Int(starts[version])..<Int(starts[version + 1])].map { read in
                (transaction: index.transaction(Int(read)), witness: Int(read))
            }
            if writer >= 0 {
                for reader in readers {
                    edges.add(writer, reader.transaction, .wr, reader.witness)
                }
            }
            var writers: [Int] = []
            for edge in graph.edges(version) where Int(graph.targets[edge]) < history.operationCount
            {
                let following = Int(graph.targets[edge])
                writers.append(index.transaction(following))
                if writer >= 0 { edges.add(writer, index.transaction(following), .ww, following) }
            }
            edges.addAll(from: readers, to: writers)
        }
    }
}
