/// What became of an expectation.
public struct ExpectationFinding: Hashable, Sendable {
    /// The expectation as the scenario states it.
    public var expect: String
    /// Whether it held; `nil`: unknown.
    public var held: Bool?
    /// Whether it is about safety or liveness.
    public var kind: Kind
    /// What was measured, or why nothing can be said, in a sentence.
    public var measured: String

    /// What an expectation is about.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Nothing bad happens: consistency, loss.
        case safety
        /// Something good happens: availability, latency, convergence, failover.
        case liveness
    }
}

/// What `meridian` exits with after a run.
public enum ExitCode: Int32, Hashable, Sendable {
    /// Every expectation held.
    case passed = 0
    /// An expectation about safety failed.
    case safetyFailed = 1
    /// An expectation about liveness failed.
    case livenessFailed = 2
    /// Unknown: a fault had no effect, a check gave up, the run did not end.
    case unknown = 3

    /// The code for several runs: of all the first in the order 1, 2, 3.
    public static func combined(_ codes: some Sequence<ExitCode>) -> ExitCode {
        codes.filter { $0 != .passed }.min { $0.rawValue < $1.rawValue } ?? .passed
    }
}

extension Report {
    /// What `meridian` exits with after this run: of several reasons the first counts in the order
    /// safety, liveness, unknown.
    public var exitCode: ExitCode {
        let failed = expectations.filter { $0.held == false }
        if failed.contains(where: { $0.kind == .safety }) { return .safetyFailed }
        if !failed.isEmpty { return .livenessFailed }
        return verdict == .pass ? .passed : .unknown
    }
}
