/// A state transition of a strategy that is counted: the cases of an enum, numbered from 0.
///
/// A strategy publishes the names in its ``StrategyDescription``, so that a search for faults can
/// say which of them happened, under which faults, and which never did.
public protocol CountedTransition: CaseIterable, RawRepresentable<Int>, Sendable {
    /// The name in the description and in reports.
    var name: String { get }
}

extension CountedTransition {
    /// All names, in the order of the counters.
    public static var names: [String] { allCases.map(\.name) }
}

/// How often each transition happened to one replica in this life.
///
/// One addition to a number in an array that never grows: cheap enough to be always on.
public struct TransitionCounts<Transition: CountedTransition>: Sendable {
    /// The counters, in the order of the cases.
    public private(set) var counts: [UInt64]

    /// Nothing has happened yet.
    public init() { counts = Array(repeating: 0, count: Transition.allCases.count) }

    /// Takes note that `transition` happened.
    public mutating func count(_ transition: Transition) { counts[transition.rawValue] &+= 1 }
}
