import Determinism
import RegionCore

/// What is known of a node itself at one moment, for the evidence of faults that are about its
/// clocks, its disk or its processor.
struct NodeReading {
    /// The launch that it is about.
    var launch: UInt32
    /// What all launches together used and counted.
    var usage: UsageCounters
    /// The clocks; `nil` if the launch has not told its status.
    var clock: ClockReading?
}

/// The clocks of a node, as one status tells them.
struct ClockReading {
    /// When: the host's clock.
    var time: Instant
    /// What the node's wall clock said.
    var wall: WallTime
    /// How far its monotonic clock was ahead of the host's.
    var monotonicLead: TimeSpan

    init(_ status: NodeStatus) {
        time = status.time.monotonic
        wall = status.time.wall
        monotonicLead = status.monotonicLead
    }
}

/// What a launch of a node was last told of its clocks, and what it said first afterwards.
struct ToldClock {
    var condition = ClockCondition()
    /// When it was told.
    var since = Instant.zero
    /// The first reading from then on: how fast the monotonic clock runs shows from there.
    var first: ClockReading?

    /// Takes note of what a status says.
    mutating func take(_ reading: ClockReading) {
        if first == nil, reading.time > since { first = reading }
    }

    /// How far the wall clock must be ahead at `time`.
    func offset(at time: Instant) -> TimeSpan {
        let drift = Double(condition.driftPartsPerBillion) * (time - since).seconds
        return condition.offset + TimeSpan(nanoseconds: Int64(drift))
    }

    /// How much too fast the monotonic clock ran from the first reading to `reading`, in
    /// billionths; `nil` if they lie too near together to tell.
    func drift(to reading: ClockReading) -> Double? {
        guard let first, reading.time - first.time >= .milliseconds(10) else { return nil }
        return (reading.monotonicLead - first.monotonicLead).seconds
            / (reading.time - first.time).seconds * 1e9
    }
}
