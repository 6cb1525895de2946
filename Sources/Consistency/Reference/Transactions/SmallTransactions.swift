/// All small histories of transactions on two keys, up to names.
///
/// Every write has a value of its own. Reads of registers return absence or any value that was
/// written to the key. Of lists an order of all elements is chosen first, which two reads at the
/// end tell; other reads return any beginning of it, or with `isAnyList` any list of elements.
package struct SmallTransactions {
    private typealias Operation = SampleTransaction.Operation

    /// Whether each operation writes, and to which key.
    private typealias Shape = [Step]
    private struct Step: Hashable {
        var isUpdate: Bool
        var key: Int
    }

    private let kind: TransactionHistory.Kind
    private let isAnyList: Bool
    private let hasOutcomes: Bool
    private let shapes: [Shape]
    /// For each shape the one with the keys exchanged.
    private let mirrored: [Int]

    /// Those of transactions of up to `length` operations. With `hasOutcomes` they may also fail.
    package init(
        _ kind: TransactionHistory.Kind, length: Int, isAnyList: Bool = false,
        hasOutcomes: Bool = false
    ) {
        self.kind = kind
        self.isAnyList = isAnyList
        self.hasOutcomes = hasOutcomes
        let single = [true, false].flatMap { isUpdate in
            [0, 1].map { Step(isUpdate: isUpdate, key: $0) }
        }
        var longest: [Shape] = [[]]
        var all: [Shape] = []
        for _ in 0..<length {
            longest = longest.flatMap { shape in single.map { shape + [$0] } }
            all += longest
        }
        shapes = all
        mirrored = all.map { shape in
            let other = shape.map { Step(isUpdate: $0.isUpdate, key: 1 - $0.key) }
            return all.firstIndex(of: other) ?? 0
        }
    }

    /// Gives every history of `count` transactions to `body`. Those that can follow each other in
    /// one process do so in some, and in others each has a process of its own.
    package func forEach(count: Int, _ body: (SampleHistory) -> Void) {
        for intervals in SmallIntervals.all(count: count) {
            var chosen: [Int] = []
            func extend() {
                let place = chosen.count
                guard place < count else {
                    if isFirstOfItsNames(chosen, intervals) { forEach(chosen, intervals, body) }
                    return
                }
                let isEqual = place > 0 && intervals[place - 1] == intervals[place]
                for shape in (isEqual ? chosen[place - 1] : 0)..<shapes.count {
                    chosen.append(shape)
                    extend()
                    chosen.removeLast()
                }
            }
            extend()
        }
    }

    private func isFirstOfItsNames(
        _ chosen: [Int], _ intervals: [SmallIntervals.Interval]
    ) -> Bool {
        var other = chosen.map { mirrored[$0] }
        var start = 0
        for place in 1...other.count
        where place == other.count || intervals[place] != intervals[start] {
            other[start..<place].sort()
            start = place
        }
        return !other.lexicographicallyPrecedes(chosen)
    }

    private func forEach(
        _ chosen: [Int], _ intervals: [SmallIntervals.Interval], _ body: (SampleHistory) -> Void
    ) {
        var sample = SampleHistory(kind: kind)
        var written: [[Int32]] = [[], []]
        var value: Int32 = 0
        for (place, shape) in chosen.enumerated() {
            let (invoked, returned) = intervals[place].closeTimes
            let operations: [Operation] = shapes[shape].map { step in
                guard step.isUpdate else { return .readUnknown(step.key) }
                value += 1
                written[step.key].append(value)
                return kind == .listAppend ? .append(step.key, value) : .write(step.key, value)
            }
            sample.transactions.append(
                SampleTransaction(
                    operations: operations, process: Int32(place), invoked: invoked,
                    returned: returned, outcome: returned == nil ? .info : .ok))
        }
        for variant in withOutcomes(sample) {
            answered(variant, written, body)
            let shared = Self.sharingProcesses(variant)
            if shared != variant { answered(shared, written, body) }
        }
    }

    /// The history itself, and with any of its transactions failed.
    private func withOutcomes(_ sample: SampleHistory) -> [SampleHistory] {
        guard hasOutcomes else { return [sample] }
        let definite = sample.transactions.indices.filter {
            sample.transactions[$0].outcome == .ok
        }
        return (0..<1 << definite.count).map { bits in
            var variant = sample
            for (place, number) in definite.enumerated() where bits >> place & 1 == 1 {
                variant.transactions[number].outcome = .fail
            }
            return variant
        }
    }

    /// As few processes as there can be; none goes on after an unknown outcome.
    private static func sharingProcesses(_ sample: SampleHistory) -> SampleHistory {
        var sample = sample
        var free: [Int64] = []
        for number in sample.transactions.indices {
            let one = sample.transactions[number]
            let process = free.firstIndex { $0 < one.invoked } ?? free.count
            if process == free.count { free.append(0) }
            free[process] = one.returned ?? .max
            sample.transactions[number].process = Int32(process)
        }
        return sample
    }

    /// With every way to answer the reads.
    private func answered(
        _ sample: SampleHistory, _ written: [[Int32]], _ body: (SampleHistory) -> Void
    ) {
        guard kind == .listAppend else {
            answer(sample, written.map { [.readValue(0, 0)] + $0.map { .readValue(0, $0) } }, body)
            return
        }
        for first in Self.arrangements(of: seenAtTheEnd(sample, 0)) {
            for second in Self.arrangements(of: seenAtTheEnd(sample, 1)) {
                var sample = sample
                for (key, list) in [first, second].enumerated() {
                    sample.transactions.append(
                        SampleTransaction(
                            operations: [.readList(key, list)], process: 50,
                            invoked: 100 + Int64(key), returned: 100 + Int64(key)))
                }
                let lists: [[Operation]] = [first, second].enumerated().map { key, list in
                    isAnyList
                        ? Self.lists(of: written[key]).map { .readList(key, $0) }
                        : (0...list.count).map { .readList(key, Array(list.prefix($0))) }
                }
                answer(sample, lists, body)
            }
        }
    }

    /// What was appended and did not fail. What may have happened did, or the history would be
    /// one without it.
    private func seenAtTheEnd(_ sample: SampleHistory, _ key: Int) -> [Int32] {
        sample.transactions.filter { $0.outcome != .fail }.flatMap(\.operations)
            .filter { $0.key == key }.compactMap(\.update)
    }

    private func answer(
        _ sample: SampleHistory, _ answers: [[Operation]], _ body: (SampleHistory) -> Void
    ) {
        var sample = sample
        // Of those that did not return nobody knows what they read.
        let places = sample.transactions.indices.flatMap { number in
            sample.transactions[number].operations.indices.map { (number, $0) }
        }.filter { number, place in
            guard case .readUnknown = sample.transactions[number].operations[place] else {
                return false
            }
            return sample.transactions[number].outcome == .ok
        }
        func fill(_ next: Int) {
            guard next < places.count else { return body(sample) }
            let (number, place) = places[next]
            let key = sample.transactions[number].operations[place].key
            for answer in answers[key] {
                if case .readValue(_, let value) = answer {
                    sample.transactions[number].operations[place] = .readValue(key, value)
                } else {
                    sample.transactions[number].operations[place] = answer
                }
                fill(next + 1)
            }
        }
        fill(0)
    }

    private static func arrangements(of elements: [Int32]) -> [[Int32]] {
        guard !elements.isEmpty else { return [[]] }
        return elements.flatMap { first in
            arrangements(of: elements.filter { $0 != first }).map { [first] + $0 }
        }
    }

    /// Every list of some of `elements`, each at most once.
    private static func lists(of elements: [Int32]) -> [[Int32]] {
        [[]]
            + elements.flatMap { first in
                lists(of: elements.filter { $0 != first }).map { [first] + $0 }
            }
    }
}
