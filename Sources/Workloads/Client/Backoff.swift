import Determinism

/// How long a client waits before it turns again to nodes that all have definitely refused it.
///
/// The wait doubles from ``first`` with every round, up to a quarter of the attempt timeout, and
/// is then shortened by up to half at random, so that clients that failed together do not return
/// together.
struct Backoff: Sendable {
    /// The longest first wait.
    static let first: TimeSpan = .milliseconds(10)

    private let longest: TimeSpan

    init(attemptTimeout: TimeSpan) { longest = max(Self.first, attemptTimeout / 4) }

    /// The wait after `rounds` earlier waits of the same operation.
    func wait(after rounds: Int, _ random: inout RandomStream) -> TimeSpan {
        let doubled = Self.first * Int64(1 << min(rounds, 20))
        let most = min(doubled, longest)
        return random.span(in: most / 2...most)
    }
}
