import Determinism
import Testing

@testable import Replication

/// Every kind of value that merges is a join-semilattice, its updates are monotone, and it shows
/// what the updates that are known make by its definition.
@Suite struct SemilatticeTests {
    @Test(arguments: MergeCase.all)
    func lawsHoldInRandomRuns(_ type: MergeCase) {
        for seed in 1...150 as ClosedRange<UInt64> {
            let findings = type.random(seed)
            #expect(findings == [], "seed \(seed)")
            if !findings.isEmpty { return }
        }
    }

    @Test(arguments: MergeCase.all)
    func lawsHoldInAllRunsOfFewSteps(_ type: MergeCase) {
        for length in 1...4 { #expect(type.exhaustive(length) == []) }
    }

    @Test func everyRuleIsTried() {
        #expect(
            Set(MergeCase.all.map(\.testDescription)) == Set(MergeRules.standard.names))
        #expect(MergeCase.all.count == MergeRules.standard.all.count)
    }

    @Test(arguments: ["sum", "add-wins", "remove-wins", "update-wins", "growable-array", "max"])
    func whatIsNoStateIsFound(_ name: String) throws {
        let rule = try #require(MergeRules.standard.all.first { $0.description.name == name })
        #expect(!rule.isValid([0xFF, 0xFF, 0xFF]))
        #expect(!rule.isValid([]))
        let operation: Operation =
            switch rule.description.valueType {
            case .register: .write([1])
            case .counter: .increment(1)
            case .list: .append([1])
            case .set: .add([1])
            case .map: .put(field: [1], content: [2])
            }
        let member = MemberID(NodeID(region: RegionID(index: 0)))
        let update = MergeUpdate(dot: Dot(member: member, counter: 1), timestamp: .zero)
        let state = try #require(rule.updated(nil, by: operation, update))
        #expect(rule.isValid(state))
        #expect(!rule.isValid(state + [0]), "bytes are left over")
        for count in 0..<state.count {
            // What is cut off anywhere is no state, and nothing traps.
            #expect(!rule.isValid(Array(state.prefix(count))))
        }
        for index in state.indices {
            for byte in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var mutated = state
                mutated[index] = byte
                if rule.isValid(mutated) { _ = rule.joined(mutated, state) }
            }
        }
    }
}
