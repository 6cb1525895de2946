import Determinism

/// A read that waits for answers, or a write that waits for the latest version first.
struct QuorumRead {
    /// What is done with what was read.
    enum Purpose {
        /// It is the answer to this request.
        case answer(RequestHandle)
        /// The write that comes after it.
        case write(Operation, VersionVector, RequestHandle)
    }

    /// How far it is.
    enum Phase: Hashable {
        /// Answers are awaited.
        case asking
        /// What is to be returned is written back to those that lack it.
        case writingBack
        /// The request is answered; late answers may show who is to be repaired.
        case repairing
        /// Nothing is left to do.
        case done
    }

    /// What a member holds; `nil`: nothing.
    struct Answer {
        var member: MemberID
        var entry: VersionedEntry?
    }

    let number: UInt64
    let key: Key
    let purpose: Purpose
    let deadline: Instant
    var phase = Phase.asking
    /// The members asked, this one apart.
    var asked: [MemberID] = []
    /// What the members answered, this one first.
    var answers: [Answer]
    /// When others are asked, too.
    var askMoreAt = Instant.distantFuture
    /// What is to be returned, once enough answers are here.
    var result: VersionedEntry?
    /// The members known to have the result on disk.
    var holders: [MemberID] = []

    /// When it wants to be looked at.
    var nextStep: Instant { min(deadline, phase == .asking ? askMoreAt : .distantFuture) }

    /// All that the members told together.
    func merged(by resolver: ConflictResolver) -> VersionedEntry? {
        var met: [ConflictResolver.Meeting] = []
        return answers.reduce(nil) { known, answer in
            guard let known else { return answer.entry }
            return answer.entry.map { resolver.merge(known, $0, met: &met) } ?? known
        }
    }

    /// Takes note that `member` has the result on disk.
    mutating func hold(by member: MemberID) {
        if phase == .writingBack, !holders.contains(member) { holders.append(member) }
    }
}
