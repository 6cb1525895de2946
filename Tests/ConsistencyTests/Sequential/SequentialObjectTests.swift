import Consistency
import Determinism
import Recording
import Testing

/// Sequential consistency of objects that are no registers, beside a try of every interleaving.
@Suite struct SequentialObjectTests {
    /// What an object holds, plainly.
    private struct Plain {
        var count: Int64 = 0
        var elements: [HistoryValue] = []

        /// Carries `operation` out; false if it cannot have answered so.
        mutating func takes(_ operation: HistoryOperation, _ kind: ObjectKind) -> Bool {
            switch (operation.function, operation.value) {
            case (.increment, .integer(let amount)): count += amount
            case (.read, .integer(let seen)): return seen == count
            case (.append, let element), (.enqueue, let element): elements.append(element)
            case (.add, let element): if !elements.contains(element) { elements.append(element) }
            case (.dequeue, .null): return elements.isEmpty
            case (.dequeue, let element):
                guard elements.first == element else { return false }
                elements.removeFirst()
            case (.read, .list(let seen)):
                return kind == .set
                    ? seen.count == elements.count && seen.allSatisfy(elements.contains)
                    : seen == elements
            case _: return false
            }
            return true
        }
    }

    private static func isExplained(
        _ sessions: [[HistoryOperation]], _ objects: [String: Plain], _ kind: ObjectKind
    ) -> Bool {
        if sessions.allSatisfy(\.isEmpty) { return true }
        for index in sessions.indices {
            guard let next = sessions[index].first else { continue }
            var objects = objects
            guard objects[next.key ?? "", default: Plain()].takes(next, kind) else { continue }
            var rest = sessions
            rest[index].removeFirst()
            if isExplained(rest, objects, kind) { return true }
        }
        return false
    }

    private static func drawn(
        _ kind: ObjectKind, _ random: inout RandomStream
    ) -> [HistoryOperation] {
        var written: Int64 = 0
        return (0..<(3 + random.index(4))).map { index in
            let function: HistoryFunction
            var value = HistoryValue.null
            let isUpdate = random.chance(0.5)
            if isUpdate { written += 1 }
            let seen = (1...3).filter { _ in random.chance(0.4) }.map { HistoryValue.integer($0) }
            switch kind {
            case .counter:
                function = isUpdate ? .increment : .read
                value = .integer(isUpdate ? 1 : Int64(random.index(3)))
            case .queue:
                function = isUpdate ? .enqueue : .dequeue
                value = isUpdate ? .integer(written) : random.chance(0.2) ? .null : .integer(1)
            case _:
                function = isUpdate ? (kind == .set ? .add : .append) : .read
                value = isUpdate ? .integer(written) : .list(seen)
            }
            var operation = HistoryOperation(
                index: index, process: random.index(3), client: 1, region: "a",
                function: function, dataType: "default", key: random.chance(0.7) ? "x" : "y",
                value: value, planned: Instant(nanoseconds: Int64(index)),
                invoked: Instant(nanoseconds: Int64(index)))
            operation.outcome = .ok
            operation.completed = Instant(nanoseconds: Int64(index) + 1)
            return operation
        }
    }

    @Test(arguments: [ObjectKind.counter, .set, .listAppend, .queue])
    func theSearchAgreesWithEveryInterleaving(_ kind: ObjectKind) {
        var random = RandomStream(seed: 5, name: kind.rawValue)
        var valid = 0
        for _ in 0..<1_500 {
            let operations = Self.drawn(kind, &random)
            let found = SequentialConsistency.check(
                History(operations), dataType: "default", kind: kind)
            let sessions = (0..<3).map { process in operations.filter { $0.process == process } }
            let expected = Self.isExplained(sessions, [:], kind)
            #expect((found.verdict == .valid) == expected, "\(operations)")
            if expected { valid += 1 }
        }
        #expect((50..<1_450).contains(valid), "\(valid) of 1500 are valid")
    }

    /// Sequential consistency lets an answer come late, which linearizability does not.
    @Test func whatIsOldMayBeSequential() {
        var builder = HistoryBuilder()
        builder.add(.append, .text("a"), from: 0, to: 1)
        builder.add(.read, .list([]), from: 2, to: 3)
        let history = History(builder.operations)
        #expect(
            SequentialConsistency.check(history, dataType: "default", kind: .listAppend).verdict
                == .valid)
        #expect(
            Linearizability.check(history, dataType: "default", kind: .listAppend).verdict
                == .invalid)
    }

    /// An append of unknown outcome that was seen took effect; one that was not may not have.
    @Test func whatIsUnknownMayHaveHappened() {
        var builder = HistoryBuilder()
        builder.add(.append, .text("a"), from: 0, to: nil, .info)
        builder.add(.read, .list([.text("a")]), from: 2, to: 3)
        builder.add(.append, .text("b"), from: 4, to: nil, .info)
        builder.add(.read, .list([.text("a")]), from: 6, to: 7)
        let result = SequentialConsistency.check(
            History(builder.operations), dataType: "default", kind: .listAppend)
        #expect(result.verdict == .valid)
        builder.add(.read, .list([.text("b")]), from: 8, to: 9)
        let lost = SequentialConsistency.check(
            History(builder.operations), dataType: "default", kind: .listAppend)
        #expect(lost.verdict == .invalid)
        #expect(lost.reason?.contains("no order explains all") == true)
    }

    @Test func operationsOfAnotherObjectAreNotJudged() {
        var builder = HistoryBuilder()
        builder.add(.enqueue, 1, from: 0, to: 1)
        let result = SequentialConsistency.check(
            History(builder.operations), dataType: "default", kind: .counter)
        #expect(result.verdict == .unknown)
        #expect(result.reason == "operation 0, enqueue, is not one of a counter")
    }
}
