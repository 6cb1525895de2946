import Determinism
import Recording
import Replication

/// When each node had applied what, of the group that keeps the sessions, as its events say.
struct AppliedTimes {
    private struct Step {
        var position: UInt64
        var time: Instant
    }

    /// The last entry of a log that was applied at a time.
    private struct LogStep {
        var epoch: UInt64
        var index: UInt64
        var time: Instant

        func isAtLeast(_ epoch: UInt64, _ index: UInt64) -> Bool {
            (self.epoch, self.index) >= (epoch, index)
        }
    }

    private struct NodeTimes {
        /// Writes of each member, by their numbers.
        var byMember: [MemberID: [Step]] = [:]
        /// Ends of a log, each of a later epoch, or of the same and with a higher index.
        var log: [LogStep] = []
    }

    private var nodes: [String: NodeTimes] = [:]
    /// For each epoch of a log the lowest index at which an entry of it was seen, in order of epochs:
    /// what an earlier epoch had from there on is in no log of it.
    private var starts: [(epoch: UInt64, index: UInt64)] = []

    /// The times of `group` in `events`; `acknowledged`: versions of writes that tell epochs, too.
    init(_ events: [RecordedEvent], group: String, acknowledged: some Sequence<Version>) {
        var lowest: [UInt64: UInt64] = [:]
        for event in events
        where event.kind.rawValue == "session-state-applied" && event.group == group {
            guard let node = event.node, let text = event["position"]?.text else { continue }
            var times = nodes[node] ?? NodeTimes()
            if case .sequence(let epoch, let index)? = VersionText.version(text) {
                lowest[epoch] = min(lowest[epoch] ?? .max, index)
                // What is reached again after a restart was reached before.
                if times.log.last.map({ !$0.isAtLeast(epoch, index) }) ?? true {
                    times.log.append(LogStep(epoch: epoch, index: index, time: event.time))
                }
            } else if case .vector(let vector)? = VersionText.position(text) {
                for entry in vector.entries {
                    Self.add(
                        entry.counter, at: event.time,
                        to: &times.byMember[entry.member, default: []])
                }
            }
            nodes[node] = times
        }
        for case .sequence(let epoch, let index) in acknowledged {
            lowest[epoch] = min(lowest[epoch] ?? .max, index)
        }
        starts = lowest.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func add(_ position: UInt64, at time: Instant, to steps: inout [Step]) {
        if let last = steps.last, last.position >= position { return }
        steps.append(Step(position: position, time: time))
    }

    /// When `node` had applied the write with `version`, to a few milliseconds and never too early;
    /// `nil`: not that anyone knows.
    func time(of version: Version, at node: String) -> Instant? {
        guard let times = nodes[node] else { return nil }
        switch version {
        case .sequence(let epoch, let index): return time(epoch, index, in: times.log)
        case .causal(let dot, _, _):
            guard let steps = times.byMember[dot.member] else { return nil }
            let place = Self.first(in: steps) { $0.position >= dot.counter }
            return place < steps.count ? steps[place].time : nil
        }
    }

    private func time(_ epoch: UInt64, _ index: UInt64, in log: [LogStep]) -> Instant? {
        for step in log[Self.first(in: log) { $0.isAtLeast(epoch, index) }...] {
            // Whoever went on in a later epoch has the entry if that began behind it.
            let isReplaced = starts.contains {
                epoch < $0.epoch && $0.epoch <= step.epoch && $0.index <= index
            }
            if isReplaced { return nil }
            if step.index >= index { return step.time }
        }
        return nil
    }

    /// The place of the first step for which `isReached`, which holds for all later ones, too.
    private static func first<Element>(
        in steps: [Element], where isReached: (Element) -> Bool
    ) -> Int {
        var low = 0
        var high = steps.count
        while low < high {
            let middle = (low + high) / 2
            if isReached(steps[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
