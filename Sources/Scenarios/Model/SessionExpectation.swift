import Determinism

/// What must hold of the sessions of a run.
public enum SessionExpectation: Hashable, Sendable {
    /// No more acknowledged logins than this are in no region at the end.
    case lost(atMost: Int)
    /// At least this share (0 to 1) of the validations that were answered with yes needed no other
    /// region.
    case hits(atLeast: Double)
    /// No more validations than this were answered with yes by a node that the session's end had
    /// reached before.
    case revokedValidations(atMost: Int)
    /// No more validations and refreshes than this were answered with yes although the time of the
    /// token, or of its session, was over by a clock that is right.
    case expiredValidations(atMost: Int)
    /// A percentile (0 to 100) of the time until all nodes know a session is at most this.
    case spread(percentile: Double, atMost: TimeSpan)
    /// A percentile (0 to 100) of the time until all nodes know of a session's end is at most this.
    case revocationSpread(percentile: Double, atMost: TimeSpan)

    /// The name of the key in scenario files.
    public var name: String {
        switch self {
        case .lost: "sessions_lost"
        case .hits: "session_hits"
        case .revokedValidations: "revoked_validations"
        case .expiredValidations: "expired_validations"
        case .spread: "session_spread"
        case .revocationSpread: "revocation_spread"
        }
    }

    /// All names, in order.
    public static let names = [
        "sessions_lost", "session_hits", "revoked_validations", "expired_validations",
        "session_spread", "revocation_spread",
    ]

    /// Whether it is about safety, not about liveness.
    public var isSafety: Bool {
        switch self {
        case .lost, .revokedValidations, .expiredValidations: true
        case .hits, .spread, .revocationSpread: false
        }
    }

    /// What is allowed, in the notation of scenario files: `0`, `{at_least: 90%}`.
    public var text: String {
        switch self {
        case .lost(let count), .revokedValidations(let count), .expiredValidations(let count):
            "\(count)"
        case .hits(let share): "{at_least: \(Notation<Double>.share.format(share))}"
        case .spread(let percentile, let span), .revocationSpread(let percentile, let span):
            "{percentile: \(Notation<Double>.number.format(percentile)), at_most: \(span)}"
        }
    }
}
