import Determinism
import Recording
import Scenarios

/// What the figures need of an operation: names are numbers, by ``MeasuredHistory``.
struct MeasuredOperation {
    var planned: Instant
    private var nanoseconds: Int64
    fileprivate(set) var region: UInt32
    fileprivate(set) var function: UInt16
    fileprivate(set) var dataType: UInt16
    /// Whether it was answered in time; a definite negative answer is one.
    var isAnswered: Bool

    /// From the planned start to the answer; `nil` without one.
    var latency: TimeSpan? {
        nanoseconds == .min ? nil : TimeSpan(nanoseconds: nanoseconds)
    }

    init(
        planned: Instant, latency: TimeSpan?, region: UInt32, function: UInt16, dataType: UInt16,
        isAnswered: Bool
    ) {
        self.planned = planned
        nanoseconds = latency?.nanoseconds ?? .min
        self.region = region
        self.function = function
        self.dataType = dataType
        self.isAnswered = isAnswered
    }
}

/// The operations of a history as the figures need them, in the order of their planned times.
struct MeasuredHistory {
    private(set) var operations: [MeasuredOperation] = []
    /// The names of the functions that occur, in the order of their numbers.
    private(set) var functions: [String] = []
    /// The names of the data types that occur, in the order of their numbers.
    private(set) var dataTypes: [String] = []
    /// The names of the regions that occur, in the order of their numbers.
    private(set) var regions: [String] = []

    init(_ history: History) {
        var functionsKnown: [HistoryFunction] = []
        var typesKnown: [UInt32] = []
        var regionsKnown: [UInt32] = []
        operations.reserveCapacity(history.count)
        var isSorted = true
        var latest = Instant(nanoseconds: .min)
        for position in history.indices {
            let operation = history.glance(position)
            let latency = operation.completed.map { $0 - operation.planned }
            operations.append(
                MeasuredOperation(
                    planned: operation.planned, latency: operation.isAnswered ? latency : nil,
                    region: UInt32(Self.number(of: operation.region, in: &regionsKnown)),
                    function: UInt16(Self.number(of: operation.function, in: &functionsKnown)),
                    dataType: UInt16(Self.number(of: operation.dataType, in: &typesKnown)),
                    isAnswered: operation.isAnswered))
            isSorted = isSorted && latest <= operation.planned
            latest = operation.planned
        }
        functions = functionsKnown.map(\.name)
        dataTypes = typesKnown.map(history.text)
        regions = regionsKnown.map(history.text)
        if !isSorted { operations.sort { $0.planned < $1.planned } }
    }

    private static func number<Thing: Equatable>(
        of thing: Thing, in known: inout [Thing]
    ) -> Int {
        if let number = known.firstIndex(of: thing) { return number }
        known.append(thing)
        return known.count - 1
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
