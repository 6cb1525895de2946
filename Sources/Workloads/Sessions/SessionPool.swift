import Determinism
import Replication

/// A session that a client holds tokens of.
struct HeldSession: Sendable {
    let session: String
    let user: String
    /// The region beside which the user logged in.
    let region: Int
    var access: [UInt8]
    var refresh: [UInt8]
    /// When the access token is over, by what its grant said: no answer of a node, whose clock may be
    /// wrong, changes it.
    var accessEnd: End
    /// When the session and its refresh tokens are over, as far as the client can tell.
    let end: End
    /// Whether a node refused the access token as over, whatever its grant said.
    var isRefused = false
    /// Whether new tokens are on their way.
    var isRefreshing = false
    /// What the request under way says of the token that it shows; see ``slack(of:at:)``.
    var slack = TimeSpan.zero

    /// When something is over whose duration came with an answer: it began when the node answered,
    /// which is between the request and the answer.
    struct End: Sendable {
        var earliest: Instant
        var latest: Instant

        func isBefore(_ other: End) -> Bool { latest < other.latest }
    }

    /// How long the token that a request of this kind shows still lasts by a clock that is right:
    /// at least so long if positive, over for at least so long if negative, 0 if that is not sure.
    func slack(of kind: OperationKind, at now: Instant) -> TimeSpan {
        let over = kind == .refresh || end.isBefore(accessEnd) ? end : accessEnd
        if now > over.latest { return over.latest - now }
        return max(.zero, over.earliest - now)
    }
}

/// The sessions that the clients of a run hold, and those that they ended lately, whose tokens
/// somebody may have kept.
struct SessionPool: Sendable {
    /// How many sessions the clients beside a region hold; beyond it the oldest is let go.
    static let perRegionMax = 4096
    /// How many ended sessions are remembered.
    static let endedMax = 256
    /// How often a session is drawn until one suits.
    static let drawsMax = 8
    /// Half of all requests are about one of as many latest sessions.
    static let latestCount = 16

    // Looked up by name only; its order never shows.
    private var held: [String: HeldSession] = [:]
    /// The names of the sessions by region, in the order of their logins.
    private var names: [[String]]
    private var ended: [HeldSession] = []

    init(regionCount: Int) { names = Array(repeating: [], count: regionCount) }

    subscript(session: String) -> HeldSession? { held[session] }

    /// Takes a session in.
    mutating func add(_ session: HeldSession) {
        guard held.updateValue(session, forKey: session.session) == nil else { return }
        if names[session.region].count >= Self.perRegionMax {
            held[names[session.region].removeFirst()] = nil
        }
        names[session.region].append(session.session)
    }

    /// Lets a session go.
    @discardableResult
    mutating func remove(_ session: String) -> HeldSession? {
        guard let removed = held.removeValue(forKey: session) else { return nil }
        if let index = names[removed.region].lastIndex(of: session) {
            names[removed.region].remove(at: index)
        }
        return removed
    }

    /// Takes note that a session was ended.
    mutating func end(_ session: HeldSession) {
        if ended.count >= Self.endedMax { ended.removeFirst(Self.endedMax / 4) }
        ended.append(session)
    }

    /// Changes a session, if it is held.
    mutating func update(_ session: String, _ change: (inout HeldSession) -> Void) {
        if var known = held[session] {
            change(&known)
            held[session] = known
        }
    }

    /// Draws a session: with a chance of `roaming` one from beside another region than `region`,
    /// else from beside it; where there is none, from beside any. Draws again, some times, until
    /// one suits.
    func choose(
        for region: Int, roaming: Double, _ random: inout RandomStream,
        suits: (HeldSession) -> Bool
    ) -> HeldSession? {
        let isAway = random.unit() < roaming
        let others = names.indices.filter { $0 != region && !names[$0].isEmpty }
        let from: Int
        if (isAway || names[region].isEmpty) && !others.isEmpty {
            from = others[random.index(others.count)]
        } else {
            from = region
        }
        let count = names[from].count
        guard count > 0 else { return nil }
        var drawn: HeldSession?
        for _ in 0..<Self.drawsMax {
            let latest = random.unit() < 0.5 ? min(count, Self.latestCount) : count
            drawn = held[names[from][count - 1 - random.index(latest)]]
            if let drawn, suits(drawn) { break }
        }
        return drawn
    }

    /// Draws one of the sessions that were ended lately and would not be over yet.
    func chooseEnded(at now: Instant, _ random: inout RandomStream) -> HeldSession? {
        guard !ended.isEmpty else { return nil }
        let latest = min(ended.count, Self.latestCount * 2)
        let session = ended[ended.count - 1 - random.index(latest)]
        return session.accessEnd.earliest > now ? session : nil
    }
}
