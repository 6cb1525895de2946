import Determinism
import Geography
import Testing

@testable import Replication

@Suite struct PrimaryBackupCodingTests {
    private static let member = testMember(2, incarnation: 3)
    private static let configuration = Configuration(
        epoch: Term(7), primary: member, members: [testMember(0), testMember(1), member])
    private static var history: EpochHistory {
        var history = EpochHistory()
        history.note(Term(1), at: LogIndex(1))
        history.note(Term(7), at: LogIndex(900))
        return history
    }
    private static let entry = LogEntry(
        term: Term(7), time: 1 << 40,
        payload: LogEntry.Payload.command(
            LogCommand(
                session: 3, sequence: 4, firstUnanswered: 2, key: Key("k"),
                operation: .write([1, 2, 3]))
        ).encoded)
    private static let request = ClientRequest(
        client: ClientID(rawValue: 5), sequence: 6,
        command: .operate(Key("k"), .read, context: VersionVector()))

    static let messages: [PrimaryBackupMessage] = [
        .init(.beat(Beat(sent: 1 << 60, epoch: Term(7), isPrimary: true))),
        .init(.decided(Decision(configuration: configuration, beat: 1 << 60, isLease: true))),
        .init(
            .decided(
                Decision(
                    configuration: Configuration(epoch: Term(8), primary: nil, members: []),
                    beat: nil, isLease: false))),
        .init(.seal(Term(8))),
        .init(.sealed(Term(8), lastEpoch: Term(7), lastIndex: LogIndex(950))),
        .init(.ask(configuration)), .init(.superseded(configuration)), .init(.join),
        .init(
            .position(
                Position(
                    epoch: Term(7), lastIndex: LogIndex(950), applied: LogIndex(940),
                    history: history))),
        .init(
            .append(
                Extension(
                    epoch: Term(7), previousIndex: LogIndex(899), previousEpoch: Term(1),
                    entries: [entry, entry]))),
        .init(.appended(Term(7), LogIndex(901))),
        .init(
            .copy(
                CopyPiece(
                    epoch: Term(7), through: LogIndex(950), fork: LogIndex(898), totalBytes: 9000,
                    offset: 4500, bytes: [1, 2, 3]))),
        .init(.copied(Term(7), through: LogIndex(950), nextOffset: 9000)),
        .init(.admit(member, epoch: Term(7))), .init(.handOver(to: member, epoch: Term(7))),
        .init(.forward(1 << 61, request)),
        .init(.forwardAdministration(9, .transferLeader(to: RegionID(index: 1)))),
        .init(.forwardReply(9, ClientReply(.done(nil)))),
        .init(.manager(RaftMessage(.timeoutNow(Term(3))))),
    ]

    static let records: [PrimaryBackupRecord] = [
        .init(.configuration(configuration, sealed: Term(8))),
        .init(.entries(after: LogIndex(899), [entry, entry])),
        .init(.setAside([SetAsideWrite(index: LogIndex(4), entry: entry)])),
        .init(.checkpointPart([1, 2, 3], isLast: true)),
        .init(.manager(RaftRecord(.hardState(HardState(term: Term(3), vote: member))))),
    ]

    @Test(arguments: messages)
    func messagesComeBackAsTheyWere(_ message: PrimaryBackupMessage) throws {
        let bytes = message.encoded
        #expect(bytes.count == message.encodedSize)
        #expect(try PrimaryBackupMessage.decoded(bytes) == message)
        #expect(!message.summary.isEmpty)
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) {
                try PrimaryBackupMessage.decoded(Array(bytes.prefix(count)))
            }
        }
    }

    @Test(arguments: records)
    func recordsComeBackAsTheyWere(_ record: PrimaryBackupRecord) throws {
        let bytes = record.encoded
        #expect(bytes.count == record.encodedSize)
        #expect(try PrimaryBackupRecord.decoded(bytes) == record)
    }

    @Test func aLaterDecisionOutdoesAnEarlierOne() {
        let electing = Configuration(epoch: Term(8), primary: nil, members: [testMember(0)])
        let chosen = Configuration(
            epoch: Term(8), primary: testMember(0), members: [testMember(0)])
        let admitted = chosen.with(testMember(0, incarnation: 1))
        #expect(Self.configuration.isBefore(electing) && electing.isBefore(chosen))
        #expect(chosen.isBefore(admitted) && !admitted.isBefore(chosen))
        #expect(!chosen.isBefore(chosen))
    }
}
