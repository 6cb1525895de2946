import Determinism
import Scenarios

/// Chooses keys, as positions from 0, by a workload's distribution.
///
/// - `zipfian`: position 0 is the most popular, 1 the next; popularity is not scattered over the
///   keys, because no strategy here places keys by their names, and so a report's hottest key is
///   always `k0`.
/// - `uniform`: every key alike.
/// - `latest`: zipfian by age. The newest key is the one inserted last, or before any insert the
///   one with the highest position. A key counts as inserted from when its insert is planned, so
///   that the choice does not hang on answers; a read may come before the insert has arrived.
/// - `hotspot`: the first fifth of the keys (at least one) gets four fifths of the operations;
///   within both parts every key alike.
package struct KeyChooser: Sendable {
    /// The share of keys that are hot.
    package static let hotKeyShare = 0.2
    /// The share of operations that go to hot keys.
    package static let hotOperationShare = 0.8

    /// What decides how often each key is chosen.
    package let distribution: KeyDistribution
    /// How many keys there are.
    package private(set) var count: Int
    private var zipfian: ZipfianDistribution

    /// Chooses among `count` keys (at least 1).
    package init(_ distribution: KeyDistribution, count: Int) {
        self.distribution = distribution
        self.count = count
        zipfian = ZipfianDistribution(count: count)
    }

    /// Chooses a key.
    package func next(_ random: inout RandomStream) -> Int {
        switch distribution {
        case .zipfian: return zipfian.next(&random) - 1
        case .uniform: return random.index(count)
        case .latest: return count - zipfian.next(&random)
        case .hotspot:
            let hot = max(1, Int(Double(count) * Self.hotKeyShare))
            if hot == count || random.chance(Self.hotOperationShare) { return random.index(hot) }
            return hot + random.index(count - hot)
        }
    }

    /// Adds a key and chooses it.
    package mutating func insert() -> Int {
        count += 1
        zipfian.resize(to: count)
        return count - 1
    }
}
