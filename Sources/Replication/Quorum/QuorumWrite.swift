import Determinism

/// A write that waits for acknowledgements.
struct QuorumWrite {
    /// Which of this member's writes it is.
    let number: UInt64
    let key: Key
    /// The record that holds it here.
    let position: JournalPosition
    let handle: RequestHandle
    /// What to answer when enough members have it.
    let reply: ClientReply
    let deadline: Instant
    /// When others are to stand in for members that lack it.
    var standInAt: Instant
    /// Whether a coordinator without a replica counts itself in the place of a member.
    var countsCoordinator = false
    /// The members that have it on disk, and who stands in for others.
    private(set) var holders: [MemberID] = []

    init(
        _ number: UInt64, of key: Key, at position: JournalPosition, _ handle: RequestHandle,
        _ reply: ClientReply, until deadline: Instant, standInAt: Instant
    ) {
        self.number = number
        self.key = key
        self.standInAt = standInAt
        self.position = position
        self.handle = handle
        self.reply = reply
        self.deadline = deadline
    }

    /// Takes note that `member` has it on disk.
    mutating func acknowledge(by member: MemberID) {
        if !holders.contains(member) { holders.append(member) }
    }
}
