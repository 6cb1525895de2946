import Determinism
import RegionCore
import Replication
import Testing
import Tokens

@testable import NodeHost

extension NodeConfiguration {
    /// Adds a group for sessions and offers them; `rings` has the keys of each region.
    mutating func offerSessions(_ rings: [TokenKeyRing]) {
        let founders = nodes.map { MemberID($0.node) }
        groups.append(
            GroupConfiguration(
                GroupPlacement(
                    name: "session", strategy: "eventual", options: StrategyOptions(),
                    voters: founders)))
        services = ServicesSetup(
            sessions: SessionSetup(
                group: GroupID(index: UInt16(groups.count - 1)), regionNames: rings[0].regions,
                policies: rings.map { _ in
                    SessionPolicy(duration: .seconds(600), access: .seconds(60))
                }))
        tokens = rings[Int(node.region.index)]
    }
}

/// Tokens at the edge of a node.
@Suite struct SessionTests {
    private let claims = SessionClaims(
        kind: .access, session: "7-1", user: "ada", region: RegionID(index: 1),
        issued: WallTime(nanosecondsSince1970: 1_000_000_007),
        expires: WallTime(nanosecondsSince1970: 61_000_000_008), generation: 3)

    @Test func everyRegionReadsTheTokensOfEveryOther() async throws {
        let rings = try TokenKeyRing.make(regions: ["a", "b"])
        let own = try await TokenSigner(rings[0])
        let other = try await TokenSigner(rings[1])
        let token = try await own.token(for: claims)
        #expect(await own.claims(of: token) == claims)
        #expect(await other.claims(of: token) == claims)
    }

    @Test func aForeignKeyIsNotAccepted() async throws {
        let foreign = try TokenKeyRing.make(regions: ["a", "b"])
        let own = try await TokenSigner(try TokenKeyRing.make(regions: ["a", "b"])[0])
        let token = try await TokenSigner(foreign[0]).token(for: claims)
        #expect(await own.claims(of: token) == nil)
    }

    @Test func aChangedTokenIsNotAccepted() async throws {
        let signer = try await TokenSigner(try TokenKeyRing.make(regions: ["a", "b"])[0])
        let token = try await signer.token(for: claims)
        for index in stride(from: 0, to: token.count - 1, by: 7) {
            var changed = token
            changed[index] =
                changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(await signer.claims(of: changed) == nil, "byte \(index)")
        }
        // {"alg":"none","typ":"JWT"} in place of the header, and no signature.
        let body = String(decoding: token, as: UTF8.self).split(separator: ".")[1]
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.\(body)."
        #expect(await signer.claims(of: Array(unsigned.utf8)) == nil)
    }

    @Test func keysThatDoNotBelongTogetherAreRefused() throws {
        let scratch = try Scratch()
        var rings = try TokenKeyRing.make(regions: ["a", "b"])
        var configuration = testConfiguration(0, of: 2, in: scratch)
        configuration.offerSessions(rings)
        #expect(throws: Never.self) { try configuration.check() }
        rings[0].privateKey = rings[1].privateKey
        configuration.tokens = rings[0]
        #expect(throws: InvalidConfiguration.self) { try configuration.check() }
        configuration.tokens = nil
        #expect(throws: InvalidConfiguration.self) { try configuration.check() }
    }
}
