import Determinism

/// What a node of the failover manager knows of the members, and what it is about while it is the
/// one that acts.
struct FailoverManager: Sendable {
    /// When each member was last heard, by node, and what it said.
    private(set) var heard: [Heard] = []
    /// Since when this node acts.
    var actingSince: Instant?
    /// What is decided, as far as this node knows for sure; `nil`: it is to ask.
    var known: Configuration?
    /// When it became known or was decided.
    var knownSince: Instant = .zero
    /// When this node last looked at what is to be done.
    var lastLook: Instant = .zero
    /// When this node had a primary promoted.
    var promotedAt: Instant?
    /// Whom an operator wants promoted by the election that is being put to the managers.
    var nextTarget: MemberID?
    /// When a lease was last granted, by this node.
    var lastGrant: Instant?
    var election: Election?
    /// What was asked of the managers' group and is not answered.
    var questions: [Question] = []

    struct Heard: Sendable {
        var member: MemberID
        var at: Instant
        var beat: Beat
    }

    /// A primary is being chosen.
    struct Election: Sendable {
        var epoch: Term
        var began: Instant
        /// The primary before.
        var former: MemberID?
        /// Who is to be promoted, if an operator said so.
        var target: MemberID?
        /// Where the logs end of those that follow nobody before this epoch.
        var ends: [End] = []
        /// Whether the choice was put to the managers.
        var isDecided = false
        var hasWaitedForLease = false
        var hasWaitedForMembers = false
    }

    struct End: Sendable {
        var member: MemberID
        var lastEpoch: Term
        var lastIndex: LogIndex
    }

    /// What an answer of the managers' group is for.
    struct Question: Sendable {
        var number: UInt64
        var purpose: Purpose
        enum Purpose: Sendable {
            /// To know what is decided.
            case learn
            /// To be sure that this node still acts, for a lease.
            case confirm(MemberID, Beat)
            /// To decide this.
            case decide(Configuration)
        }
    }

    mutating func hear(_ beat: Beat, from member: MemberID, at now: Instant) {
        let new = Heard(member: member, at: now, beat: beat)
        if let place = heard.firstIndex(where: { $0.member.node == member.node }) {
            if heard[place].member <= member { heard[place] = new }
        } else {
            heard.append(new)
        }
    }

    /// When `member` was last heard, in this life.
    func heardAt(_ member: MemberID) -> Instant? {
        heard.first { $0.member == member }?.at
    }

    /// This node acts no more.
    mutating func resign() {
        actingSince = nil
        known = nil
        promotedAt = nil
        nextTarget = nil
        lastGrant = nil
        election = nil
        questions = []
    }
}
