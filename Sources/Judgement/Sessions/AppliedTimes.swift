import Determinism
import Recording
import Replication

/// When each node had applied what, of the group that keeps the sessions, as its events say.
struct AppliedTimes {
    private struct Step {
        var position: UInt64
        var time: Instant
    }

    private struct NodeTimes {
        /// Writes of each member, by their numbers.
        var byMember: [MemberID: [Step]] = [:]
        /// Indexes of a log.
        var indexes: [Step] = []
    }

    private var nodes: [String: NodeTimes] = [:]

    init(_ events: [RecordedEvent], group: String) {
        for event in events
        where event.kind.rawValue == "session-state-applied" && event.group == group {
            guard let node = event.node, let text = event["position"]?.text,
                let position = VersionText.position(text)
            else { continue }
            var times = nodes[node] ?? NodeTimes()
            switch position {
            case .index(let index): Self.add(index, at: event.time, to: &times.indexes)
            case .vector(let vector):
                for entry in vector.entries {
                    Self.add(
                        entry.counter, at: event.time,
                        to: &times.byMember[entry.member, default: []])
                }
            }
            nodes[node] = times
        }
    }

    private static func add(_ position: UInt64, at time: Instant, to steps: inout [Step]) {
        // What is reached again after a restart was reached before.
        if let last = steps.last, last.position >= position { return }
        steps.append(Step(position: position, time: time))
    }

    /// When `node` had applied the write with `version`, to a few milliseconds and never too early;
    /// `nil`: not that anyone knows.
    func time(of version: Version, at node: String) -> Instant? {
        guard let times = nodes[node] else { return nil }
        switch version {
        case .sequence(_, let index): return Self.first(index, in: times.indexes)
        case .causal(let dot, _, _):
            return times.byMember[dot.member].flatMap { Self.first(dot.counter, in: $0) }
        }
    }

    private static func first(_ position: UInt64, in steps: [Step]) -> Instant? {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low < steps.count ? steps[low].time : nil
    }
}
