import Determinism
import Recording
import Scenarios

/// What the figures need of an operation.
struct MeasuredOperation {
    var region: String
    var function: String
    var dataType: String
    var planned: Instant
    /// Whether it was answered in time; a definite negative answer is one.
    var isAnswered: Bool
    /// From the planned start to the answer; `nil` without one.
    var latency: TimeSpan?

    init(_ operation: HistoryOperation) {
        region = operation.region
        function = operation.function.name
        dataType = operation.dataType
        planned = operation.planned
        isAnswered = operation.isAnswered
        latency = operation.isAnswered ? operation.latency : nil
    }
}

/// Milliseconds as reports write them: to the microsecond.
func milliseconds(_ span: TimeSpan) -> Double {
    (Double(span.nanoseconds) / 1000).rounded() / 1000
}

/// Milliseconds since time 0 as reports write them.
func milliseconds(_ instant: Instant) -> Double { milliseconds(instant - Instant.zero) }

/// `number` to three places after the point.
func rounded(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }
