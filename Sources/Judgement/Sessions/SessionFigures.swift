import Determinism

/// What became of the sessions of a run: `sessions` of `report.json`. Times are in milliseconds.
public struct SessionFigures: Hashable, Sendable {
    /// Acknowledged logins.
    public var logins = 0
    /// Acknowledged refreshes.
    public var refreshes = 0
    /// Acknowledged logouts.
    public var logouts = 0
    /// Sessions that acknowledged requests to end all of a user's ended.
    public var endedTogether = 0
    /// Validations answered with yes from the own region.
    public var local = 0
    /// Those from what the node had asked for before.
    public var cached = 0
    /// Those for which other regions were asked.
    public var remote = 0
    /// Requests answered with a definite no, by the name of the reason, in order of names.
    public var rejections: [Rejection] = []
    /// What asking other regions came to.
    public var lookups = Lookups()
    /// Until all nodes knew a session, from the login's acknowledgement.
    public var spread = Spread()
    /// Until all nodes knew of a session's end, from the logout's acknowledgement.
    public var revocationSpread = Spread()
    /// Acknowledged logins that no node has at the end; `nil`: the final state is not known.
    public var lost: Int?
    /// Ended sessions that validated after the logout's acknowledgement, at a node that the end had
    /// reached.
    public var revokedReached = 0
    /// The same at nodes that it had not reached.
    public var revokedWindow = 0
    /// Validations and refreshes answered with yes although the token's time, or its session's, was
    /// over by a clock that is right.
    public var expiredValidated = 0
    /// How long after that at most.
    public var expiredLongest = 0.0
    /// Those answered with no because of the time, although it was not over.
    public var expiredEarly = 0

    /// Figures of nothing yet.
    package init() {}

    /// Validations answered with yes.
    public var valid: Int { local + cached + remote }
    /// The share of these that needed no other region; `nil` without any.
    public var hitShare: Double? { valid == 0 ? nil : Double(local + cached) / Double(valid) }

    /// How often a reason was given.
    public struct Rejection: Hashable, Sendable {
        /// The reason's name.
        public var reason: String
        /// How often.
        public var count: Int
    }

    /// Questions to other regions for a session.
    public struct Lookups: Hashable, Sendable {
        /// All of them.
        public var count = 0
        /// Those that found the session.
        public var found = 0
        /// Those that found that it was ended.
        public var revoked = 0
        /// Those for a session that nobody knew.
        public var unknown = 0
        /// Those that not all regions answered.
        public var silent = 0
        /// How long those took that all asked regions, or one that knew, answered: the median.
        public var p50 = 0.0
        /// The same at the 95th percentile.
        public var p95 = 0.0
        /// The same at the 99th percentile.
        public var p99 = 0.0
        /// The same at most.
        public var max = 0.0
    }

    /// Until something was known everywhere.
    public struct Spread: Hashable, Sendable {
        /// How many came to be known everywhere.
        public var count = 0
        /// How many did not within the run.
        public var never = 0
        /// How long it took: the median.
        public var p50 = 0.0
        /// The same at the 99th percentile.
        public var p99 = 0.0
        /// The same at most.
        public var max = 0.0
        /// All times, sorted; not part of `report.json`.
        var times: [Double] = []

        init() {}

        init(_ times: [TimeSpan], never: Int) {
            self.never = never
            self.times = times.map(milliseconds).sorted()
            count = times.count
            p50 = SessionFigures.percentile(50, of: self.times)
            p99 = SessionFigures.percentile(99, of: self.times)
            max = self.times.last ?? 0
        }
    }

    /// The value that `percentile` percent of `sorted` do not exceed; 0 without any.
    static func percentile(_ percentile: Double, of sorted: [Double]) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = (percentile / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(sorted.count, Swift.max(1, Int(rank))) - 1]
    }
}
