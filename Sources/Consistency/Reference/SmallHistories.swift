import Determinism

/// All small histories up to names, and random ones: what the checkers are compared on.
package enum SmallHistories {
    /// An operation before it belongs to a session.
    package struct Operation: Hashable, Sendable {
        package var key: Int32
        package var reads: Int32?
        package var writes: Int32?
    }

    /// The history of these operations, which belong to sessions of these sizes one after another.
    package static func history(_ operations: [Operation], sizes: [Int]) -> SessionHistory {
        var builder = SessionHistory.Builder()
        var index = 0
        for (session, size) in sizes.enumerated() {
            for _ in 0..<size {
                let operation = operations[index]
                builder.append(
                    process: session, identity: index, key: operation.key,
                    reads: operation.reads, writes: operation.writes)
                index += 1
            }
        }
        return builder.build()
    }

    /// Every history of `count` operations in up to three sessions on two keys with the values 1
    /// and 2, except that names of keys and values are given in the order in which they first
    /// occur. With `swaps` operations that read and then write are among them.
    package static func forEach(
        count: Int, swaps: Bool, _ body: (SessionHistory) -> Void
    ) {
        var sizes: [[Int]] = []
        for first in 1...max(count, 1) {
            for second in 0...first {
                let third = count - first - second
                if third >= 0, third <= second {
                    sizes.append([first, second, third].filter { $0 > 0 })
                }
            }
        }
        var operations: [Operation] = []
        func extend(_ keyCount: Int32, _ valueCounts: [Int32]) {
            if operations.count == count {
                for size in sizes { body(history(operations, sizes: size)) }
                return
            }
            for key in 0...min(keyCount, 1) {
                let known = valueCounts[Int(key)]
                func add(_ reads: Int32?, _ writes: Int32?) {
                    var counts = valueCounts
                    let highest = max(reads ?? 0, writes ?? 0)
                    counts[Int(key)] = max(counts[Int(key)], highest)
                    operations.append(Operation(key: key, reads: reads, writes: writes))
                    extend(max(keyCount, key + 1), counts)
                    operations.removeLast()
                }
                for read in 0...min(known + 1, 2) { add(read, nil) }
                for write in 1...min(known + 1, 2) { add(nil, write) }
                if swaps {
                    for read in 0...min(known + 1, 2) {
                        for write in 1...min(max(known, read) + 1, 2) where write != read {
                            add(read, write)
                        }
                    }
                }
            }
        }
        extend(0, [0, 0])
    }

    /// A random history in which each write to a key has a value of its own, and reads return what
    /// somebody wrote there, mostly.
    package static func random(
        count: Int, sessions: Int, keys: Int, _ random: inout RandomStream
    ) -> SessionHistory {
        var values = Array(repeating: Int32(0), count: keys)
        var operations: [Operation] = []
        for _ in 0..<count {
            let key = random.index(keys)
            let kind = random.index(10)
            var operation = Operation(key: Int32(key), reads: nil, writes: nil)
            if kind >= 4 { operation.reads = 0 }
            if kind < 5 {
                values[key] += 1
                operation.writes = values[key]
            }
            operations.append(operation)
        }
        for index in operations.indices where operations[index].reads != nil {
            let known = Int(values[Int(operations[index].key)])
            let isThinAir = random.chance(0.01)
            // Absence is rarer than a value: a read of it says little.
            let read = random.chance(0.15) ? 0 : 1 + random.index(max(known, 1))
            operations[index].reads = Int32(isThinAir ? known + 1 : min(read, known))
            if operations[index].reads == operations[index].writes { operations[index].reads = 0 }
        }
        var sizes = Array(repeating: 0, count: sessions)
        for _ in 0..<count { sizes[random.index(sessions)] += 1 }
        return history(random.shuffled(operations), sizes: sizes)
    }
}
