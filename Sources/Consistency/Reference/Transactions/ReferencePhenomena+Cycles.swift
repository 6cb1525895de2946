/// Cycles of dependencies.
extension ReferencePhenomena {
    /// A relation between transactions: for each the set of those that come after it, in bits.
    private struct Relation {
        var rows: [UInt32]

        init(_ count: Int) { rows = Array(repeating: 0, count: count) }

        mutating func insert(_ from: Int, _ to: Int) {
            if from != to { rows[from] |= 1 << UInt32(to) }
        }

        func union(_ other: Relation) -> Relation {
            var union = self
            for place in rows.indices { union.rows[place] |= other.rows[place] }
            return union
        }

        /// From where one step of this and then one of the other leads.
        func then(_ other: Relation) -> Relation {
            var made = Relation(rows.count)
            for place in rows.indices {
                for middle in rows.indices where rows[place] >> UInt32(middle) & 1 == 1 {
                    made.rows[place] |= other.rows[middle]
                }
            }
            return made
        }

        var closed: Relation {
            var closed = self
            for middle in rows.indices {
                for from in rows.indices where closed.rows[from] >> UInt32(middle) & 1 == 1 {
                    closed.rows[from] |= closed.rows[middle]
                }
            }
            return closed
        }

        var isCyclic: Bool {
            closed.rows.enumerated().contains { $0.element >> UInt32($0.offset) & 1 == 1 }
        }

        /// Only between those in `members`.
        func part(_ members: UInt32) -> Relation {
            var part = self
            for place in rows.indices {
                part.rows[place] = members >> UInt32(place) & 1 == 1 ? rows[place] & members : 0
            }
            return part
        }

        /// Whether some step of this leads along the other back to where it began.
        func isClosed(by other: Relation) -> Bool {
            let back = other.closed
            return rows.indices.contains { from in
                rows.indices.contains { to in
                    rows[from] >> UInt32(to) & 1 == 1 && back.rows[to] >> UInt32(from) & 1 == 1
                }
            }
        }
    }

    /// Direct dependencies: of writes on writes, of reads on writes, of writes on reads.
    private struct Dependencies {
        var ww: Relation
        var wr: Relation
        var rw: Relation
    }

    /// The classes of all cycles under these orders of versions, one per key.
    func cycles(_ orders: [[Int32]]) -> [AnomalyClass] {
        let direct = dependencies(orders)
        var found: [AnomalyClass] = []
        func add(
            _ extra: Relation, _ writes: AnomalyClass, _ information: AnomalyClass,
            _ single: AnomalyClass, _ nonadjacent: AnomalyClass, _ any: AnomalyClass
        ) {
            let flow = direct.ww.union(direct.wr).union(extra)
            if direct.ww.union(extra).isCyclic { found.append(writes) }
            if flow.isCyclic { found.append(information) }
            if direct.rw.isClosed(by: flow) { found.append(single) }
            // Every antidependency has another dependency before it.
            if flow.union(flow.then(direct.rw)).isCyclic { found.append(nonadjacent) }
            if direct.rw.isClosed(by: flow.union(direct.rw)) { found.append(any) }
        }
        let count = transactions.count
        let none = Relation(count)
        add(none, .g0, .g1c, .gSingle, .gNonadjacent, .g2Item)
        let sessions = order { one, other in
            guard let returned = one.returned else { return false }
            return one.process == other.process && returned <= other.invoked
        }
        add(
            sessions, .g0Process, .g1cProcess, .gSingleProcess, .gNonadjacentProcess,
            .g2ItemProcess)
        let clock = order { one, other in one.returned.map { $0 < other.invoked } ?? false }
        add(
            sessions.union(clock), .g0Realtime, .g1cRealtime, .gSingleRealtime,
            .gNonadjacentRealtime, .g2ItemRealtime)
        // Among those that write, and at most one that does not.
        let writing = transactions.indices.reduce(UInt32(0)) { set, number in
            transactions[number].operations.contains { $0.update != nil }
                ? set | 1 << UInt32(number) : set
        }
        let flow = direct.ww.union(direct.wr).union(direct.rw)
        let isUpdateCycle = transactions.indices.contains { reader in
            let members = writing | 1 << UInt32(reader)
            return direct.rw.part(members).isClosed(by: flow.part(members))
        }
        if isUpdateCycle { found.append(.gUpdate) }
        return found
    }

    private func order(
        _ precedes: (SampleTransaction, SampleTransaction) -> Bool
    ) -> Relation {
        var relation = Relation(transactions.count)
        for (one, first) in transactions.enumerated() where first.outcome == .ok {
            for (other, second) in transactions.enumerated()
            where isCommitted[other] && (first.invoked, one) < (second.invoked, other) {
                if precedes(first, second) { relation.insert(one, other) }
            }
        }
        return relation
    }

    private func dependencies(_ orders: [[Int32]]) -> Dependencies {
        let none = Relation(transactions.count)
        var direct = Dependencies(ww: none, wr: none, rw: none)
        for key in keys {
            // Versions that committed transactions wrote, and who did.
            let order = orders[key]
            let nodes = order.map { version in
                writers[key][version].flatMap { isCommitted[$0] ? $0 : nil }
            }
            var last: Int?
            for case let writer? in nodes {
                if let last { direct.ww.insert(last, writer) }
                last = writer
            }
            for (reader, one) in transactions.enumerated() where one.outcome == .ok {
                for version in versions(key, readBy: reader, order) {
                    if version > 0, let writer = nodes[version - 1] {
                        // Its own version tells nothing that its write does not.
                        if writer == reader { continue }
                        direct.wr.insert(writer, reader)
                    }
                    if let next = nodes[version...].compactMap({ $0 }).first {
                        direct.rw.insert(reader, next)
                    }
                }
            }
        }
        return direct
    }

    /// The versions of a key that a transaction read, each by how many come up to it.
    private func versions(_ key: Int, readBy number: Int, _ order: [Int32]) -> [Int] {
        let operations = transactions[number].operations.filter {
            $0.key == key && ($0.update != nil || Self.isKnownRead($0))
        }
        switch kind {
        case .listAppend:
            return operations.filter(Self.isKnownRead).map { Self.seen($0).count }
        case .readWriteRegister:
            // The first thing it did to the key.
            guard let first = operations.first, Self.isKnownRead(first),
                isVersion(first, readBy: number)
            else { return [] }
            return [Self.seen(first).first.flatMap { order.firstIndex(of: $0) }.map { $0 + 1 } ?? 0]
        }
    }
}
