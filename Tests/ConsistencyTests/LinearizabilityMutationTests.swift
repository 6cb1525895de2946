import Consistency
import Determinism
import Recording
import Replication
import Testing

/// Histories as runs leave them, made from a register that is linearizable by construction, and
/// the same with one planted violation.
@Suite struct LinearizabilityMutationTests {
    /// A run of `count` operations over `keys` keys, about `concurrency` at a time, in which some
    /// updates have unknown outcomes. Effects happen at one instant within each operation.
    static func run(
        seed: UInt64, count: Int, keys: Int, concurrency: Int, unknown: Double
    ) -> [HistoryOperation] {
        var random = RandomStream(seed: seed, name: "run")
        var effects: [(at: Int64, index: Int)] = []
        var operations: [HistoryOperation] = []
        for index in 0..<count {
            let invoked = Int64(index) * 1000 + Int64(random.index(900))
            let length = Int64(concurrency) * 1000
            var completed: Int64? = invoked + length / 2 + Int64(random.index(Int(length)))
            // Few keys take most operations.
            let key = min(random.index(keys), random.index(keys), random.index(keys))
            let roll = random.unit()
            let function: HistoryFunction = roll < 0.6 ? .read : roll < 0.9 ? .write : .cas
            let isUnknown = function != .read && random.chance(unknown)
            var at = invoked + Int64(random.unit() * Double((completed ?? invoked) - invoked))
            if isUnknown {
                completed = nil
                at += Int64(random.index(5)) * length
            }
            var operation = HistoryOperation(
                index: index, process: index, client: 1, region: "a", function: function,
                dataType: "default", key: "k\(key)", value: .null,
                planned: Instant(nanoseconds: invoked), invoked: Instant(nanoseconds: invoked))
            operation.completed = completed.map(Instant.init(nanoseconds:))
            operation.outcome = isUnknown ? .info : .ok
            if function == .write { operation.value = .text("w\(index)") }
            operations.append(operation)
            if !(isUnknown && random.chance(0.5)) { effects.append((at, index)) }
        }
        effects.sort { ($0.at, $0.index) < ($1.at, $1.index) }
        var state: [String: String] = [:]
        for effect in effects {
            let operation = operations[effect.index]
            guard let key = operation.key else { continue }
            switch operation.function {
            case .read:
                operations[effect.index].value = state[key].map(HistoryValue.text) ?? .null
            case .write: state[key] = "w\(effect.index)"
            case .cas:
                // The client had guessed right three times out of four.
                let fits = effect.index % 4 != 0
                let expected = fits ? state[key] : "wrong"
                operations[effect.index].value = .pair(
                    from: expected.map(HistoryValue.text) ?? .null, to: .text("w\(effect.index)"))
                if fits {
                    state[key] = "w\(effect.index)"
                } else if operation.outcome == .ok {
                    operations[effect.index].outcome = .fail
                    operations[effect.index].error = HistoryOperation.Failure.mismatch
                    operations[effect.index].result =
                        state[key].map(HistoryValue.text) ?? .null
                }
            case .delete, .append, .increment, .add, .remove, .enqueue, .dequeue, .acquire,
                .release, .txn, .service:
                break
            }
        }
        for index in operations.indices where operations[index].function == .cas {
            if operations[index].value == .null {
                operations[index].value = .pair(from: "wrong", to: .text("w\(index)"))
            }
        }
        return operations
    }

    @Test(arguments: 0..<8)
    func aTypicalRunIsDecided(seed: UInt64) {
        let history = Self.run(
            seed: seed, count: 3000, keys: 100, concurrency: 50, unknown: 0.1)
        let result = Linearizability.check(
            history, dataType: "default", kind: .casRegister)
        #expect(result.verdict == .valid, "seed \(seed): \(result)")
        #expect(result.checked == 3000)
    }

    /// A read that ended before the value it shows was written, or shows what was overwritten
    /// and seen to be, is always found.
    @Test(arguments: 0..<20)
    func aPlantedViolationIsFound(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "plant")
        var history = Self.run(
            seed: seed, count: 1500, keys: 20, concurrency: 20, unknown: 0.1)
        let reads = history.indices.filter { index in
            history[index].function == .read && history[index].value != .null
        }
        let target = reads[random.index(reads.count)]
        let key = try #require(history[target].key)
        let invoked = try #require(history[target].invoked)
        let completed = try #require(history[target].completed)
        if random.chance(0.5) {
            // From the future: a write invoked after the read returned.
            let later = history.first { operation in
                operation.key == key && operation.function == .write
                    && (operation.invoked ?? .zero) > completed
            }
            guard let later else { return }
            history[target].value = later.value
        } else {
            // From the past: a write that another overwrote completely before the read began.
            let done = history.filter { operation in
                operation.key == key && operation.function == .write && operation.outcome == .ok
            }
            let stale = done.first { old in
                done.contains { new in
                    guard let end = old.completed, let start = new.invoked, let stop = new.completed
                    else { return false }
                    return end < start && stop < invoked
                }
            }
            guard let stale else { return }
            history[target].value = stale.value
        }
        let result = Linearizability.check(
            history, dataType: "default", kind: .casRegister)
        #expect(result.verdict == .invalid, "seed \(seed), read \(target)")
        #expect(result.violations.first?.key == key)
    }

    @Test func theSameHistoryGivesTheSameResult() {
        let history = Self.run(seed: 7, count: 800, keys: 5, concurrency: 30, unknown: 0.2)
        let first = Linearizability.check(history, dataType: "default", kind: .casRegister)
        let second = Linearizability.check(history, dataType: "default", kind: .casRegister)
        #expect(first == second)
    }
}
