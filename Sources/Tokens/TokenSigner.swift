import Determinism
import JWTKit
import Replication

/// Makes JSON Web Tokens of claims and claims of tokens (RFC 7519, signed with EdDSA, RFC 8037).
///
/// It says who signed a token, not whether its time is over: that is for the machine, whose wall
/// clock may be wrong, so that both engines do the same about it.
package struct TokenSigner: Sendable {
    private let keys = JWTKeyCollection()
    private let ring: TokenKeyRing

    /// A signer with the keys of `ring`; throws if they are no keys.
    package init(_ ring: TokenKeyRing) async throws {
        self.ring = ring
        for (index, name) in ring.regions.enumerated() where index != ring.own {
            await keys.add(
                eddsa: try EdDSA.PublicKey(x: ring.publicKeys[index], curve: .ed25519),
                kid: JWKIdentifier(string: name))
        }
        await keys.add(
            eddsa: try EdDSA.PrivateKey(d: ring.privateKey, curve: .ed25519),
            kid: JWKIdentifier(string: ring.regions[ring.own]))
    }

    /// The token with these claims, signed by the own region.
    package func token(for claims: SessionClaims) async throws -> [UInt8] {
        let issuer = ring.regions[ring.own]
        let text = try await keys.sign(
            SessionToken(claims, issuer: issuer), kid: JWKIdentifier(string: issuer))
        return Array(text.utf8)
    }

    /// The claims of a token that a region of the run signed; `nil` for anything else.
    package func claims(of token: [UInt8]) async -> SessionClaims? {
        try? await keys.verify(token, as: SessionToken.self).claims
    }
}

/// The payload of a token. Times stand there twice: in seconds, as other readers expect them, and
/// exactly.
private struct SessionToken: JWTPayload {
    var iss: String
    var sub: String
    var jti: String
    var iat: Int64
    var exp: Int64
    var sid: String
    var use: String
    var region: UInt16
    var generation: UInt64
    var issuedNanoseconds: Int64
    var expiresNanoseconds: Int64

    private enum CodingKeys: String, CodingKey {
        case iss, sub, jti, iat, exp, sid, use, region, generation
        case issuedNanoseconds = "iat_ns"
        case expiresNanoseconds = "exp_ns"
    }

    init(_ claims: SessionClaims, issuer: String) {
        iss = issuer
        sub = claims.user
        jti = claims.identifier
        issuedNanoseconds = claims.issued.nanosecondsSince1970
        expiresNanoseconds = claims.expires.nanosecondsSince1970
        iat = issuedNanoseconds / 1_000_000_000
        exp = expiresNanoseconds / 1_000_000_000
        sid = claims.session
        use = claims.kind.name
        region = claims.region.index
        generation = claims.generation
    }

    var claims: SessionClaims? {
        guard let kind = SessionClaims.Kind.allCases.first(where: { $0.name == use }) else {
            return nil
        }
        return SessionClaims(
            kind: kind, session: sid, user: sub, region: RegionID(index: region),
            issued: WallTime(nanosecondsSince1970: issuedNanoseconds),
            expires: WallTime(nanosecondsSince1970: expiresNanoseconds), generation: generation)
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
