import Consistency
import Determinism
import Testing

/// The search for one order of everything.
@Suite struct SequentialConsistencyTests {
    @Test func aWeakerModelSaysWhy() {
        let result = SequentialConsistency.check(sessions("wx1 wx2 | rx2 rx1"))
        #expect(result.verdict == .invalid)
        #expect(result.brokenModel == .causal)
        #expect(result.operations == [0, 1, 3])
    }

    /// Store buffering (Dekker): no weaker model forbids it.
    @Test func aSearchFindsThatThereIsNoOrder() {
        let result = SequentialConsistency.check(sessions("wx1 ry0 | wy1 rx0"))
        #expect(result.verdict == .invalid)
        #expect(result.brokenModel == nil)
        #expect(result.witness.count >= 1)
        #expect(!result.operations.isEmpty)
        #expect(Set(result.operations).isDisjoint(with: result.witness))
    }

    /// Repeated values and deletes are no obstacle.
    @Test func valuesNeedNotBeUnique() {
        let valid = SequentialConsistency.check(sessions("wx1 wx0 rx1 | wx1 | rx1 rx0 rx1"))
        #expect(valid.verdict == .valid)
        #expect(valid.witness.count == 7)
        #expect(
            SequentialConsistency.check(sessions("wx1 | wx1 | rx1 rx0")).verdict == .invalid)
    }

    /// A write of unknown outcome whose value another wrote too may be in the order or not.
    @Test func aWriteOfUnknownOutcomeMayBeLeftOut() {
        let result = SequentialConsistency.check(sessions("wx1 | wx1? | rx1 wx2 rx2"))
        #expect(result.verdict == .valid)
        // Here it must be in, between the other session's write and read.
        let needed = SequentialConsistency.check(sessions("wx1 wx2 rx1 | wx1?"))
        #expect(needed.verdict == .valid)
        #expect(needed.witness == [0, 1, 3, 2])
    }

    @Test func theBudgetEndsInUnknown() {
        // Store buffering behind many concurrent writes, without the dead ends of registers.
        let result = SequentialConsistency.check(
            sessions("wa1 wx1 ry0 | wb1 wy1 rx0 | wc1 wd1 we1 wf1"),
            budget: CheckBudget(statesMax: 3, bytesMax: 1 << 20))
        #expect(result.verdict == .unknown)
        #expect(result.reason != nil)
    }

    /// A model of one's own: a counter for each object.
    struct Counter: ObjectModel {
        enum Call: Hashable { case add(Int64), read(Int64) }
        let initial: Int64 = 0
        mutating func step(_ state: Int64, _ call: Call) -> Int64? {
            switch call {
            case .add(let amount): state + amount
            case .read(let seen): seen == state ? state : nil
            }
        }
        func isPure(_ call: Call) -> Bool {
            switch call {
            case .add: false
            case .read: true
            }
        }
    }

    /// Counters against all interleavings.
    @Test(arguments: 0..<10) func countersLikeAllInterleavings(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "counters")
        for _ in 0..<50 {
            var identity = 0
            let sessions: [[SequentialCall<Counter.Call>]] = (0..<3).map { _ in
                (0..<random.index(4)).map { _ in
                    identity += 1
                    return SequentialCall(
                        identity: identity, object: random.index(2),
                        call: random.chance(0.5)
                            ? .add(1 + Int64(random.index(2))) : .read(Int64(random.index(4))))
                }
            }
            func extend(_ positions: [Int], _ states: [Int64]) -> Bool {
                var isComplete = true
                for session in 0..<3 where positions[session] < sessions[session].count {
                    isComplete = false
                    let call = sessions[session][positions[session]]
                    var model = Counter()
                    guard let next = model.step(states[call.object], call.call) else { continue }
                    var positions = positions
                    var states = states
                    positions[session] += 1
                    states[call.object] = next
                    if extend(positions, states) { return true }
                }
                return isComplete
            }
            let (outcome, _) = SequentialConsistency.search(
                models: [Counter(), Counter()], sessions: sessions)
            let isPossible = extend([0, 0, 0], [0, 0])
            switch outcome {
            case .found(let order):
                #expect(isPossible)
                #expect(order.count == identity)
            case .none(let prefix, let stuck):
                #expect(!isPossible)
                #expect(!stuck.isEmpty)
                #expect(prefix.count < identity)
            case .exhausted: Issue.record("seed \(seed): the budget ran out")
            }
        }
    }

    @Test func anObjectWithoutModelHasNoOrder() {
        let calls = [[SequentialCall(identity: 4, object: 1, call: Counter.Call.add(1))]]
        let (outcome, _) = SequentialConsistency.search(models: [Counter()], sessions: calls)
        #expect(outcome == .none(prefix: [], stuck: [4]))
    }
}
