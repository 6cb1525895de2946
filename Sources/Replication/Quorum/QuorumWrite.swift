import Determinism

/// A write that waits for acknowledgements.
struct QuorumWrite {
    /// Which of this member's writes it is.
    let number: UInt64
    /// The record that holds it here.
    let position: JournalPosition
    let handle: RequestHandle
    /// What to answer when enough members have it.
    let reply: ClientReply
    let deadline: Instant
    /// The members that have it on disk.
    private(set) var holders: [MemberID] = []

    init(
        _ number: UInt64, at position: JournalPosition, _ handle: RequestHandle,
        _ reply: ClientReply, until deadline: Instant
    ) {
        self.number = number
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
