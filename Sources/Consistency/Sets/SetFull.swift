import Determinism
import Recording

/// What became of each element that was added to a set which was read as a whole now and then:
/// the check that Jepsen calls `set-full`.
///
/// An element is *known* from the first answer that says so: that of its addition, or of a read
/// that shows it. Reads count by their invocation. An element is
///
/// - *lost* if it is known, and a read that began after that and after every read that showed it
///   did not show it;
/// - *stable* if every read from some moment on showed it. How long after it was known that moment
///   came is its stable latency; where it is more than nothing, reads were *stale*;
/// - *never read* otherwise: nothing can be said of it.
///
/// Unlike linearizability this asks little of a service, and it measures: eventual consistency
/// passes, and the latencies say how eventual.
public struct SetFull: Hashable, Sendable {
    /// What became of an element.
    public enum Outcome: Hashable, Sendable {
        /// Shown by every read after this time since it was known, or sooner.
        case stable(after: TimeSpan)
        /// Not shown any more this time after it was known, or later.
        case lost(after: TimeSpan)
        /// Neither can be said.
        case neverRead
    }

    /// An element, and what became of it.
    public struct Element: Hashable, Sendable {
        /// The element.
        public var value: HistoryValue
        /// The addition, by index in the history.
        public var addition: Int
        /// What became of it.
        public var outcome: Outcome
        /// The read that shows it: of a stale or lost element the last one that did not show it.
        public var lastAbsent: Int?
    }

    /// An element that one read showed more than once.
    public struct Duplicate: Hashable, Sendable {
        /// The element.
        public var value: HistoryValue
        /// The read, by index in the history.
        public var read: Int
    }

    /// All elements, in the order of their addition.
    public private(set) var elements: [Element] = []
    /// Elements that one read showed more than once.
    public private(set) var duplicates: [Duplicate] = []
    /// How many additions and reads were looked at.
    public private(set) var checked = 0

    /// Goes through the additions to and reads of one set.
    public init(_ operations: HistorySelection) {
        var search = SetFullSearch()
        for operation in operations { search.take(operation) }
        checked = search.checked
        elements = search.elements()
        duplicates = search.duplicates
    }

    /// The elements that are lost.
    public var lost: [Element] {
        elements.filter { if case .lost = $0.outcome { true } else { false } }
    }

    /// The elements that some read showed late.
    public var stale: [Element] {
        elements.filter { if case .stable(let after) = $0.outcome { after > .zero } else { false } }
    }

    /// How many elements nothing can be said of.
    public var neverRead: Int { elements.count { $0.outcome == .neverRead } }

    /// How long elements took to be stable, the shortest first.
    public var stableLatencies: [TimeSpan] {
        elements.compactMap {
            if case .stable(let after) = $0.outcome { after } else { nil }
        }.sorted()
    }

    /// The stable latency that a share of the stable elements, 0 to 1, does not exceed.
    public func stableLatency(quantile: Double) -> TimeSpan? {
        let latencies = stableLatencies
        guard !latencies.isEmpty else { return nil }
        let place = Int((quantile * Double(latencies.count)).rounded(.up)) - 1
        return latencies[min(max(place, 0), latencies.count - 1)]
    }

    /// Invalid if an element is lost or was shown twice; unknown if none is stable.
    public var verdict: CheckVerdict {
        if !lost.isEmpty || !duplicates.isEmpty { return .invalid }
        return stableLatencies.isEmpty ? .unknown : .valid
    }
}
