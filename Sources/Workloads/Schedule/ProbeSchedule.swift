import Determinism
import Scenarios

/// When probes begin, and by whom they are written and read.
struct ProbeSchedule: Sendable {
    /// A probe that is due: where among the regions it is written and read, and how long after
    /// the acknowledgement.
    struct Probe: Hashable, Sendable {
        var number: Int
        var writer: Int
        var reader: Int
        var after: TimeSpan
    }

    private var times: PoissonSchedule
    private var draws: RandomStream
    private let after: [TimeSpan]
    private var number = 0

    /// The probes that `spec` describes, from `start` on.
    init(_ spec: ProbeSpec, start: Instant, seed: UInt64) {
        let stream = RandomStream(seed: seed, name: "probes")
        times = PoissonSchedule(rate: spec.rate, start: start, random: stream.derived("times"))
        draws = stream.derived("draws")
        after = spec.after
    }

    /// When the next one is due.
    var next: Instant { times.next }

    /// Takes the next one. Of `regions` there must be one at least; the reader is another one than
    /// the writer if there are several.
    mutating func take(among regions: [Int]) -> (planned: Instant, probe: Probe) {
        let planned = times.take()
        let writer = draws.index(regions.count)
        let step = regions.count > 1 ? 1 + draws.index(regions.count - 1) : 0
        let wait = draws.index(after.count)
        defer { number += 1 }
        return (
            planned,
            Probe(
                number: number, writer: regions[writer],
                reader: regions[(writer + step) % regions.count], after: after[wait])
        )
    }
}
