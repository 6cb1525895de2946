import Scenarios

/// How far the engines may be apart in a quantity and still count as equal: the larger of a
/// number and a share of what was measured.
///
/// The margins are those at which nobody who reads a report would decide otherwise. What they are
/// and why stands in `docs/quality.md`.
package struct Margin: Hashable, Sendable {
    /// In the quantity's own unit.
    package var floor: Double
    /// Of what the processes measured.
    package var share: Double

    /// The larger of `floor` and `share` of what is measured.
    package init(_ floor: Double, orShare share: Double = 0) {
        self.floor = floor
        self.share = share
    }

    /// The margin about `value`.
    package func width(about value: Double) -> Double { max(floor, share * value.magnitude) }

    /// The margin of `quantity`.
    package static func of(_ quantity: Quantity) -> Margin {
        switch quantity.measure {
        case .planned: Margin(0)
        case .median: Margin(3, orShare: 0.05)
        case .ninetyFifth, .ninetyNinth:
            switch quantity.phase {
            case .before, .after, nil: Margin(10, orShare: 0.15)
            // The slowest of these operations waited for an election, whose length is drawn.
            case .during, .recovery: .time
            }
        case .availability, .staleReads: Margin(2)
        case .detection, .failover, .recovery, .faultConvergence, .convergence: .time
        case .messages: Margin(0.1, orShare: 0.1)
        case .lostWrites: Margin(5, orShare: 0.2)
        }
    }

    /// The margin of operations planned where that is not all up to the Plan.
    package static let plannedAlike = Margin(5, orShare: 0.1)

    /// The margin of what takes an election, a timeout or a reconnection.
    private static let time = Margin(300, orShare: 0.3)
}

extension Quantity {
    /// The stated margin. How much clients with a closed loop do follows from how fast they are
    /// answered, and how much they do in a surge from when that begins to the millisecond; the
    /// Plan is not exact then.
    func stated(isPlanExact: Bool) -> Margin {
        measure == .planned && !isPlanExact ? .plannedAlike : .of(self)
    }
}
