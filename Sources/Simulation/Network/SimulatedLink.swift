import Determinism
import Geography
import RegionCore
import Replication

/// The way from one node to another in virtual time: the link model, the life of its connection,
/// and the messages that the model holds back.
///
/// It begins with the sender's process and ends with it.
final class SimulatedLink {
    /// A message that the link holds, under its ticket.
    struct HeldMessage {
        var group: GroupID
        var message: HostedMessage
        var trace: UInt64
    }

    /// The positions of both ends in the engine's list of nodes.
    let source: Int
    let target: Int
    let targetID: NodeID
    var link: Link
    /// Whether the sender was told where the other end listens.
    var isAddressKnown = false
    /// The life of the other end, as its last Hello said.
    var member: MemberID?
    /// The launch of the other end that the connection leads to.
    var targetLaunch: UInt32 = 0
    /// The attempt to connect that waits for the other end's Hello; 0: none.
    var attempt: UInt32 = 0
    var attemptsMade: UInt32 = 0
    /// When the engine will wake the link.
    var wakeDue = Instant.distantFuture
    /// The latest time given to ``link``, which must not run backwards: what a node sends while
    /// its processor is busy leaves when that is done.
    private var latest = Instant.zero
    private var held = TicketTable<HeldMessage>()

    init(source: Int, target: Int, targetID: NodeID, link: Link) {
        self.source = source
        self.target = target
        self.targetID = targetID
        self.link = link
    }

    /// `now`, or the latest time given before.
    @inline(__always)
    func time(_ now: Instant) -> Instant {
        if now > latest { latest = now }
        return latest
    }

    func hold(_ message: HeldMessage, under ticket: LinkTicket) {
        held.insert(message, under: ticket)
    }

    /// The message under `ticket`, which is kept no more.
    func release(_ ticket: LinkTicket) -> HeldMessage? { held.remove(ticket) }

    func forgetHeld() { held.removeAll() }
}
