import Consistency
import Determinism
import Testing

/// The classes of cycles against all cycles there are, for a few transactions.
@Suite struct TransactionCycleTests {
    private struct Edge {
        var target: Int
        var kind: DependencyKind
    }

    /// Every dependency, pair by pair, from the lists that the reads at the end saw.
    private func edges(_ sample: SampleHistory) -> [[Edge]] {
        let all = sample.transactions
        var edges: [[Edge]] = all.map { _ in [] }
        var writers: [Int32: Int] = [:]
        for (number, one) in all.enumerated() {
            for case .append(_, let element) in one.operations { writers[element] = number }
        }
        func add(_ one: Int?, _ other: Int?, _ kind: DependencyKind) {
            guard let one, let other, one != other else { return }
            edges[one].append(Edge(target: other, kind: kind))
        }
        for last in all where last.process == -1 {
            guard case .readList(let key, let order) = last.operations[0] else { continue }
            for place in order.indices.dropFirst() {
                add(writers[order[place - 1]], writers[order[place]], .ww)
            }
            for (number, one) in all.enumerated() where one.outcome == .ok {
                for case .readList(key, let list) in one.operations {
                    let writer = list.last.flatMap { writers[$0] }
                    if writer == number { continue }
                    add(writer, number, .wr)
                    if list.count < order.count { add(number, writers[order[list.count]], .rw) }
                }
            }
        }
        for (first, one) in all.enumerated() where one.outcome == .ok {
            for (second, other) in all.enumerated() where other.outcome != .fail {
                guard let returned = one.returned, returned <= other.invoked else { continue }
                if one.process == other.process { add(first, second, .process) }
                if returned < other.invoked { add(first, second, .realtime) }
            }
        }
        return edges
    }

    /// The names of the classes of all cycles that pass no transaction twice.
    private func classes(_ edges: [[Edge]]) -> Set<String> {
        var found: Set<String> = []
        var kinds: [DependencyKind] = []
        var isPassed = edges.map { _ in false }
        func extend(_ node: Int, _ start: Int) {
            for edge in edges[node] where edge.target >= start {
                kinds.append(edge.kind)
                if edge.target == start {
                    found.insert(name(kinds))
                } else if !isPassed[edge.target] {
                    isPassed[edge.target] = true
                    extend(edge.target, start)
                    isPassed[edge.target] = false
                }
                kinds.removeLast()
            }
        }
        for start in edges.indices { extend(start, start) }
        return found
    }

    private func name(_ kinds: [DependencyKind]) -> String {
        let pairs = zip(kinds, kinds.dropFirst() + kinds.prefix(1))
        let shape =
            switch kinds.count(where: { $0 == .rw }) {
            case 0: kinds.contains(.wr) ? "G1c" : "G0"
            case 1: "G-single"
            default: pairs.contains { $0 == (.rw, .rw) } ? "G2-item" : "G-nonadjacent"
            }
        if kinds.contains(.realtime) { return shape + "-realtime" }
        return kinds.contains(.process) ? shape + "-process" : shape
    }

    /// What the presence of a class lets one expect to find no more.
    private func implied(_ names: Set<String>) -> Set<String> {
        var all = names
        let shapes = ["G0": "G1c", "G-single": "G-nonadjacent", "G-nonadjacent": "G2-item"]
        while true {
            var next = all
            for name in all {
                let tail = ["-process", "-realtime"].first(where: name.hasSuffix) ?? ""
                let shape = String(name.dropLast(tail.count))
                if let milder = shapes[shape] { next.insert(milder + tail) }
                if tail.isEmpty { next.insert(shape + "-process") }
                if tail != "-realtime" { next.insert(shape + "-realtime") }
            }
            if next == all { return all }
            all = next
        }
    }

    @Test(arguments: TransactionDatabase.Level.allCases)
    func everyClassIsFoundOrImplied(_ level: TransactionDatabase.Level) {
        var seen: Set<String> = []
        for seed in 0..<300 {
            var database = TransactionDatabase(level: level, keyCount: 2, seed: UInt64(seed))
            database.run(7, processes: 3)
            var sample = database.sample
            // Some histories are made worse: one transaction's reads and times are another's.
            var random = RandomStream(seed: UInt64(seed), name: "worse")
            if seed % 2 == 0 {
                let number = random.index(7)
                sample.transactions[number].invoked = 1_000
                sample.transactions[number].returned = 1_001
                for place in sample.transactions[number].operations.indices {
                    guard
                        case .readList(let key, let list) =
                            sample.transactions[number].operations[place]
                    else { continue }
                    sample.transactions[number].operations[place] = .readList(
                        key, Array(list.prefix(random.index(list.count + 1))))
                }
            }
            let result = sample.check()
            let reported = Set(
                result.counts.map(\.anomaly.name).filter { $0.hasPrefix("G") && $0.count > 1 }
            ).subtracting(["G1a", "G1b"])
            let actual = classes(edges(sample))
            #expect(
                reported.isSubset(of: actual), "seed \(seed): \(reported) \(actual)\n\(sample)")
            #expect(
                actual.isSubset(of: implied(reported)),
                "seed \(seed): \(reported) \(actual)\n\(sample)")
            seen.formUnion(actual)
        }
        #expect(seen.count > 3, "\(seen)")
    }
}
