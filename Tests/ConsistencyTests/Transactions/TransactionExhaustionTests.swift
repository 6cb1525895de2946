import Consistency
import Determinism
import Testing

/// The checker against brute force, on histories of a few transactions.
@Suite struct TransactionExhaustionTests {
    private typealias Operation = SampleTransaction.Operation

    private static let models: [TransactionModel] = [
        .serializable, .strongSessionSerializable, .strictSerializable, .snapshotIsolation,
        .strongSessionSnapshotIsolation, .strongSnapshotIsolation,
    ]

    /// Which of ``models`` hold. What follows from the definitions is not tried again: one after
    /// the other is a way to run under snapshot isolation too.
    private func satisfied(_ sample: SampleHistory) -> [Bool] {
        let oracle = TransactionOracle(sample)
        let isStrict = oracle.isSerializable(.realtime)
        let isSession = isStrict || oracle.isSerializable(.sessions)
        let isSerializable = isSession || oracle.isSerializable()
        let isStrongSI = isStrict || oracle.isSnapshotIsolated(.realtime)
        let isSessionSI = isStrongSI || isSession || oracle.isSnapshotIsolated(.sessions)
        let isSI = isSessionSI || isSerializable || oracle.isSnapshotIsolated()
        return [isSerializable, isSession, isStrict, isSI, isSessionSI, isStrongSI]
    }

    /// Compares what the checker says of each model with the truth. A history that satisfies a
    /// model must never be called one that does not; the other way round only if the orders of
    /// versions are complete. Says which models hold.
    private func compare(_ sample: SampleHistory, isComplete: Bool) -> [Bool] {
        let result = sample.check()
        let broken = result.broken + result.alsoBroken
        let satisfied = satisfied(sample)
        for (model, holds) in zip(Self.models, satisfied) {
            if holds, broken.contains(model) {
                Issue.record("called not \(model.name), but it is:\n\(sample)\n\(found(result))")
            }
            if !holds, isComplete, !broken.contains(model) {
                Issue.record("is not \(model.name), unnoticed:\n\(sample)\n\(found(result))")
            }
        }
        return satisfied
    }

    private func found(_ result: TransactionCheckResult) -> String {
        result.anomalies.flatMap { [$0.anomaly.name] + $0.explanation }.joined(separator: "\n")
    }

    /// Draws times so that some transactions overlap and some do not, ties included.
    private func draw(_ count: Int, _ random: inout RandomStream) -> [SampleTransaction] {
        (0..<count).map { _ in
            let invoked = Int64(random.index(6))
            return SampleTransaction(
                operations: [], process: Int32(random.index(3)), invoked: invoked,
                returned: invoked + Int64(random.index(4)))
        }
    }

    /// A history of lists: `count` transactions carried out in some order on states that may be
    /// old, with some of what they saw changed.
    private func lists(_ random: inout RandomStream, isComplete: Bool) -> SampleHistory {
        var sample = SampleHistory(kind: .listAppend)
        sample.transactions = draw(2 + random.index(3), &random)
        var states: [[[Int32]]] = [[[], [], []]]
        var element: Int32 = 0
        let staleness = random.index(3)
        for number in sample.transactions.indices {
            let state = states[max(0, states.count - 1 - random.index(staleness + 1))]
            var own: [[Int32]] = [[], [], []]
            for _ in 0...random.index(2) {
                let key = random.index(2)
                if random.chance(0.5) {
                    element += 1
                    own[key].append(element)
                    sample.transactions[number].operations.append(.append(key, element))
                } else {
                    var list = state[key] + own[key]
                    if random.chance(0.08) { list.shuffle(using: &random.generator) }
                    if random.chance(0.08), !list.isEmpty { list.removeLast() }
                    if random.chance(0.02) { list.append(element + 1) }
                    sample.transactions[number].operations.append(.readList(key, list))
                }
            }
            let outcome = random.index(12)
            if outcome == 0 { sample.transactions[number].outcome = .fail }
            if outcome == 1 || outcome == 2 {
                sample.transactions[number].outcome = .info
                sample.transactions[number].returned = nil
            }
            if (outcome == 0 || outcome == 1) && random.chance(0.9) { continue }
            let last = states[states.count - 1]
            states.append([0, 1, 2].map { last[$0] + own[$0] })
        }
        sample.transactions = random.shuffled(sample.transactions)
        guard isComplete else { return sample }
        separateProcesses(&sample)
        // What the reader at the end sees is the order in which appends took effect; those that
        // it may not see are only those that may not have happened.
        for key in 0...1 {
            var list = states[states.count - 1][key]
            for one in sample.transactions where one.outcome == .ok {
                for case .append(key, let element) in one.operations
                where !list.contains(element) {
                    list.append(element)
                }
            }
            if random.chance(0.1), list.count > 1 { list.swapAt(list.count - 1, list.count - 2) }
            sample.transactions.append(
                SampleTransaction(
                    operations: [.readList(key, list)], process: 50, invoked: 20 + Int64(key),
                    returned: 20 + Int64(key)))
        }
        return sample
    }

    /// Gives transactions that overlap in one process another one: the order of a process is only
    /// told exactly if it does one thing at a time.
    private func separateProcesses(_ sample: inout SampleHistory) {
        let order = sample.transactions.indices.sorted {
            (sample.transactions[$0].invoked, $0) < (sample.transactions[$1].invoked, $1)
        }
        var free: [Int32: Int64] = [:]
        for number in order {
            let one = sample.transactions[number]
            if free[one.process, default: 0] > one.invoked {
                sample.transactions[number].process = Int32(10 + number)
            }
            free[sample.transactions[number].process] = one.returned ?? .max
        }
    }

    /// With every append in a read at the end the checker and brute force agree exactly.
    @Test(arguments: UInt64(0)..<4) func completeListsAgree(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "complete")
        var holds = Self.models.map { _ in [0, 0] }
        for _ in 0..<Self.completeRounds {
            let sample = lists(&random, isComplete: true)
            for (number, satisfied) in compare(sample, isComplete: true).enumerated() {
                holds[number][satisfied ? 1 : 0] += 1
            }
        }
        #expect(holds.allSatisfy { $0[0] > 5 && $0[1] > 5 }, "\(holds)")
    }

    /// Whatever was read, nothing is called broken that is not.
    @Test(arguments: UInt64(0)..<2) func listsAreJudgedSoundly(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "lists")
        var holds = [0, 0]
        for _ in 0..<Self.rounds {
            let satisfied = compare(lists(&random, isComplete: false), isComplete: false)
            holds[satisfied[0] ? 1 : 0] += 1
        }
        #expect(holds[0] > 20 && holds[1] > 20)
    }

    private static let rounds = 1_200
    /// Fewer where brute force has more to try.
    private static let completeRounds = 250

    @Test(arguments: UInt64(0)..<3) func registersAreJudgedSoundly(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "registers")
        var holds = [0, 0]
        var found = 0
        for _ in 0..<Self.rounds {
            let sample = registers(&random)
            let satisfied = compare(sample, isComplete: false)
            holds[satisfied[0] ? 1 : 0] += 1
            if !satisfied[0], sample.check(.serializable).verdict == .invalid { found += 1 }
        }
        #expect(holds[0] > 20 && holds[1] > 20)
        // Most of what is wrong is found, although that is not promised.
        #expect(found * 2 > holds[0], "\(found) of \(holds[0])")
    }

    private func registers(_ random: inout RandomStream) -> SampleHistory {
        var sample = SampleHistory(kind: .readWriteRegister)
        sample.transactions = draw(2 + random.index(3), &random)
        var states: [[Int32]] = [[0, 0]]
        var value: Int32 = 0
        let staleness = random.index(3)
        for number in sample.transactions.indices {
            var state = states[max(0, states.count - 1 - random.index(staleness + 1))]
            var following = states[states.count - 1]
            for _ in 0...random.index(3) {
                let key = random.index(2)
                if random.chance(0.5) {
                    value += 1
                    state[key] = value
                    following[key] = value
                    sample.transactions[number].operations.append(.write(key, value))
                } else {
                    let seen = random.chance(0.05) ? Int32(random.index(4)) : state[key]
                    sample.transactions[number].operations.append(.readValue(key, seen))
                }
            }
            let outcome = random.index(12)
            if outcome == 0 { sample.transactions[number].outcome = .fail }
            if outcome == 1 || outcome == 2 {
                sample.transactions[number].outcome = .info
                sample.transactions[number].returned = nil
            }
            if (outcome == 0 || outcome == 1) && random.chance(0.9) { continue }
            states.append(following)
        }
        sample.transactions = random.shuffled(sample.transactions)
        return sample
    }

    /// Every history of two transactions of up to two operations on two lists, each read with
    /// every list of what was appended, and a read of each list at the end in every order.
    @Test func allPairsOfListTransactions() {
        var counts = [0, 0]
        for first in Self.shapes {
            for second in Self.shapes {
                forEachReading([first, second], .listAppend) { sample in
                    counts[compare(sample, isComplete: true)[0] ? 1 : 0] += 1
                }
            }
        }
        #expect(counts[0] > 500 && counts[1] > 500, "\(counts)")
    }

    /// Of the histories of three transactions those of every so many shapes.
    @Test(arguments: TransactionHistory.Kind.allCases)
    func someTriplesOfTransactions(_ kind: TransactionHistory.Kind) {
        var counts = [0, 0]
        let count = Self.shapes.count
        for number in stride(from: 5, to: count * count * count, by: Self.tripleStride) {
            let triple = [number % count, number / count % count, number / count / count]
            forEachReading(triple.map { Self.shapes[$0] }, kind) { sample in
                counts[compare(sample, isComplete: kind == .listAppend)[0] ? 1 : 0] += 1
            }
        }
        #expect(counts[0] > 20 && counts[1] > 20, "\(counts)")
    }

    private static let tripleStride = 311

    /// Whether each operation writes, and to which key.
    private typealias Shape = [(isUpdate: Bool, key: Int)]

    private static let shapes: [Shape] = {
        let single = [(true, 0), (true, 1), (false, 0), (false, 1)].map {
            [(isUpdate: $0.0, key: $0.1)]
        }
        return single + single.flatMap { one in single.map { one + $0 } }
    }()

    private func forEachReading(
        _ shapes: [Shape], _ kind: TransactionHistory.Kind, _ body: (SampleHistory) -> Void
    ) {
        var written: [[Int32]] = [[], []]
        var value: Int32 = 0
        var sample = SampleHistory(kind: kind)
        // The first returns before the second is invoked, so that real time counts; a third
        // overlaps both.
        let times: [(Int64, Int64)] = [(0, 1), (2, 3), (0, 3)]
        for (number, shape) in shapes.enumerated() {
            let operations: [Operation] = shape.map { operation in
                guard operation.isUpdate else { return .readUnknown(operation.key) }
                value += 1
                written[operation.key].append(value)
                return kind == .listAppend
                    ? .append(operation.key, value) : .write(operation.key, value)
            }
            sample.transactions.append(
                SampleTransaction(
                    operations: operations, process: Int32(number), invoked: times[number].0,
                    returned: times[number].1))
        }
        if kind == .listAppend {
            sample.transactions += [0, 1].map { key in
                SampleTransaction(
                    operations: [.readUnknown(key)], process: 5, invoked: 9, returned: 9)
            }
        }
        let places = sample.transactions.indices.flatMap { number in
            sample.transactions[number].operations.indices.map { (number, $0) }
        }
        func fill(_ next: Int) {
            guard next < places.count else { return body(sample) }
            let (number, place) = places[next]
            guard
                case .readUnknown(let key) = sample.transactions[number].operations[place]
            else { return fill(next + 1) }
            switch kind {
            case .listAppend:
                for list in Self.arrangements(written[key]) {
                    // The reads at the end see everything.
                    if number >= shapes.count, list.count < written[key].count { continue }
                    sample.transactions[number].operations[place] = .readList(key, list)
                    fill(next + 1)
                }
            case .readWriteRegister:
                for value in [0] + written[key] {
                    sample.transactions[number].operations[place] = .readValue(key, value)
                    fill(next + 1)
                }
            }
            sample.transactions[number].operations[place] = .readUnknown(key)
        }
        fill(0)
    }

    /// Every list of some of `elements`, each at most once.
    private static func arrangements(_ elements: [Int32]) -> [[Int32]] {
        [[]]
            + elements.flatMap { first in
                arrangements(elements.filter { $0 != first }).map { [first] + $0 }
            }
    }
}

/// A stream as a generator of the standard library.
struct StreamGenerator: RandomNumberGenerator {
    var stream: RandomStream
    mutating func next() -> UInt64 { stream.next() }
}

extension RandomStream {
    fileprivate var generator: StreamGenerator {
        get { StreamGenerator(stream: self) }
        set { self = newValue.stream }
    }
}
