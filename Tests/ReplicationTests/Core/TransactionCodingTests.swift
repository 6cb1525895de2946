import Determinism
import Testing

@testable import Replication

/// Transactions as bytes: what is written is read back, and what breaks a bound is refused before
/// memory is taken for it.
@Suite struct TransactionCodingTests {
    typealias Step = Replication.Operation.MicroOperation

    private func steps(_ random: inout RandomStream) -> [Step] {
        (0...random.index(Limits.transactionStepsMax)).map { _ in
            let key = Key((0...random.index(12)).map { _ in UInt8(random.index(256)) })
            let value = (0..<random.index(200)).map { _ in UInt8(random.index(256)) }
            return switch random.index(3) {
            case 0: Step(.read, key)
            case 1: Step(.write(value), key)
            case _: Step(.append(value), key)
            }
        }
    }

    @Test func requestsAndAnswersAreReadBackAndKnowTheirSize() throws {
        var random = RandomStream(seed: 1, name: "transactions")
        for _ in 0..<500 {
            let steps = Array(steps(&random).prefix(Limits.transactionStepsMax))
            let operation = Operation.transaction(steps)
            let bytes = operation.encoded
            #expect(bytes.count == operation.encodedSize)
            #expect(try Operation.decoded(bytes) == operation)
            let reads: [Value?] = steps.map { step in
                switch step.action {
                case .read: nil
                case .write(let bytes): .bytes(bytes)
                case .append(let bytes): .list([bytes, []])
                }
            }
            let reply = ClientReply(
                .transaction(reads: reads), version: .sequence(epoch: 3, index: random.next()))
            #expect(reply.encoded.count == reply.encodedSize)
            #expect(try ClientReply.decoded(reply.encoded) == reply)
        }
    }

    /// Journals and peers of before know these numbers.
    @Test func theEncodingsOfOtherOperationsStayAsTheyWere() {
        let encodings: [(Replication.Operation, [UInt8])] = [
            (.read, [1]), (.write([7]), [2, 1, 7]), (.delete, [3]),
            (.compareAndSet(expected: nil, new: [7]), [4, 0, 1, 7]), (.append([7]), [5, 1, 7]),
            (.increment(1), [6, 0, 0, 0, 0, 0, 0, 0, 1]),
            (
                .transaction([
                    Step(.read, Key("a")), Step(.write([7]), Key("b")),
                    Step(.append([8]), Key("c")),
                ]),
                [7, 3, 1, 1, 0x61, 2, 1, 0x62, 1, 7, 5, 1, 0x63, 1, 8]
            ),
        ]
        for (operation, bytes) in encodings { #expect(operation.encoded == bytes) }
        #expect(ClientReply(.done(nil)).encoded == [2, 0, 0, 0])
        #expect(ClientReply(.transaction(reads: [nil])).encoded == [6, 1, 0, 0, 0])
    }

    private static let key = Key("k")
    private static let large = Step(
        .append([UInt8](repeating: 1, count: Limits.valueBytesMax)), key)

    static let tooLong: [[Step]] = [
        [], Array(repeating: Step(.read, key), count: Limits.transactionStepsMax + 1),
        [large, large],
    ]

    @Test(arguments: tooLong)
    func badLengthsAreRefused(_ steps: [Step]) {
        #expect(Operation.problem(with: steps, under: Key([])) != nil)
        #expect(throws: MalformedBytes.self) {
            try Operation.decoded(Operation.transaction(steps).encoded)
        }
    }

    @Test func aCountOrATagThatIsNoneIsRefused() {
        #expect(throws: MalformedBytes.self) { try Operation.decoded([7, 0xFF, 0xFF, 3]) }
        #expect(throws: MalformedBytes.self) { try Operation.decoded([7, 1, 3, 1, 0x61]) }
        #expect(throws: MalformedBytes.self) { try Operation.decoded([7, 2, 1, 1, 0x61]) }
        #expect(throws: MalformedBytes.self) { try ClientReply.decoded([6, 33, 0, 0, 0]) }
    }

    @Test func keysAreNamedByStepsAlone() {
        let steps = [Step(.read, Self.key)]
        #expect(Operation.problem(with: steps, under: Key([])) == nil)
        #expect(Operation.problem(with: steps, under: Self.key) != nil)
        #expect(Operation.problem(with: [Step(.read, Key([]))], under: Key([])) != nil)
        let long = Key([UInt8](repeating: 1, count: Limits.keyBytesMax + 1))
        #expect(Operation.problem(with: [Step(.read, long)], under: Key([])) != nil)
        let largest = [Self.large, Step(.read, Self.key)]
        #expect(Operation.problem(with: largest, under: Key([])) == nil)
    }

    @Test func tracesTellEveryStep() {
        let request = ClientRequest(
            client: ClientID(rawValue: 1), sequence: 1,
            command: .operate(
                Key([]),
                .transaction([
                    Step(.read, Key("a")), Step(.append(Array("c1.2\0\0".utf8)), Key("b")),
                    Step(.write(Array("c1.3".utf8)), Key("c")),
                ]), context: VersionVector()))
        #expect(request.summary == "transaction: read a, append c1.2 to b, write c = c1.3")
        let answer = ClientReply(.transaction(reads: [nil, .list([Array("c1.1".utf8)])]))
        #expect(answer.summary == "read nothing, [c1.1]")
        #expect(ClientReply(.transaction(reads: [])).summary == "done")
    }

    @Test func onlyTransactionsThatWriteAreUpdates() {
        #expect(!Operation.transaction([Step(.read, Self.key)]).isUpdate)
        #expect(Operation.transaction([Step(.read, Self.key), Self.large]).isUpdate)
        for kind in OperationKind.ofKeys { #expect(kind.isUpdate == (kind != .read)) }
    }
}
