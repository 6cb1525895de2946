import Determinism

/// How far a history may be from a consistency model that it need not keep: judged by times and
/// values alone, whatever versions a strategy gives.
public enum ConsistencyBound: Hashable, Sendable {
    /// No read returns what had been superseded for longer than `age`, or by more than `versions`
    /// writes; at least one of the two is given.
    case staleness(age: TimeSpan?, versions: Int?)
    /// Every read fits an order of all operations if it had come up to this time earlier
    /// (Δ-atomicity; Golab, Li and Shah, 2011).
    case delta(atMost: TimeSpan)
    /// A percentile (0 to 100) of the time until all reads of a set or list show an element that
    /// is known to be in it is at most this.
    case stableLatency(percentile: Double, atMost: TimeSpan)

    /// The name of the key in scenario files.
    public var name: String {
        switch self {
        case .staleness: "bounded-staleness"
        case .delta: "delta-atomicity"
        case .stableLatency: "stable-latency"
        }
    }

    /// All names, in order.
    public static let names = ["bounded-staleness", "delta-atomicity", "stable-latency"]

    /// What is allowed, in the notation of scenario files: `at_most: 500ms, versions: 2`.
    public var text: String {
        switch self {
        case .staleness(let age, let versions):
            [age.map { "at_most: \($0)" }, versions.map { "versions: \($0)" }]
                .compactMap { $0 }.joined(separator: ", ")
        case .delta(let span): "at_most: \(span)"
        case .stableLatency(let percentile, let span):
            "percentile: \(Notation<Double>.number.format(percentile)), at_most: \(span)"
        }
    }
}
