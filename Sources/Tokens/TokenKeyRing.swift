import Foundation
import JWTKit

/// The keys that one node of a run signs and verifies session tokens with: the private key of its
/// own region and the public keys of all, Ed25519, base64url of the raw bytes (RFC 8037).
package struct TokenKeyRing: Codable, Hashable, Sendable {
    /// The names of the regions, in their order; each names a key (`kid`) and who signs with it (`iss`).
    package var regions: [String]
    /// Which of the regions is the node's own.
    package var own: Int
    /// The own region's private key.
    package var privateKey: String
    /// The public keys of all regions, in their order.
    package var publicKeys: [String]

    /// What makes the ring unusable, or `nil`.
    package var objection: String? {
        if !regions.indices.contains(own) { return "own: it is not among the regions" }
        if publicKeys.count != regions.count { return "publicKeys: one for each region is needed" }
        if Set(regions).count != regions.count { return "regions: a name stands there twice" }
        do {
            let key = try EdDSA.PrivateKey(d: privateKey, curve: .ed25519)
            for key in publicKeys { _ = try EdDSA.PublicKey(x: key, curve: .ed25519) }
            if Self.text(key.publicKey.rawRepresentation) != publicKeys[own] {
                return "privateKey: it does not belong to the region's public key"
            }
        } catch {
            return "a key is not one of Ed25519 in base64url"
        }
        return nil
    }

    /// The rings of all regions, with keys drawn by the operating system's generator. Nodes of one
    /// region share one.
    package static func make(regions: [String]) throws -> [TokenKeyRing] {
        let keys = try regions.map { _ in try EdDSA.PrivateKey(curve: .ed25519) }
        let publicKeys = keys.map { text($0.publicKey.rawRepresentation) }
        return keys.indices.map { index in
            TokenKeyRing(
                regions: regions, own: index, privateKey: text(keys[index].rawRepresentation),
                publicKeys: publicKeys)
        }
    }

    private static func text(_ bytes: Data) -> String {
        var text = bytes.base64EncodedString()
        text.replace("+", with: "-")
        text.replace("/", with: "_")
        text.replace("=", with: "")
        return text
    }
}
