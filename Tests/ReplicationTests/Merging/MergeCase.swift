import Determinism
import Testing

@testable import Replication

/// A kind of value that merges, with what it should show: the laws are tried on each.
struct MergeCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What is wrong in the random run with this seed.
    var random: @Sendable (UInt64) -> [String]
    /// What is wrong in any run of so many steps.
    var exhaustive: @Sendable (Int) -> [String]

    /// Values of `type`, with operations whose number tells them apart, and what the updates that
    /// are known should show, after the definition and not the implementation.
    init<Merged: MergeableValue>(
        _ type: Merged.Type, _ operations: [@Sendable (Int) -> Operation],
        expected: @escaping @Sendable ([MergeRun<Merged>.Known]) -> Value?
    ) {
        testDescription = Merged.merging.name
        random = { seed in
            var random = RandomStream(seed: seed, name: "merge")
            var run = MergeRun<Merged>()
            for step in 0..<24 {
                let index = random.index(3)
                if random.chance(0.5) {
                    run.update(
                        index, operations[random.index(operations.count)](step),
                        wall: Int64(random.below(30)))
                } else {
                    run.merge(random.index(3), into: index)
                }
            }
            let chosen = random.shuffled(run.past).prefix(8)
            return run.check(Array(chosen), expected: expected)
        }
        exhaustive = { length in
            var findings: [String] = []
            func go(_ run: MergeRun<Merged>, _ step: Int) {
                if step == length || findings.count > 3 {
                    findings += run.check(Array(run.past.suffix(3)), expected: expected)
                    return
                }
                // Two members; what they held before stands in for the third.
                for index in 0..<2 {
                    for operation in operations.prefix(2) {
                        var next = run
                        // Clocks that disagree: the later step has the earlier time.
                        next.update(index, operation(step), wall: Int64(10 - step))
                        go(next, step + 1)
                    }
                    var next = run
                    next.merge(1 - index, into: index)
                    go(next, step + 1)
                }
            }
            go(MergeRun<Merged>(), 0)
            return findings
        }
    }

    private static func bytes(_ number: Int) -> [UInt8] { Array("v\(number)".utf8) }
    private static func order(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }

    static let all: [MergeCase] = [
        MergeCase(MaximumRegister.self, [{ .write(bytes($0 * 7 % 5)) }, { .write(bytes($0)) }]) {
            $0.compactMap(written).max(by: order).map { .bytes($0) }
        },
        MergeCase(MinimumRegister.self, [{ .write(bytes($0 * 7 % 5)) }, { .write(bytes($0)) }]) {
            $0.compactMap(written).min(by: order).map { .bytes($0) }
        },
        MergeCase(LastWriterRegister.self, [{ .write(bytes($0)) }, { _ in .delete }]) { known in
            let last = known.max {
                ($0.update.timestamp, $0.update.dot) < ($1.update.timestamp, $1.update.dot)
            }
            return last.flatMap(written).map { .bytes($0) }
        },
        MergeCase(
            MergeableCounter.self, [{ .increment(Int64($0 + 1)) }, { .increment(-2 * Int64($0)) }]
        ) { known in
            known.isEmpty
                ? nil
                : .integer(
                    known.reduce(0) { sum, update in
                        if case .increment(let amount) = update.operation {
                            sum + amount
                        } else {
                            sum
                        }
                    })
        },
        MergeCase(
            AddWinsSet.self,
            [
                { _ in .add(bytes(0)) }, { _ in .remove(bytes(0)) }, { .add(bytes($0 % 4)) },
                { .remove(bytes($0 % 4)) }, { _ in .delete },
            ]
        ) { known in
            // An element is there if some addition was not seen by any remove.
            known.isEmpty
                ? nil
                : .set(
                    elements(of: known).filter { element in
                        known.contains { addition in
                            addition.operation == .add(element)
                                && !known.contains {
                                    ($0.operation == .remove(element) || $0.operation == .delete)
                                        && $0.follows(addition)
                                }
                        }
                    })
        },
        MergeCase(
            RemoveWinsSet.self,
            [
                { _ in .add(bytes(0)) }, { _ in .remove(bytes(0)) }, { .add(bytes($0 % 4)) },
                { .remove(bytes($0 % 4)) },
            ]
        ) { known in
            // An element is there if some addition has seen all removes.
            known.isEmpty
                ? nil
                : .set(
                    elements(of: known).filter { element in
                        known.contains { addition in
                            addition.operation == .add(element)
                                && known.allSatisfy {
                                    $0.operation != .remove(element) || addition.follows($0)
                                }
                        }
                    })
        },
        MergeCase(
            UpdateWinsMap.self,
            [
                { .put(field: bytes(0), content: bytes($0)) }, { _ in .remove(bytes(0)) },
                { .put(field: bytes($0 % 3), content: bytes($0)) }, { .remove(bytes($0 % 3)) },
                { _ in .delete },
            ]
        ) { known in known.isEmpty ? nil : .map(fields(of: known)) },
        MergeCase(
            ReplicatedGrowableArray.self,
            [{ .append(bytes($0)) }, { .append(bytes($0 + 100)) }, { _ in .delete }]
        ) { known in
            let appended = known.filter { $0.operation != .delete }
            return appended.isEmpty ? nil : .list(list(of: known))
        },
    ]

    private static func written<Merged>(_ known: MergeRun<Merged>.Known) -> [UInt8]? {
        if case .write(let bytes) = known.operation { bytes } else { nil }
    }

    private static func elements<Merged>(of known: [MergeRun<Merged>.Known]) -> [[UInt8]] {
        let added = known.compactMap { update in
            if case .add(let element) = update.operation { element } else { nil }
        }
        return Set(added).sorted(by: order)
    }

    /// The last of the puts that no later one has replaced and no remove has seen.
    private static func fields<Merged>(of known: [MergeRun<Merged>.Known]) -> [MapField] {
        var last: [[UInt8]: (update: MergeUpdate, content: [UInt8])] = [:]
        for put in known {
            guard case .put(let field, let content) = put.operation else { continue }
            let isGone = known.contains { other in
                guard other.follows(put) else { return false }
                return switch other.operation {
                case .put(let name, _), .remove(let name): name == field
                default: other.operation == .delete
                }
            }
            if isGone { continue }
            let held = last[field]?.update
            let isLater =
                held.map {
                    ($0.timestamp, $0.dot) < (put.update.timestamp, put.update.dot)
                } ?? true
            if isLater { last[field] = (put.update, content) }
        }
        return last.keys.sorted(by: order).compactMap { field in
            last[field].map { MapField(field, $0.content) }
        }
    }

    /// Inserts one element after the other, the oldest first, each behind what was last where it
    /// was appended, and there in front of what is older: the definition of Roh et al., which skips
    /// what is newer.
    private static func list<Merged>(of known: [MergeRun<Merged>.Known]) -> [[UInt8]] {
        var placed: [MergeRun<Merged>.Known] = []
        let appends = known.filter { $0.operation != .delete }.sorted {
            ($0.update.timestamp, $0.update.dot) < ($1.update.timestamp, $1.update.dot)
        }
        for append in appends {
            // What it was appended to, in the order that it had then.
            let seen = placed.filter { append.follows($0) }
            var index = 0
            if let last = seen.last {
                index = (placed.firstIndex { $0.update == last.update } ?? -1) + 1
            }
            placed.insert(append, at: index)
        }
        return placed.compactMap { append in
            let isGone = known.contains { $0.operation == .delete && $0.follows(append) }
            guard !isGone, case .append(let element) = append.operation else { return nil }
            return element
        }
    }
}
