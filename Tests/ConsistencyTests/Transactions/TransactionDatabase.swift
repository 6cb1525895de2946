import Consistency
import Determinism

/// A small database in memory, with several versions of every list, that runs transactions side
/// by side at a level of isolation, and tells what its clients saw.
struct TransactionDatabase {
    enum Level: CaseIterable {
        /// Lists to be appended to are locked from the beginning to the commit, but everything is
        /// seen at once. Nothing is aborted.
        case readUncommitted
        /// Each read sees what is committed then; an append locks its list until the commit, and
        /// fails where another holds the lock.
        case readCommitted
        /// Reads see what was committed when the transaction began; of two that append to one
        /// list at the same time the second to commit fails.
        case snapshotIsolation
        /// Snapshots, and what was read must still be so at the commit; but transactions that
        /// only read may be given an old snapshot.
        case serializable
        /// The same, with new snapshots.
        case strictSerializable

        var model: TransactionModel {
            switch self {
            case .readUncommitted: .strongReadUncommitted
            case .readCommitted: .strongReadCommitted
            case .snapshotIsolation: .strongSnapshotIsolation
            case .serializable: .serializable
            case .strictSerializable: .strictSerializable
            }
        }
    }

    private struct Running {
        var process: Int32
        var invoked: Int64
        var snapshot: Int
        var plan: [(isAppend: Bool, key: Int)]
        var operations: [SampleTransaction.Operation] = []
        var appended: [Int: [Int32]] = [:]
        var read: Set<Int> = []
        var isDoomed = false
    }

    let level: Level
    private var random: RandomStream
    /// The lists after each commit.
    private var states: [[[Int32]]]
    private var element: Int32 = 0
    /// Who holds the lock of a list, at the level that has locks.
    private var locks: [Int: Int32] = [:]
    private let keyCount: Int
    private(set) var sample = SampleHistory(kind: .listAppend)

    init(level: Level, keyCount: Int, seed: UInt64) {
        self.level = level
        self.keyCount = keyCount
        random = RandomStream(seed: seed, name: "database")
        states = [Array(repeating: [], count: keyCount)]
    }

    /// Runs `count` transactions of `processes` processes, and reads every key at the end.
    mutating func run(_ count: Int, processes: Int) {
        var running = [Running?](repeating: nil, count: processes)
        var begun = 0
        var time: Int64 = 0
        while begun < count || running.contains(where: { $0 != nil }) {
            time += 1
            let process = random.index(processes)
            guard var one = running[process] else {
                if begun < count, let one = begin(Int32(process), time) {
                    begun += 1
                    running[process] = one
                }
                continue
            }
            if one.operations.count < one.plan.count {
                step(&one)
                running[process] = one
            } else {
                commit(one, time)
                running[process] = nil
            }
        }
        for key in 0..<keyCount {
            sample.transactions.append(
                SampleTransaction(
                    operations: [.readList(key, states[states.count - 1][key])], process: -1,
                    invoked: time + Int64(key) * 2 + 1, returned: time + Int64(key) * 2 + 2))
        }
    }

    private mutating func begin(_ process: Int32, _ time: Int64) -> Running? {
        let plan = (0...random.index(3)).map { _ in
            (isAppend: random.chance(0.5), key: random.index(keyCount))
        }
        if level == .readUncommitted {
            let keys = plan.filter(\.isAppend).map(\.key)
            if keys.contains(where: { locks[$0] != nil }) { return nil }
            for key in keys { locks[key] = process }
        }
        var snapshot = states.count - 1
        if level == .serializable, !plan.contains(where: \.isAppend) {
            snapshot = max(0, snapshot - random.index(6))
        }
        return Running(process: process, invoked: time, snapshot: snapshot, plan: plan)
    }

    private mutating func step(_ one: inout Running) {
        let (isAppend, key) = one.plan[one.operations.count]
        if isAppend {
            element += 1
            if level == .readCommitted {
                if locks[key, default: one.process] == one.process {
                    locks[key] = one.process
                } else {
                    one.isDoomed = true
                }
            }
            one.appended[key, default: []].append(element)
            one.operations.append(.append(key, element))
            if level == .readUncommitted {
                var state = states[states.count - 1]
                state[key].append(element)
                states.append(state)
            }
        } else {
            let isCurrent = level == .readCommitted || level == .readUncommitted
            let version = isCurrent ? states.count - 1 : one.snapshot
            let own = level == .readUncommitted ? [] : one.appended[key, default: []]
            one.read.insert(key)
            one.operations.append(.readList(key, states[version][key] + own))
        }
    }

    private mutating func commit(_ one: Running, _ time: Int64) {
        let last = states[states.count - 1]
        let old = states[one.snapshot]
        func hasChanged(_ key: Int) -> Bool { last[key].count != old[key].count }
        var isCommitted = !random.chance(0.05) && !one.isDoomed
        switch level {
        case .readUncommitted: isCommitted = true
        case .readCommitted: break
        case .snapshotIsolation:
            if one.appended.keys.contains(where: hasChanged) { isCommitted = false }
        case .serializable, .strictSerializable:
            let isUpdate = !one.appended.isEmpty
            if isUpdate, one.appended.keys.contains(where: hasChanged) { isCommitted = false }
            if isUpdate, one.read.contains(where: hasChanged) { isCommitted = false }
        }
        locks = locks.filter { $0.value != one.process }
        var outcome: TransactionHistory.Outcome = isCommitted ? .ok : .fail
        if random.chance(0.05) { outcome = .info }
        if isCommitted, level != .readUncommitted {
            var state = last
            for (key, elements) in one.appended { state[key] += elements }
            if !one.appended.isEmpty { states.append(state) }
        }
        sample.transactions.append(
            SampleTransaction(
                operations: one.operations, process: one.process, invoked: one.invoked,
                returned: outcome == .info ? nil : time, outcome: outcome))
    }
}
