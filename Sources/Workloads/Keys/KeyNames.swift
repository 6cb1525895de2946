import Determinism
import Replication

/// The names of a workload's keys: `k0`, `k1`, …, with zeros after the `k` when keys are to have
/// a size, and `probe.0`, `probe.1`, … for its probes. Those used most are made once.
package struct KeyNames: Sendable {
    private static let preparedMax = 65_536

    private let size: Int
    private let prepared: [Key]

    /// Names for about `count` keys, of `size` bytes or as long as they need to be.
    package init(count: Int, size: Int) {
        self.size = min(size, Limits.keyBytesMax)
        let size = self.size
        prepared = (0..<min(count, Self.preparedMax)).map { Self.name($0, size) }
    }

    /// Positions from here on are those of probes' keys.
    private static let probesFrom = 1 << 40
    /// What the names of probes' keys begin with.
    package static let probePrefix = "probe."

    /// The position of the key of the probe with this number.
    package static func probe(_ number: Int) -> Int { probesFrom + number }

    /// The name of the key at `position`.
    package subscript(position: Int) -> Key {
        if position >= Self.probesFrom {
            return Key(Array((Self.probePrefix + String(position - Self.probesFrom)).utf8))
        }
        return position < prepared.count ? prepared[position] : Self.name(position, size)
    }

    /// The name of a generation of the key at `position`, of which only transactions know: `k3.0`,
    /// `k3.1`, …
    package func generation(_ generation: Int, of position: Int) -> Key {
        let suffix = Array(".\(generation)".utf8)
        return Key(Self.name(position, size - suffix.count).bytes + suffix)
    }

    private static func name(_ position: Int, _ size: Int) -> Key {
        let digits = Array(String(position).utf8)
        let zeros = max(0, size - digits.count - 1)
        return Key(
            [UInt8(ascii: "k")] + [UInt8](repeating: UInt8(ascii: "0"), count: zeros) + digits)
    }
}
