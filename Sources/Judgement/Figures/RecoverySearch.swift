import Determinism

/// Finds when the service was back near what it was before the first fault, and stayed so.
///
/// An operation is bad if it was not answered, or took longer than 1.5 times the 99th percentile
/// before the first fault and 20 ms more than it. Sliding windows over the planned times may hold
/// as many bad operations as chance explains: of failures the share from before and 5 % more, of
/// slow ones 2 %, and in any case one. The service was back within the last window that holds more:
/// after the bad operation from which on the share was the one from before, and 1 %.
///
/// An operation planned less than its timeout before a strike may be hit by it. Such operations
/// tell nothing of what was before the first fault, or of the recovery from an earlier one.
struct RecoverySearch {
    /// Operations in the order of their planned times.
    let operations: [MeasuredOperation]
    /// The end of the run.
    let end: Instant
    /// The share of operations that were answered before the first fault.
    let shareBefore: Double
    /// The longest latency that is not slow; `nil`: nothing was measured before.
    let slowAbove: TimeSpan?
    private let window: TimeSpan
    private let timeout: TimeSpan

    /// At least so many operations after the recovery show that it lasted.
    static let evidenceMin = 5

    /// A search over `operations`, sorted by planned time, of a run in which the first fault
    /// struck at `firstFault`, clients stopped at `end` and waited for `timeout`.
    init(
        operations: [MeasuredOperation], firstFault: Instant, end: Instant, timeout: TimeSpan
    ) {
        self.operations = operations
        self.end = end
        self.timeout = timeout
        var before = operations.prefix { $0.planned < firstFault - timeout }
        if before.isEmpty { before = operations.prefix { $0.planned < firstFault } }
        let answered = before.filter(\.isAnswered)
        shareBefore = before.isEmpty ? 1 : Double(answered.count) / Double(before.count)
        let latencies = answered.compactMap(\.latency).sorted()
        if latencies.isEmpty {
            slowAbove = nil
        } else {
            let ninetyNinth = latencies[(latencies.count * 99 + 99) / 100 - 1]
            slowAbove = max(ninetyNinth * 1.5, ninetyNinth + .milliseconds(20))
        }
        // Wide enough for some fifty operations.
        let spacing = Double(end.nanoseconds) / Double(max(1, operations.count))
        let wanted = TimeSpan(nanoseconds: Int64(min(spacing * 50, 1e10)))
        window = min(max(wanted, .seconds(1)), .seconds(10))
    }

    /// When the service was back after what struck at `start`; `nil`: not within the run.
    /// `later` are the strikes of other faults after `start`: if it was back before one, that
    /// counts. Slow operations count only if asked for.
    func recovery(from start: Instant, later: [Instant], countsSlow: Bool) -> Instant? {
        let first = operations.partitioningIndex { $0.planned >= start }
        let strikes = later.sorted().filter { $0 > start && $0 < end }.map { $0 - timeout }
        for limit in strikes + [end] {
            let last = operations.partitioningIndex { $0.planned >= limit }
            guard first < last else { continue }
            if let back = recovery(first..<last, start, countsSlow: countsSlow) { return back }
        }
        return nil
    }

    private func recovery(
        _ range: Range<Int>, _ start: Instant, countsSlow: Bool
    ) -> Instant? {
        var failed = 0
        var slow = 0
        var upper = range.lowerBound
        var lastViolating: Range<Int>?
        for lower in range {
            let limit = operations[lower].planned + window
            while upper < range.upperBound, operations[upper].planned < limit {
                if isFailed(upper) { failed += 1 } else if isSlow(upper) { slow += 1 }
                upper += 1
            }
            let count = Double(upper - lower)
            let failedMax = max(1, count * (1 - shareBefore + 0.05))
            let slowMax = max(1, count * 0.02)
            if Double(failed) > failedMax || countsSlow && Double(slow) > slowMax {
                lastViolating = lower..<upper
            }
            if isFailed(lower) { failed -= 1 } else if isSlow(lower) { slow -= 1 }
        }
        guard let lastViolating else {
            return range.count >= Self.evidenceMin ? start : nil
        }
        // The first bad operation after which the rest of the window is as it was before.
        let isBad = { (index: Int) in isFailed(index) || countsSlow && isSlow(index) }
        let bads = lastViolating.filter(isBad)
        let bad = bads.enumerated().first { place, index in
            let rest = Double(lastViolating.upperBound - index - 1)
            return Double(bads.count - place - 1) <= rest * (1 - shareBefore + 0.01)
        }?.element
        guard let bad, range.upperBound - bad - 1 >= Self.evidenceMin else { return nil }
        return operations[bad + 1].planned
    }

    private func isFailed(_ index: Int) -> Bool { !operations[index].isAnswered }
    private func isSlow(_ index: Int) -> Bool {
        guard let slowAbove, let latency = operations[index].latency else { return false }
        return latency > slowAbove
    }
}

extension Array {
    /// The first index whose element fulfils `condition`, in an array in which all that do stand
    /// after all that do not.
    func partitioningIndex(where condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
