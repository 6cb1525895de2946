import Determinism

/// Who is to get an answer.
enum Origin: Hashable, Sendable {
    /// Somebody connected to this member.
    case local(RequestHandle)
    /// The same, where an earlier attempt at the request, passed on to a leader, may have taken
    /// effect: no refusal is definite any more.
    case repeated(RequestHandle)
    /// Another member, which has passed the request on under this number.
    case remote(MemberID, UInt64)
    /// Nobody.
    case `internal`

    /// Whoever asked, if connected to this member.
    var handle: RequestHandle? {
        switch self {
        case .local(let handle), .repeated(let handle): handle
        case .remote, .internal: nil
        }
    }
}

/// What was asked.
enum Work: Hashable, Sendable {
    case client(ClientRequest)
    case administration(Administration)

    /// Whether it can be asked again without harm: because it changes nothing, because its
    /// session recognises the repeat, or because a session opened in vain costs nothing.
    var isRepeatable: Bool {
        switch self {
        case .client(let request):
            request.isRead || request.session != 0 || request.command == .openSession
        case .administration: false
        }
    }

    /// Whether it changes nothing that anybody could see.
    var isHarmless: Bool {
        switch self {
        case .client(let request): request.isRead || request.command == .openSession
        case .administration: false
        }
    }
}

/// An entry of the leader's log that somebody waits for.
struct Proposal: Sendable {
    var index: LogIndex
    /// The term of the entry: if another's is committed at the index, this one never will be.
    var term: Term
    var origin: Origin
    /// When it is answered that no majority has accepted it.
    var deadline: Instant
    /// How many had accepted it, in words, when this member ceased to lead.
    var lastTally: String?
    #if PlantedBugs
        /// What a transaction read when it was proposed.
        var plantedReads: [Value?]?
    #endif
}

/// A request that waits until there is a leader who can take it.
struct WaitingRequest: Sendable {
    var work: Work
    var origin: Origin
    var deadline: Instant

    /// The most requests that wait; more are refused.
    static let countMax = Limits.requestsInFlightMax
}
