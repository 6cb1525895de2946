import Determinism
import Scenarios

/// Which part of the run a planned time belongs to: by all faults together, and by each.
struct Phases {
    private struct Interval {
        var id: String
        var start: Instant
        var end: Instant?
        /// When the service was back; `nil`: not within the run.
        var recovered: Instant?
    }

    private let intervals: [Interval]
    private let first: Instant

    /// The phases of faults, with the time at which the service was back after each.
    init(_ faults: [(span: FaultSpan, recovered: Instant?)]) {
        intervals = faults.compactMap { fault in
            guard let start = fault.span.start else { return nil }
            return Interval(
                id: fault.span.id, start: start, end: fault.span.end,
                recovered: fault.recovered)
        }
        first = intervals.map(\.start).min() ?? .distantFuture
    }

    /// The faults that struck, in order.
    var faults: [String] { intervals.map(\.id) }

    /// The phase of `planned` by all faults together.
    func phase(of planned: Instant) -> Phase {
        if planned < first { return .before }
        var isRecovering = false
        for interval in intervals where interval.start <= planned {
            switch phase(of: planned, in: interval) {
            case .during: return .during
            case .recovery: isRecovering = true
            case .before, .after: break
            }
        }
        return isRecovering ? .recovery : .after
    }

    /// The phase of `planned` by the fault `id` alone; `nil` if it never struck.
    func phase(of planned: Instant, fault id: String) -> Phase? {
        intervals.first { $0.id == id }.map { phase(of: planned, in: $0) }
    }

    private func phase(of planned: Instant, in interval: Interval) -> Phase {
        if planned < interval.start { return .before }
        guard let end = interval.end, planned >= end else { return .during }
        guard let recovered = interval.recovered, planned >= recovered else { return .recovery }
        return .after
    }
}
