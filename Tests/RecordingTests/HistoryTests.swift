import Determinism
import Replication
import Testing

@testable import Recording

/// Histories keep every operation as it was.
struct HistoryTests {
    private static func operation(
        _ index: Int, _ function: HistoryFunction = .write, _ value: HistoryValue = .null,
        _ change: (inout HistoryOperation) -> Void = { _ in }
    ) -> HistoryOperation {
        var operation = HistoryOperation(
            index: index, process: index % 5, client: 3, session: 77, region: "eu-central-1",
            function: function, dataType: "default", key: "k\(index % 3)", value: value,
            planned: Instant(nanoseconds: -5), invoked: Instant(nanoseconds: 10))
        operation.servedBy = "ap-northeast-1/a/1"
        operation.attempts = 1
        operation.completed = Instant(nanoseconds: 20)
        operation.outcome = .ok
        change(&operation)
        return operation
    }

    private static let member = MemberID(NodeID(region: RegionID(index: 2)))

    /// One of every form that a part can have.
    private static let operations: [HistoryOperation] = [
        operation(0, .read, .text("c3.17")),
        operation(1, .write, .text("c4294967295.1")),
        operation(2, .write, .text("c03.17")),
        operation(3, .write, .text("c0.0")),
        operation(4, .write, .text("c3.")),
        operation(5, .write, .text("c3.017")),
        operation(6, .write, .text("")),
        operation(7, .write, .text("c999999999.999999999")),
        operation(8, .write, .text("c1000000000.1")),
        operation(9, .increment, .integer(-4)) { $0.result = .integer(.min) },
        operation(10, .read, .list(["a", "c1.2"])),
        operation(11, .cas, .pair(from: nil, to: "c1.3")) {
            $0.outcome = .fail
            $0.error = "mismatch"
            $0.result = .text("c9.9")
        },
        operation(12, .delete) {
            $0.outcome = .info
            $0.completed = nil
            $0.error = "timeout: 2 s"
        },
        operation(13, .write, .text("c1.4")) {
            $0.version = .sequence(epoch: 3, index: UInt64.max)
        },
        operation(14, .write) { $0.version = .sequence(epoch: UInt64.max, index: 1) },
        operation(15, .append, .text("c1.5")) {
            var context = VersionVector()
            context[member] = 4
            $0.context = context
            $0.version = .causal(
                dot: Dot(member: member, counter: 5), context: context, timestamp: .zero)
        },
        operation(16, .service("checkout"), .text("c1.6")),
        operation(17) { $0.client = UInt64.max },
        operation(18) { $0.process = 1 << 40 },
        operation(19) { $0.attempts = 70_000 },
        operation(20) {
            $0.key = nil
            $0.servedBy = nil
            $0.invoked = nil
            $0.result = .null
        },
        operation(1 << 40, .txn, .text("é")),
        operation(
            21, .txn,
            .transaction([
                MicroOperation(.read, "x", .list(["c1.1", "c1.2"])), MicroOperation(.read, "y"),
                MicroOperation(.append, "y", .text("c3.4")),
                MicroOperation(.write, "z", .text("c3.5")),
            ])
        ) { $0.key = nil },
    ]

    @Test(arguments: operations.indices)
    func anOperationComesBackAsItWas(place: Int) {
        let history = History(Self.operations)
        #expect(history[place] == Self.operations[place])
        #expect(history.count == Self.operations.count)
    }

    @Test(arguments: operations.indices)
    func aGlanceSaysTheSame(place: Int) {
        let history = History(Self.operations)
        let whole = Self.operations[place]
        let glance = history.glance(place)
        #expect(history.text(glance.region) == whole.region)
        #expect(history.text(glance.dataType) == whole.dataType)
        #expect((glance.key == 0 ? nil : history.text(glance.key)) == whole.key)
        #expect(glance.function == whole.function)
        #expect(glance.outcome == whole.outcome)
        #expect(glance.planned == whole.planned)
        #expect(glance.invoked == whole.invoked)
        #expect(glance.completed == whole.completed)
        #expect(glance.version == whole.version)
        #expect(glance.isAnswered == whole.isAnswered)
        #expect(glance.isNull == (whole.value == .null))
        if case .list = whole.value { #expect(glance.isList) } else { #expect(!glance.isList) }
    }

    @Test func operationsStandInTheOrderOfTheirIndices() {
        var history = History()
        let made = (0..<100_000).map { Self.operation($0, .write, .text("c1.\($0)")) }
        var random = RandomStream(seed: 1, name: "order")
        var window: [HistoryOperation] = []
        for operation in made {
            window.append(operation)
            if window.count > 50 { history.insert(window.remove(at: random.index(50))) }
        }
        for operation in window.reversed() { history.insert(operation) }
        #expect(history == made)
    }

    @Test func whatIsMissingHoldsBackTheRestUntilItWillNotCome() {
        var history = History()
        for index in [0, 3, 1, 5] { history.insert(Self.operation(index)) }
        #expect(history.map(\.index) == [0, 1])
        history.closeGaps()
        #expect(history.map(\.index) == [0, 1, 3, 5])
    }

    @Test func anOperationCanBeReplaced() {
        var history = History(Self.operations)
        let copy = history
        history[3].value = .text("c8.8")
        #expect(history[3].value == .text("c8.8"))
        #expect(copy == Self.operations)
        #expect(history != copy)
    }

    @Test func aSelectionIsThoseOperations() {
        let history = History(Self.operations)
        #expect(
            Array(HistorySelection(history, [4, 2, 16]))
                == [4, 2, 16].map { Self.operations[$0] })
    }
}
