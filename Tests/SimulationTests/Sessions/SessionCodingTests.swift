import Determinism
import Replication
import Testing

@testable import RegionCore

/// What is said of sessions on the wire and stored is read back as it was.
struct SessionCodingTests {
    static let claims = SessionClaims(
        kind: .refresh, session: "7-1", user: "ada", region: RegionID(index: 2),
        issued: WallTime(nanosecondsSince1970: 5), expires: WallTime(nanosecondsSince1970: 9),
        generation: 300)
    static let record = SessionRecord(
        user: "ada", device: "laptop", address: "192.0.2.1", region: RegionID(index: 2),
        created: WallTime(nanosecondsSince1970: 5), expires: WallTime(nanosecondsSince1970: 9))

    private func expectSame<Value: ByteCodable & Equatable>(_ value: Value) throws {
        let bytes = value.encoded
        #expect(bytes.count == value.encodedSize, "\(value)")
        #expect(try Value.decoded(bytes) == value)
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self, "\(value), \(count) bytes") {
                try Value.decoded(Array(bytes[..<count]))
            }
        }
    }

    @Test func requestsAndReplies() throws {
        let token = Self.claims.encoded
        let requests: [SessionRequest] = [
            .login(user: "ada", device: "", address: "::1"), .validate(token: token),
            .refresh(token: token), .logout(token: token), .list(token: []), .endAll(token: token),
        ]
        for request in requests {
            try expectSame(Operation.call(.session(request)))
            #expect(OperationKind(rawValue: request.kind.rawValue)?.service == .sessions)
        }
        let summary = SessionSummary(
            session: "7-1", expires: WallTime(nanosecondsSince1970: -1), isRevoked: true)
        let replies: [SessionReply] = [
            .granted(
                SessionGrant(
                    session: "7-1", access: token, refresh: [], duration: .seconds(1),
                    accessDuration: .zero)),
            .valid(
                SessionSight(
                    session: "7-1", user: "ada", region: RegionID(index: 2),
                    expires: WallTime(nanosecondsSince1970: 9), source: .cache)),
            .ended, .sessions([summary], silent: [RegionID(index: 1)]),
            .rejected(.superseded, "no"),
        ]
        for reply in replies {
            let reply = ClientReply(.called(.session(reply)))
            #expect(try ClientReply.decoded(reply.encoded) == reply)
            #expect(reply.encodedSize == reply.encoded.count)
        }
        try expectSame(Self.claims)
    }

    @Test func messages() throws {
        let summary = SessionSummary(
            session: "7-1", expires: WallTime(nanosecondsSince1970: 1), isRevoked: false)
        let bodies: [SessionMessage.Body] = [
            .find("7-1"), .found(nil, isRevoked: true, isSure: false),
            .found(Self.record, isRevoked: false, isSure: true), .list("ada"),
            .listed([summary, summary], isSure: true),
        ]
        for body in bodies { try expectSame(SessionMessage(300, body)) }
    }

    @Test func records() {
        #expect(SessionRecord(Self.record.bytes) == Self.record)
        #expect(SessionRecord([]) == nil)
        #expect(SessionRecord(Array("a\tb".utf8)) == nil)
        var index = SessionIndex()
        index.add("7-1", expires: WallTime(nanosecondsSince1970: 5))
        index.add("7-2", expires: WallTime(nanosecondsSince1970: 6))
        index.add("7-1", expires: WallTime(nanosecondsSince1970: 7))
        #expect(SessionIndex(index.bytes) == index)
        index.dropExpired(at: WallTime(nanosecondsSince1970: 5))
        #expect(index.entries.map(\.session) == ["7-2"])
    }
}
