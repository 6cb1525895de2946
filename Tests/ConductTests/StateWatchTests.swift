import Replication
import Testing

@testable import Conduct

/// What members say of their states.
@Suite struct StateWatchTests {
    private let first = MemberID(Self.node(0))
    private let second = MemberID(Self.node(1))
    private let group = GroupID(index: 0)

    private static func node(_ region: UInt16) -> NodeID { NodeID(region: RegionID(index: region)) }

    private func view(term: UInt64 = 1, applied: UInt64, state: UInt64) -> GroupView {
        GroupView(
            role: .follower, leader: nil, term: term, commitIndex: applied, lastIndex: applied,
            applied: .index(applied), lag: 0, digest: StateDigest(high: state, low: 0),
            keyCount: 0, voters: [], learners: [], isReady: true)
    }

    @Test func equalStatesAtEqualPositions() {
        var watch = StateWatch(isOrdered: [true])
        #expect(watch.take(view(applied: 5, state: 9), of: group, from: first).isEmpty)
        #expect(watch.take(view(applied: 5, state: 9), of: group, from: second).isEmpty)
        #expect(watch.take(view(applied: 6, state: 8), of: group, from: second).isEmpty)
    }

    @Test func differentStatesAtOnePosition() throws {
        var watch = StateWatch(isOrdered: [true])
        _ = watch.take(view(applied: 5, state: 9), of: group, from: first)
        _ = watch.take(view(applied: 6, state: 9), of: group, from: first)
        let found = watch.take(view(applied: 5, state: 8), of: group, from: second)
        guard case .diverged(5, _, first.node, _)? = found.first, found.count == 1 else {
            Issue.record("\(found)")
            return
        }
    }

    @Test func aTermThatGoesBackInOneLife() {
        var watch = StateWatch(isOrdered: [true])
        _ = watch.take(view(term: 4, applied: 5, state: 9), of: group, from: first)
        let next = MemberID(first.node, incarnation: 1)
        #expect(watch.take(view(term: 2, applied: 5, state: 9), of: group, from: next).isEmpty)
        let found = watch.take(view(term: 3, applied: 5, state: 9), of: group, from: first)
        guard case .wentBack(4, 3)? = found.first else {
            Issue.record("\(found)")
            return
        }
    }

    @Test func groupsWithoutOneOrderAreLeftAlone() {
        var watch = StateWatch(isOrdered: [false])
        _ = watch.take(view(applied: 5, state: 9), of: group, from: first)
        #expect(watch.take(view(applied: 5, state: 8), of: group, from: second).isEmpty)
    }

    @Test func memoryIsBounded() {
        var watch = StateWatch(isOrdered: [true])
        for position in 1...5_000 as ClosedRange<UInt64> {
            _ = watch.take(view(applied: position, state: position), of: group, from: first)
        }
        #expect(watch.take(view(applied: 1, state: 8), of: group, from: second).isEmpty)
        #expect(watch.take(view(applied: 4_990, state: 8), of: group, from: second).count == 1)
    }
}
