import Determinism
import Testing

@testable import Replication

/// Every value of the core that travels or is stored: encoding gives back the value, has the size
/// it announces, and refuses every truncation.
@Suite struct CodableRoundTripTests {
    private static let member = MemberID(
        NodeID(region: RegionID(index: 500), zone: 3, ordinal: 7), incarnation: 9)
    private static let key = Key("some key")
    private static let vector: VersionVector = {
        var vector = VersionVector()
        vector[member] = 1 << 40
        vector[MemberID(NodeID(region: RegionID(index: 1)))] = 3
        return vector
    }()
    private static let time = HybridTimestamp(
        wall: WallTime(nanosecondsSince1970: 1_767_225_600_123_456_789), logical: 42)
    private static let causal = Version.causal(
        dot: Dot(member: member, counter: 300), context: vector, timestamp: time)

    private func check<Coded: ByteCodable & Equatable>(
        _ values: [Coded], hasExactSize: Bool = true
    ) throws {
        for value in values {
            let bytes = value.encoded
            if hasExactSize {
                #expect(bytes.count == value.encodedSize, "\(value)")
            } else {
                #expect(bytes.count <= value.encodedSize, "\(value)")
            }
            #expect(try Coded.decoded(bytes) == value)
            for length in 0..<bytes.count {
                #expect(throws: MalformedBytes.self, "\(length) bytes of \(value)") {
                    try Coded.decoded(Array(bytes.prefix(length)))
                }
            }
        }
    }

    @Test func identitiesAndVersions() throws {
        try check([Self.member, MemberID(packed: .max), MemberID(packed: 0)])
        try check([Self.key, Key([0, 255]), Key([UInt8](repeating: 7, count: 1024))])
        try check([Dot(member: Self.member, counter: 1), Dot(member: Self.member, counter: .max)])
        try check([Self.vector, VersionVector()])
        try check([Self.time, .zero])
        try check([Self.causal, .sequence(epoch: 3, index: 1 << 50)])
        try check([AppliedPosition.index(1 << 33), .vector(Self.vector)])
    }

    @Test func operationsAndValues() throws {
        try check([
            Operation.read, .write([]), .write([1, 2, 3]), .delete,
            .compareAndSet(expected: nil, new: [1]), .compareAndSet(expected: [2], new: []),
            .append([9]), .increment(.min),
        ])
        try check([
            Value.bytes([]), .bytes([1, 2]), .integer(-1), .list([]), .list([[1], [], [2, 3]]),
        ])
    }

    @Test func requestsAndReplies() throws {
        try check([
            ClientRequest(client: ClientID(rawValue: 7), sequence: 1, command: .openSession),
            ClientRequest(
                client: ClientID(rawValue: .max), session: 3, sequence: 1 << 40,
                firstUnanswered: 12,
                command: .operate(Self.key, .write([1]), context: Self.vector)),
        ])
        try check([
            ClientReply(
                .values([.bytes([1]), .integer(4)]), version: Self.causal, context: Self.vector),
            ClientReply(.done(nil)), ClientReply(.done(.integer(3)), version: Self.causal),
            ClientReply(.mismatch(actual: .bytes([5]))), ClientReply(.mismatch(actual: nil)),
            ClientReply(.sessionOpened(99)),
        ])
        let failures = ServiceError.Code.allCases.map {
            ServiceError($0, "why", isIndefinite: true, hint: Self.member.node)
        }
        try check(failures + [ServiceError(.invalid, "", isIndefinite: false)])
        try check(failures.map { ClientReply.failed($0) })
    }

    @Test func viewsAndNotes() throws {
        let views = GroupView.Role.allCases.map {
            GroupView(
                role: $0, leader: $0 == .leader ? Self.member : nil, term: 4, commitIndex: 1 << 30,
                lastIndex: 1, applied: .vector(Self.vector), lag: 3,
                digest: StateDigest(high: 1, low: .max), keyCount: 12, voters: [Self.member],
                learners: [], isReady: true)
        }
        try check(views, hasExactSize: false)
        try check([
            Note(.electionStarted),
            Note(
                "something",
                [
                    .init("a", .text("b")), .init("c", .number(-3)),
                    .init("d", .member(Self.member)),
                    .init("e", .key(Self.key)), .init("f", .version(Self.causal)),
                    .init("g", .flag(true)),
                ]),
        ])
    }

    @Test func limitsOfKeysAndValuesAreEnforced() {
        let long = Key([UInt8](repeating: 1, count: Limits.keyBytesMax + 1))
        #expect(throws: MalformedBytes.self) { try Key.decoded(long.encoded) }
        let large = Operation.write([UInt8](repeating: 1, count: Limits.valueBytesMax + 1))
        #expect(throws: MalformedBytes.self) { try Operation.decoded(large.encoded) }
        let many = Value.list(Array(repeating: [], count: Limits.listElementsMax + 1))
        #expect(throws: MalformedBytes.self) { try Value.decoded(many.encoded) }
    }

    @Test func unknownFormsAreMalformed() {
        #expect(throws: MalformedBytes.self) { try Operation.decoded([99]) }
        #expect(throws: MalformedBytes.self) { try Value.decoded([0]) }
        #expect(throws: MalformedBytes.self) { try Version.decoded([3]) }
        #expect(throws: MalformedBytes.self) { try AppliedPosition.decoded([0]) }
        #expect(throws: MalformedBytes.self) { try ClientRequest.decoded([1, 0, 1, 0, 9]) }
        #expect(throws: MalformedBytes.self) { try ClientReply.decoded([0]) }
        #expect(throws: MalformedBytes.self) { try GroupView.decoded([0]) }
    }
}
