import Determinism
import Recording

/// Percentiles of a few numbers, by the nearest rank.
struct Percentiles {
    /// The numbers above 0, ascending.
    private let sorted: [Double]
    /// How many there are with those that are 0.
    private let count: Int

    /// Of `count` numbers, of which those that are not 0 are `sorted`.
    init(ofNonZero sorted: [Double], among count: Int) {
        self.sorted = sorted
        self.count = count
    }

    /// The number that `percent` of 100 do not exceed; 0 of none.
    subscript(percent: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * percent / 100).rounded(.up)))
        let zeros = count - sorted.count
        return rank <= zeros ? 0 : sorted[min(rank - zeros, sorted.count) - 1]
    }

    /// The usual ones.
    var json: JSONValue {
        .members([
            "p50": .number(self[50]), "p95": .number(self[95]), "p99": .number(self[99]),
            "max": .number(sorted.last ?? 0),
        ])
    }
}

extension TimeSpan {
    /// In milliseconds, to the microsecond, as reports have it.
    var shownMilliseconds: Double { (Double(nanoseconds) / 1000).rounded() / 1000 }
}
