import Determinism
import Foundation

/// One-way delays of a store, as a body and a tail.
struct LegDelay: Sendable {
    /// The share of the body.
    var body: Double
    /// The Pareto distribution of the body: minimum in milliseconds, and shape.
    var minimum: Double
    var shape: Double
    /// The rate of the tail's exponential distribution, per millisecond.
    var rate: Double

    /// As a scenario file writes it.
    var yaml: String {
        let tail = decimalText((1 - body) * 100)
        return "{distribution: mixture, of: [[\(decimalText(body * 100))%, "
            + "{distribution: pareto, minimum: \(Int(minimum * 1e6))ns, shape: \(shape)}], "
            + "[\(tail)%, {distribution: exponential, mean: \(Int(1e6 / rate))ns}]]}"
    }

    /// A delay in milliseconds.
    func draw(_ random: inout RandomStream) -> Double {
        let isBody = random.chance(body)
        let unit = 1 - random.unit()
        return isBody ? minimum / pow(unit, 1 / shape) : -log(unit) / rate
    }
}

private func decimalText(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }

/// A store of which delays were measured, and the delays of a write on its way to a replica (W), its
/// acknowledgement (A), a read (R) and its answer (S).
///
/// The fits are those of Bailis, Venkataraman, Franklin, Hellerstein and Stoica, "Probabilistically
/// Bounded Staleness for Practical Partial Quorums", PVLDB 5(8), 2012, table 3: LinkedIn's Voldemort
/// on solid-state and on spinning disks, Yammer's Riak, and a wide-area variant of the second, in
/// which every replica is in a data centre of its own and reader and writer are in any.
struct PBSFit: Sendable {
    var name: String
    var write: LegDelay
    /// That of the three other legs.
    var others: LegDelay
    /// What comes on top between two data centres, one way, in milliseconds.
    var distance = 0.0

    private static let solidState = LegDelay(body: 0.9122, minimum: 0.235, shape: 10, rate: 1.66)
    private static let spinning = LegDelay(body: 0.38, minimum: 1.05, shape: 1.51, rate: 0.183)

    static let all = [
        PBSFit(name: "LNKD-SSD", write: solidState, others: solidState),
        PBSFit(name: "LNKD-DISK", write: spinning, others: solidState),
        PBSFit(
            name: "YMMR", write: LegDelay(body: 0.939, minimum: 3, shape: 3.35, rate: 0.0028),
            others: LegDelay(body: 0.982, minimum: 1.5, shape: 3.8, rate: 0.0217)),
        PBSFit(name: "WAN", write: spinning, others: solidState, distance: 75),
    ]
}
