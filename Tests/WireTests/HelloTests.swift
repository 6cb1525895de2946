import Determinism
import NIOCore
import Replication
import Testing

@testable import Wire

@Suite struct HelloTests {
    private static let member = MemberID(
        NodeID(region: RegionID(index: 3), zone: 1, ordinal: 2), incarnation: 9)

    @Test(arguments: [
        Hello(.client, token: "secret"), Hello(.peer, member: member, token: "secret"),
        Hello(.control, token: String(repeating: "x", count: 256)),
    ])
    func whatIsWrittenIsRead(hello: Hello) throws {
        #expect(hello.encoded.count == hello.encodedSize)
        #expect(try Hello.decoded(hello.encoded) == hello)
        // A later version may add fields.
        #expect(try Hello.decoded(hello.encoded + [1, 2, 3]) == hello)
        #expect(Frame.headerBytes + hello.encodedSize <= Limits.helloBytesMax)
    }

    @Test func everyTruncationIsMalformed() {
        let bytes = Hello(.peer, member: Self.member, token: "secret").encoded
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try Hello.decoded(Array(bytes.prefix(count))) }
        }
    }

    @Test func anotherMajorVersionIsReadAsFarAsItsNumber() throws {
        var hello = Hello(.client, token: "secret")
        hello.major = 2
        hello.minor = 5
        let read = try Hello.decoded(Array(hello.encoded.prefix(8)))
        #expect(read.major == 2 && read.minor == 5)
    }

    @Test func tokensAreComparedInFull() {
        let hello = Hello(.client, token: "secret")
        #expect(hello.hasToken("secret"))
        for other in ["", "secre", "secrex", "secrets", "Secret"] {
            #expect(!hello.hasToken(other))
        }
    }

    @Test func refusalsComeBackAndUnknownReasonsAreNoError() throws {
        for reason in Refusal.Reason.allCases {
            let refusal = Refusal(reason, "because")
            #expect(refusal.encoded.count == refusal.encodedSize)
            #expect(try Refusal.decoded(refusal.encoded) == refusal)
        }
        var bytes = Refusal(.token, "because").encoded
        bytes[0] = 0x77
        #expect(try Refusal.decoded(bytes) == Refusal(nil, "because"))
    }

    @Test func theDocumentsExampleIsRight() throws {
        var writer = FrameWriter()
        try writer.write(
            .hello, Envelope(), encoding: Hello(.client, token: "s3"))
        let zeros = [UInt8](repeating: 0, count: 26)
        #expect(
            Array(writer.take().readableBytesView) == [0, 0, 0, 0x30, 1] + zeros
                + [0x4D, 0x52, 0x44, 0x4E, 0, 1, 0, 0, 2, 0]
                + [0, 0, 0, 0, 0, 0, 0, 0, 2, 0x73, 0x33])
        let request = ClientRequest(
            client: ClientID(rawValue: 1), session: 5, sequence: 1, firstUnanswered: 1,
            command: .operate(
                Key("k"), .write(Array("v".utf8)), context: VersionVector()))
        #expect(
            request.encoded == [
                1, 5, 1, 1, 2, 1, 0x6B, 2, 1, 0x76, 0,
            ])
        #expect(Frame.headerBytes + request.encodedSize == 0x26)
    }
}
