import Determinism
import Testing

@testable import Replication

/// Transactions on the replicated state: all of a transaction or nothing.
@Suite struct ValueTableTransactionTests {
    typealias Step = Replication.Operation.MicroOperation

    /// What a transaction does, from the definition: one step after the other on a plain dictionary.
    private struct Model {
        var values: [Key: Value] = [:]

        mutating func apply(_ steps: [Step]) -> [Value?] {
            var reads: [Value?] = []
            for step in steps {
                switch step.action {
                case .read: reads.append(values[step.key])
                case .write(let bytes): values[step.key] = .bytes(bytes)
                case .append(let element):
                    if case .list(let list)? = values[step.key] {
                        values[step.key] = .list(list + [element])
                    } else {
                        values[step.key] = .list([element])
                    }
                }
            }
            return reads
        }
    }

    private static func draw(_ type: ValueType, _ random: inout RandomStream, _ token: Int) -> Step
    {
        let key = Key("k\(random.index(4))")
        let value = Array("t\(token)".utf8)
        if random.chance(0.5) { return Step(.read, key) }
        return Step(type == .list ? .append(value) : .write(value), key)
    }

    @Test(arguments: [ValueType.list, .register], 1...5 as ClosedRange<UInt64>)
    func stepsTakeEffectOneAfterTheOther(_ type: ValueType, _ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "steps")
        var table = ValueTable(valueType: type)
        var single = ValueTable(valueType: type)
        var model = Model()
        for number in 1...300 {
            let steps = (0...random.index(6)).map { Self.draw(type, &random, number * 10 + $0) }
            let index = LogIndex(UInt64(number))
            let reply = table.apply(.transaction(steps), to: Key([]), term: Term(1), index: index)
            #expect(reply.outcome == .transaction(reads: model.apply(steps)))
            #expect(reply.version == .sequence(epoch: 1, index: UInt64(number)))
            for step in steps {
                switch step.action {
                case .read: break
                case .write(let bytes):
                    _ = single.apply(.write(bytes), to: step.key, term: Term(1), index: index)
                case .append(let bytes):
                    _ = single.apply(.append(bytes), to: step.key, term: Term(1), index: index)
                }
            }
            let readOnly = steps.filter(\.isRead)
            if !readOnly.isEmpty {
                let expected = readOnly.map { model.values[$0.key] }
                #expect(table.read(readOnly).outcome == .transaction(reads: expected))
            }
        }
        #expect(table.digest == single.digest)
        #expect(table.byteCount == single.byteCount)
        var writer = ByteWriter()
        table.encode(into: &writer)
        var loaded = ValueTable(valueType: type)
        var reader = ByteReader(writer.bytes)
        try loaded.load(from: &reader)
        #expect(loaded.digest == table.digest)
    }

    @Test func whatDoesNotFitTheTypeChangesNothing() {
        let key = Key("k")
        let wrong: [(ValueType, [Step])] = [
            (.list, [Step(.append([1]), key), Step(.write([2]), key)]),
            (.register, [Step(.write([1]), key), Step(.append([2]), key)]),
            (.counter, [Step(.read, key)]),
        ]
        for (type, steps) in wrong {
            var table = ValueTable(valueType: type)
            let reply = table.apply(
                .transaction(steps), to: Key([]), term: Term(1), index: LogIndex(1))
            #expect(reply.error?.code == .unsupported && reply.error?.isIndefinite == false)
            #expect(table.count == 0 && table.digest == StateDigest())
        }
    }

    @Test func aFullListLetsNothingOfATransactionHappen() {
        var table = ValueTable(valueType: .list)
        let (full, other) = (Key("full"), Key("other"))
        for number in 1..<Limits.listElementsMax {
            _ = table.apply(.append([]), to: full, term: Term(1), index: LogIndex(UInt64(number)))
        }
        let before = table.digest
        let steps = [Step(.append([1]), other), Step(.append([2]), full), Step(.append([3]), full)]
        let refused = table.apply(
            .transaction(steps), to: Key([]), term: Term(1), index: LogIndex(70_000))
        #expect(refused.error?.code == .invalid && refused.error?.isIndefinite == false)
        #expect(table.digest == before && table.count == 1)
        let accepted = table.apply(
            .transaction(Array(steps.prefix(2))), to: Key([]), term: Term(1),
            index: LogIndex(70_001))
        #expect(accepted.outcome == .transaction(reads: []))
        #expect(table.count == 2)
    }

    @Test func anAnswerThatNoMessageCouldCarryIsRefused() {
        var table = ValueTable(valueType: .register)
        let large = [UInt8](repeating: 7, count: Limits.valueBytesMax)
        let key = Key("k")
        _ = table.apply(.write(large), to: key, term: Term(1), index: LogIndex(1))
        let fits = Limits.transactionReadBytesMax / Limits.valueBytesMax
        let reads = Array(repeating: Step(.read, key), count: fits)
        #expect(table.read(reads).outcome == .transaction(reads: reads.map { _ in .bytes(large) }))
        #expect(table.read(reads).encodedSize < Limits.messageBytesMax)
        #expect(table.read(reads + [Step(.read, key)]).error?.code == .invalid)
        // What it writes itself it would read, too.
        let other = Key("other")
        let own = [Step(.write(large), other)] + reads + [Step(.read, other)]
        let reply = table.apply(.transaction(own), to: Key([]), term: Term(1), index: LogIndex(2))
        #expect(reply.error?.code == .invalid)
        #expect(table.count == 1)
    }
}
