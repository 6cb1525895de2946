import Determinism
import Replication
import Testing

@testable import RegionCore

/// The sessions of nodes that are driven by hand.
struct SessionServiceTests {
    /// Replicated at once.
    private static let prompt: [String: OptionValue] = ["replication_delay": .duration(.zero)]

    @Test func aSessionIsLocalWhereItWasOpenedAndWhereItWasReplicated() throws {
        let rig = try SessionRig(options: Self.prompt)
        let grant = try rig.login(at: 0)
        #expect(try rig.validate(grant, at: 0) == "local")
        rig.run(for: .milliseconds(100))
        #expect(try rig.validate(grant, at: 2) == "local")
    }

    @Test func whatIsNotReplicatedIsAskedForOnceAndCached() throws {
        let rig = try SessionRig()
        let grant = try rig.login(at: 0)
        let before = rig.now
        #expect(try rig.validate(grant, at: 1) == "remote")
        #expect(rig.now - before == .milliseconds(20))
        #expect(try rig.validate(grant, at: 1) == "cache")
        #expect(try rig.validate(grant, at: 2) == "remote")
        let looked = rig.notes.filter { $0.kind.rawValue == "session-looked-up" }
        #expect(looked.count == 2)
    }

    @Test func withoutACacheEveryValidationAsks() throws {
        let rig = try SessionRig(cache: false)
        let grant = try rig.login(at: 0)
        for _ in 0..<2 { #expect(try rig.validate(grant, at: 1) == "remote") }
    }

    @Test func callsForOneSessionShareALookup() throws {
        let rig = try SessionRig()
        let grant = try rig.login(at: 0)
        let numbers = (0..<5).map { _ in rig.ask(.validate(token: grant.access), at: 1) }
        rig.run(for: .milliseconds(100))
        #expect(numbers.allSatisfy { rig.reply($0).map(SessionRig.text) == "remote" })
        #expect(rig.notes.count { $0.kind.rawValue == "session-looked-up" } == 1)
    }

    @Test func unknownIsDefiniteOnlyIfEveryRegionSaysSo() throws {
        let rig = try SessionRig()
        let foreign = SessionClaims(
            kind: .access, session: "9-9", user: "eve", region: RegionID(index: 0),
            issued: WallTime(nanosecondsSince1970: 0),
            expires: WallTime(nanosecondsSince1970: .max), generation: 0)
        let request = SessionRequest.validate(token: foreign.encoded)
        #expect(SessionRig.text(try rig.call(request, at: 1)) == "unknown-session")
        rig.isolated = [2]
        let before = rig.now
        let reply = try rig.call(request, at: 1)
        #expect(SessionRig.text(reply) == "failed: regionsSilent")
        #expect(rig.now - before == .milliseconds(500))
        guard case .failed(let error) = reply.outcome else { return }
        #expect(error.message.contains("region-2") && !error.message.contains("region-0"))
    }

    /// Each node has a replica of its own, and any of them may be the only one that knows.
    @Test func everyNodeOfARegionIsAsked() throws {
        let rig = try SessionRig(regions: [0, 0, 1, 1])
        let first = try rig.login(at: 0)
        let second = try rig.login(at: 1, client: 2)
        #expect(try rig.validate(first, at: 1) == "local")
        #expect(try rig.validate(second, at: 2) == "remote")
        #expect(try rig.validate(first, at: 3) == "remote")
        let both = [first.session, second.session].joined(separator: ",")
        #expect(SessionRig.text(try rig.call(.list(token: first.access), at: 3)) == both)
        let third = try rig.login(at: 1, client: 3)
        rig.isolated = [1]
        #expect(try rig.validate(third, at: 2) == "failed: regionsSilent")
    }

    @Test func aRegionThatFailsDoesNotHoldUpTheAnswerOfAnother() throws {
        let rig = try SessionRig(options: Self.prompt)
        let grant = try rig.login(at: 0)
        rig.run(for: .milliseconds(5))
        // The session is under way to the others; the home region goes silent after it arrived.
        rig.run(for: .milliseconds(20))
        rig.isolated = [0]
        #expect(try rig.validate(grant, at: 1) == "local")
    }

    @Test func anEndThatArrivedOutweighsTheCache() throws {
        let rig = try SessionRig(
            options: ["replication_delay": .duration(.seconds(2))])
        let grant = try rig.login(at: 0)
        #expect(try rig.validate(grant, at: 1) == "remote")
        #expect(SessionRig.text(try rig.call(.logout(token: grant.access), at: 0)) == "ended")
        #expect(try rig.validate(grant, at: 0) == "session-revoked")
        // Not there yet: the window that asynchronous replication leaves.
        #expect(try rig.validate(grant, at: 1) == "cache")
        rig.run(for: .seconds(3))
        #expect(try rig.validate(grant, at: 1) == "session-revoked")
    }

    @Test func anEndThatAnotherRegionKnowsOutweighsARecord() throws {
        let rig = try SessionRig()
        let grant = try rig.login(at: 0)
        _ = try rig.call(.logout(token: grant.access), at: 0)
        #expect(try rig.validate(grant, at: 1) == "session-revoked")
    }

    /// The refresh is the later write by both clocks, and the end stands all the same.
    @Test(arguments: ["last-writer-wins", "version-vector", "siblings"])
    func noRefreshBringsAnEndedSessionBack(resolve: String) throws {
        let rig = try SessionRig(
            options: [
                "replication_delay": .duration(.milliseconds(200)), "resolve": .choice(resolve),
            ])
        let grant = try rig.login(at: 0)
        rig.run(for: .seconds(1))
        rig.offsets = [.zero, .seconds(30), .zero]
        _ = try rig.call(.logout(token: grant.access), at: 0)
        let refreshed = try rig.call(.refresh(token: grant.refresh), at: 1, client: 2)
        #expect(SessionRig.text(refreshed) == "granted")
        rig.run(for: .seconds(1))
        for index in 0..<3 { #expect(try rig.validate(grant, at: index) == "session-revoked") }
        #expect(
            SessionRig.text(try rig.call(.refresh(token: grant.refresh), at: 1, client: 2))
                == "session-revoked")
    }

    @Test func aRepeatedLoginOpensOneSession() throws {
        let rig = try SessionRig(options: Self.prompt)
        let first = try rig.login(at: 0, sequence: 5)
        #expect(try rig.login(at: 0, sequence: 5) == first)
        rig.run(for: .milliseconds(100))
        let elsewhere = try rig.login(at: 1, sequence: 5)
        #expect(elsewhere.session == first.session)
        let listed = try rig.call(.list(token: first.access), at: 2)
        #expect(SessionRig.text(listed) == first.session)
    }

    @Test func aRefreshTokenCountsOnceButForRepeats() throws {
        let rig = try SessionRig(options: Self.prompt)
        let grant = try rig.login(at: 0)
        rig.run(for: .milliseconds(100))
        let refresh = SessionRequest.refresh(token: grant.refresh)
        let once = try rig.call(refresh, at: 1, client: 2, sequence: 7)
        #expect(try rig.call(refresh, at: 1, client: 2, sequence: 7).outcome == once.outcome)
        #expect(
            SessionRig.text(try rig.call(refresh, at: 1, client: 2, sequence: 8))
                == "token-superseded")
        rig.run(for: .milliseconds(100))
        #expect(SessionRig.text(try rig.call(refresh, at: 0, client: 3)) == "token-superseded")
    }

    @Test func aTokenOfTheWrongKindIsNone() throws {
        let rig = try SessionRig()
        let grant = try rig.login(at: 0)
        #expect(
            SessionRig.text(try rig.call(.validate(token: grant.refresh), at: 0)) == "token-forged")
        #expect(
            SessionRig.text(try rig.call(.refresh(token: grant.access), at: 0)) == "token-forged")
        #expect(
            SessionRig.text(try rig.call(.validate(token: [1, 2, 3]), at: 0)) == "token-forged")
    }

    @Test func whatAWrongClockDoesToExpiry() throws {
        let rig = try SessionRig(
            options: Self.prompt, duration: .seconds(60), access: .seconds(60))
        let grant = try rig.login(at: 0)
        rig.run(for: .seconds(1))
        // A clock that is ahead ends the session early, there and nowhere else.
        rig.offsets = [.zero, .seconds(70), .seconds(-70)]
        #expect(try rig.validate(grant, at: 1) == "token-expired")
        #expect(try rig.validate(grant, at: 0) == "local")
        // One that is behind lets it go on.
        rig.run(for: .seconds(60))
        #expect(try rig.validate(grant, at: 0) == "token-expired")
        #expect(try rig.validate(grant, at: 2) == "local")
        rig.run(for: .seconds(70))
        #expect(try rig.validate(grant, at: 2) == "token-expired")
    }

    @Test func theSessionEndsThoughTheTokenWouldNot() throws {
        // The clock that made the token was ahead of the one that opened the session.
        let rig = try SessionRig(options: Self.prompt, duration: .seconds(60), access: .seconds(30))
        let grant = try rig.login(at: 0)
        rig.run(for: .seconds(25))
        guard
            case .called(.session(.granted(let later))) = try rig.call(
                .refresh(token: grant.refresh), at: 1, client: 2
            ).outcome
        else {
            Issue.record("no new tokens")
            return
        }
        #expect(later.duration == .seconds(60) - .seconds(25) - .milliseconds(0))
        rig.run(for: .seconds(36))
        #expect(try rig.validate(later, at: 1) == "token-expired")
        #expect(
            SessionRig.text(try rig.call(.refresh(token: later.refresh), at: 1, client: 2))
                == "token-expired")
    }

    @Test func aUsersSessionsAreListedAndEndedEverywhere() throws {
        let rig = try SessionRig()
        let first = try rig.login("ada", at: 0)
        let second = try rig.login("ada", at: 1, client: 2)
        let other = try rig.login("bob", at: 1, client: 3)
        let both = [first.session, second.session].sorted().joined(separator: ",")
        #expect(SessionRig.text(try rig.call(.list(token: first.access), at: 2)) == both)
        #expect(SessionRig.text(try rig.call(.endAll(token: first.access), at: 2)) == both)
        for grant in [first, second] {
            #expect(try rig.validate(grant, at: 2) == "session-revoked")
        }
        #expect(try rig.validate(other, at: 1) == "local")
        // Who cannot be asked is named, and what it alone knows is not there.
        let third = try rig.login("bob", at: 0, client: 4)
        rig.isolated = [0]
        let listed = SessionRig.text(try rig.call(.list(token: other.access), at: 1))
        #expect(listed == "\(other.session) without 0")
        #expect(third.session != other.session)
    }

    @Test func aUserHasNoMoreSessionsAtANodeThanAllowed() throws {
        let rig = try SessionRig()
        for _ in 0..<Limits.sessionsPerUserMax { _ = try rig.login(at: 0) }
        let reply = try rig.call(.login(user: "ada", device: "", address: ""), at: 0)
        #expect(SessionRig.text(reply) == "failed: refused")
        #expect(throws: Never.self) { try rig.login("bob", at: 0) }
        // Sessions that are over make room.
        rig.run(for: .seconds(601))
        #expect(throws: Never.self) { try rig.login(at: 0) }
    }

    @Test func whatCannotBeStoredIsRefused() throws {
        let rig = try SessionRig()
        let long = String(repeating: "x", count: 257)
        for (user, device) in [("", "a"), (long, "a"), ("a", long), ("a\tb", "a"), ("a", "\u{0}")] {
            let reply = try rig.call(.login(user: user, device: device, address: ""), at: 0)
            #expect(SessionRig.text(reply) == "failed: invalid")
        }
    }

    @Test(arguments: ["raft", "quorum"])
    func sessionsRideOnOtherStrategies(strategy: String) throws {
        let rig = try SessionRig(strategy: strategy, options: [:])
        rig.run(for: .seconds(5))
        let grant = try rig.login(at: 0)
        for index in 0..<3 { #expect(try rig.validate(grant, at: index) == "local") }
        #expect(SessionRig.text(try rig.call(.logout(token: grant.access), at: 1)) == "ended")
        for index in 0..<3 { #expect(try rig.validate(grant, at: index) == "session-revoked") }
    }

    @Test func aServiceTakesItsOwnRequestsAndNoGroupTakesThem() throws {
        let rig = try SessionRig()
        let node = rig.nodes[0]
        func ask(_ operation: Operation, _ group: GroupID) throws -> ServiceError.Code? {
            var actions = NodeActions()
            try node.handle(
                .request(
                    ClientRequest(
                        client: ClientID(rawValue: 1), sequence: 99,
                        command: .operate(Key("k"), operation, context: VersionVector())),
                    group: group, RequestHandle(connection: 1, request: 1)),
                at: NodeTime(monotonic: rig.now, wall: WallTime(nanosecondsSince1970: 1)),
                into: &actions)
            for case .reply(let reply, _) in actions.actions {
                if case .failed(let error) = reply.outcome { return error.code }
            }
            return nil
        }
        let login = Operation.call(.session(.login(user: "a", device: "", address: "")))
        #expect(try ask(.read, ServiceID.sessions.scope) == .invalid)
        #expect(try ask(login, SessionRig.session) == .invalid)
        #expect(try ask(login, GroupID(index: 0xFF77)) == .unsupported)
    }
}
