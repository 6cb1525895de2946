import Determinism
import Testing

@testable import Replication

/// What becomes of concurrent updates, kind by kind.
@Suite struct MergedValueTests {
    private static func update(_ member: UInt16, _ counter: UInt64, at time: Int64) -> MergeUpdate {
        MergeUpdate(
            dot: Dot(
                member: MemberID(NodeID(region: RegionID(index: member))), counter: counter),
            timestamp: HybridTimestamp(wall: WallTime(nanosecondsSince1970: time), logical: 0))
    }

    /// Two copies of a set with an element, of which one removes it while the other adds it again.
    private func addedAndRemoved<Merged: MergeableValue>(_ type: Merged.Type) -> Value? {
        var first = Merged()
        first.apply(.add([7]), Self.update(0, 1, at: 1))
        var second = first
        first.apply(.add([7]), Self.update(0, 2, at: 2))
        second.apply(.remove([7]), Self.update(1, 1, at: 2))
        first.merge(second)
        return first.value
    }

    @Test func ofAdditionAndRemoveTheOneWinsThatTheNameSays() {
        #expect(addedAndRemoved(AddWinsSet.self) == .set([[7]]))
        #expect(addedAndRemoved(RemoveWinsSet.self) == .set([]))
    }

    @Test func anAddWinsSetRemembersNothingOfWhatWasRemoved() {
        var set = AddWinsSet()
        set.apply(.add([1]), Self.update(0, 1, at: 1))
        let size = set.encodedSize
        for counter in 2...200 as ClosedRange<UInt64> {
            set.apply(.add([UInt8(counter)]), Self.update(0, 2 * counter, at: 1))
            set.apply(.remove([UInt8(counter)]), Self.update(0, 2 * counter + 1, at: 1))
        }
        #expect(set.value == .set([[1]]))
        #expect(set.encodedSize <= size + 2)
    }

    @Test func whatOneAppendedInARowStaysTogether() {
        var first = ReplicatedGrowableArray()
        first.apply(.append([0]), Self.update(0, 1, at: 1))
        var second = first
        for counter in 2...4 as ClosedRange<UInt64> {
            first.apply(.append([UInt8(10 + counter)]), Self.update(0, counter, at: Int64(counter)))
            second.apply(
                .append([UInt8(20 + counter)]), Self.update(1, counter, at: Int64(counter)))
        }
        first.merge(second)
        #expect(first.value == .list([[0], [22], [23], [24], [12], [13], [14]]))
        second.merge(first)
        #expect(second == first)
    }

    @Test func elementsCanBeInsertedBehindRemovedOnes() throws {
        var first = ReplicatedGrowableArray()
        first.apply(.append([1]), Self.update(0, 1, at: 1))
        first.apply(.append([3]), Self.update(0, 2, at: 2))
        var second = first
        let one = try #require(first.elements.first).id
        first.remove(one)
        second.insert([2], after: one, Self.update(1, 1, at: 3))
        second.insert([0], after: nil, Self.update(1, 2, at: 4))
        first.merge(second)
        #expect(first.value == .list([[0], [2], [3]]))
    }

    @Test func aLongListIsMergedWithoutRecursion() {
        var first = ReplicatedGrowableArray()
        for counter in 1...5_000 as ClosedRange<UInt64> {
            first.apply(.append([1]), Self.update(0, counter, at: Int64(counter)))
        }
        var second = first
        first.apply(.append([2]), Self.update(0, 5_001, at: 5_001))
        second.apply(.append([3]), Self.update(1, 1, at: 5_001))
        first.merge(second)
        #expect(first.elements.suffix(2).map(\.element) == [[3], [2]])
    }

    @Test func aCounterStaysWithinItsRange() {
        var counter = MergeableCounter()
        for number in 1...4 as ClosedRange<UInt64> {
            counter.apply(.increment(.max), Self.update(0, number, at: 1))
        }
        #expect(counter.value == .integer(.max))
        counter.apply(.increment(.min), Self.update(1, 1, at: 1))
        counter.apply(.increment(.min), Self.update(1, 2, at: 1))
        counter.apply(.increment(.min), Self.update(1, 3, at: 1))
        counter.apply(.increment(.min), Self.update(2, 1, at: 1))
        #expect(counter.value == .integer(.min))
    }

    @Test func rulesSuitTypes() throws {
        func name(_ option: String?, _ type: ValueType) -> String {
            do throws(InvalidOption) {
                return try MergeRules.standard.rule(
                    named: option.map { .choice($0) }, for: type
                ).description.name
            } catch { return error.description }
        }
        #expect(name(nil, .register) == "last-writer")
        #expect(name(nil, .set) == "add-wins")
        #expect(name("remove-wins", .set) == "remove-wins")
        #expect(name("max", .register) == "max")
        #expect(
            name("max", .set)
                == "max does not merge values of type set; expected add-wins, remove-wins")
    }
}
