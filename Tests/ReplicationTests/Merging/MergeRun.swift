import Determinism

@testable import Replication

/// Three copies of a value, updated and merged, with what each of them knows: what the laws of
/// merging are tried on.
struct MergeRun<Merged: MergeableValue> {
    /// An update, and the updates that were known where it was taken in.
    struct Known {
        var operation: Operation
        var update: MergeUpdate
        var past: Set<Dot>

        func follows(_ other: Known) -> Bool { past.contains(other.update.dot) }
    }

    /// A copy and the updates that are in it.
    struct Copy {
        var state = Merged()
        var known: Set<Dot> = []
    }

    private(set) var copies = [Copy(), Copy(), Copy()]
    private(set) var updates: [Known] = []
    /// All states that a copy ever had.
    private(set) var past: [Copy] = []
    /// What was wrong on the way.
    private(set) var findings: [String] = []
    private var counters: [UInt64] = [0, 0, 0]

    /// Carries out an operation at a copy whose wall clock says `wall`.
    mutating func update(_ index: Int, _ operation: Operation, wall: Int64) {
        counters[index] += 1
        let member = MemberID(NodeID(region: RegionID(index: UInt16(index))))
        let latest = updates.filter { copies[index].known.contains($0.update.dot) }
            .map(\.update.timestamp).max()
        var timestamp = HybridTimestamp(
            wall: WallTime(nanosecondsSince1970: wall), logical: 0)
        if let latest, latest >= timestamp {
            timestamp = HybridTimestamp(wall: latest.wall, logical: latest.logical + 1)
        }
        let update = MergeUpdate(
            dot: Dot(member: member, counter: counters[index]), timestamp: timestamp)
        updates.append(
            Known(operation: operation, update: update, past: copies[index].known))
        let before = copies[index].state
        copies[index].state.apply(operation, update)
        copies[index].known.insert(update.dot)
        var joined = before
        joined.merge(copies[index].state)
        if joined != copies[index].state { findings.append("\(operation) is not monotone") }
        past.append(copies[index])
    }

    /// Merges one copy into another.
    mutating func merge(_ source: Int, into target: Int) {
        copies[target].state.merge(copies[source].state)
        copies[target].known.formUnion(copies[source].known)
        past.append(copies[target])
    }

    /// The updates that are in a copy.
    func known(to copy: Copy) -> [Known] {
        updates.filter { copy.known.contains($0.update.dot) }
    }

    private static func join(_ left: Merged, _ right: Merged) -> Merged {
        var result = left
        result.merge(right)
        return result
    }

    /// What breaks a law among these copies, or is not what the updates in them make.
    func check(_ copies: [Copy], expected: ([Known]) -> Value?) -> [String] {
        var findings = self.findings
        for copy in copies {
            let a = copy.state
            if Self.join(a, a) != a { findings.append("not idempotent: \(a)") }
            if Self.join(a, Merged()) != a { findings.append("the least state is none: \(a)") }
            let shown = a.value
            let wanted = expected(known(to: copy))
            if shown != wanted {
                findings.append("\(a) shows \(shown as Any), not \(wanted as Any)")
            }
            let bytes = a.encoded
            if bytes.count != a.encodedSize { findings.append("the size of \(a)") }
            if (try? Merged.decoded(bytes)) != a { findings.append("the encoding of \(a)") }
        }
        for first in copies {
            for second in copies {
                let joined = Self.join(first.state, second.state)
                let both = Copy(state: joined, known: first.known.union(second.known))
                if joined.value != expected(known(to: both)) {
                    findings.append("\(joined) is not what both knew")
                }
                if joined != Self.join(second.state, first.state) {
                    findings.append("not commutative: \(first.state) and \(second.state)")
                }
                if first.known == second.known, first.state != second.state {
                    findings.append("the same updates make \(first.state) and \(second.state)")
                }
                if Self.join(first.state, joined) != joined {
                    findings.append("no upper bound: \(joined) of \(first.state)")
                }
                for third in copies {
                    let right = Self.join(first.state, Self.join(second.state, third.state))
                    if Self.join(joined, third.state) != right {
                        findings.append(
                            "not associative: \(first.state), \(second.state), \(third.state)")
                    }
                }
            }
        }
        return findings
    }
}
