import Determinism
import Recording
import Workloads

/// What the probes of a run saw: for each region of a reader, and each time that it waited after
/// the write was acknowledged, how many reads showed it.
struct VisibilityAudit {
    private struct Place: Hashable, Comparable {
        /// The reader's region by name; empty: all.
        var region: String
        var after: TimeSpan

        static func < (left: Place, right: Place) -> Bool {
            (left.region, left.after) < (right.region, right.after)
        }
    }

    private var counts: [Place: (reads: Int, seen: Int)] = [:]

    /// Goes through the probes of `history`, whose reads were planned `after` the acknowledgement.
    init(_ history: History, after: [TimeSpan]) {
        // When each probe's key was written, by its number in the history.
        var written: [UInt32: Instant] = [:]
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.function == .write, operation.outcome == .ok,
                history.text(operation.key).hasPrefix(KeyNames.probePrefix)
            else { continue }
            written[operation.key] = operation.completed
        }
        for position in history.indices {
            let operation = history.glance(position)
            guard operation.function == .read, operation.outcome == .ok,
                let acknowledged = written[operation.key]
            else { continue }
            let waited = operation.planned - acknowledged
            guard
                let after = after.min(by: { first, second in
                    abs((first - waited).nanoseconds) < abs((second - waited).nanoseconds)
                })
            else { continue }
            for region in [history.text(operation.region), ""] {
                counts[Place(region: region, after: after), default: (0, 0)].reads += 1
                if !operation.isNull {
                    counts[Place(region: region, after: after), default: (0, 0)].seen += 1
                }
            }
        }
    }

    /// As the report has them, those of all regions first.
    var rows: [ConsistencyFigures.VisibilityRow] {
        counts.sorted { $0.key < $1.key }.map { place, count in
            ConsistencyFigures.VisibilityRow(
                region: place.region.isEmpty ? nil : place.region,
                after: place.after.milliseconds, reads: count.reads, seen: count.seen)
        }
    }
}
