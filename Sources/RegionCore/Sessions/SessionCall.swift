import Determinism
import Replication

/// A request that the service is working on: a client's, or another node's question.
struct SessionCall {
    /// Who gets the answer.
    enum Origin {
        case client(RequestHandle)
        case node(MemberID, number: UInt64)
    }

    enum Body {
        case login(SessionRecord)
        case validate(SessionClaims)
        case refresh(SessionClaims)
        case logout(SessionClaims)
        /// Lists the sessions of the claims' user, and ends them if `ends`.
        case list(SessionClaims, ends: Bool)
        /// Another node's question for a session.
        case find
        /// Another node's question for the sessions of a user.
        case gather(user: String)
    }

    /// What it waits for.
    enum Stage {
        /// What the own replica has of the session, and of its user's sessions.
        case reading
        /// Which of the user's sessions were ended.
        case readingRevocations
        /// The other regions.
        case asking
        /// The own replica's word that what was written stays.
        case writing
    }

    /// A part of what the own replica was asked.
    enum Part {
        case record
        case revocation
        case index(isOwn: Bool)
        case revocationListed(Int)
        case write(decides: Bool)
    }

    let origin: Origin
    let body: Body
    /// The session that it is about; empty for a user's.
    let session: String
    /// The client and its number for the request; a repeat has the same.
    let client: UInt64
    let sequence: UInt64

    var stage = Stage.reading
    /// How many answers of the own replica are awaited.
    var awaited = 0
    /// What went wrong with the own replica, the worst of it.
    var failure: ServiceError?
    /// What the own replica has.
    var record: SessionRecord?
    var recordContext = VersionVector()
    var recordVersion: Version?
    var isRevoked = false
    var revocationContext = VersionVector()
    var revocationVersion: Version?
    var index = SessionIndex()
    var ownIndexContext = VersionVector()
    /// The user's sessions.
    var sessions: [SessionSummary] = []
    /// The regions that did not say what they know.
    var silent: [RegionID] = []
    /// What is written, and its version.
    var written: SessionRecord?
    var version: Version?

    init(
        _ origin: Origin, _ body: Body, session: String, client: UInt64 = 0, sequence: UInt64 = 0
    ) {
        self.origin = origin
        self.body = body
        self.session = session
        self.client = client
        self.sequence = sequence
    }

    /// Takes note that a part of the work failed; what may have taken effect outweighs what did not.
    mutating func fail(_ error: ServiceError) {
        if failure.map({ !$0.isIndefinite && error.isIndefinite }) ?? true { failure = error }
    }
}

/// A question that the other nodes were asked, for one call or several.
struct SessionLookup {
    enum Subject {
        case session(String)
        case user(String)
    }

    let subject: Subject
    /// The calls that wait for it.
    var calls: [UInt64]
    let began: Instant
    let deadline: Instant
    /// The nodes that were asked and have not answered.
    var awaited: [NodeID]
    /// The nodes that could not be asked or could not tell.
    var silent: [NodeID]
    /// How many nodes were asked.
    var asked: Int
    /// Whether the calls have their answer.
    var isDecided = false
    /// What regions told of a user's sessions.
    var sessions: [SessionSummary] = []
}
