import Determinism
import Geography
import Replication

/// The way from this node to another: the link model, the connection that carries it, and the
/// frames that the model holds back.
///
/// Used on the event loop only.
final class PeerLink: @unchecked Sendable {
    /// A message that the link holds, under its ticket.
    struct HeldMessage {
        var group: GroupID
        var message: any ReplicaMessage
    }

    let target: NodeID
    var link: Link
    /// Where the other end listens; unknown until somebody says so.
    var address: PeerAddress?
    /// The life of the other end, as its last Hello said.
    var member: MemberID?
    /// The connection, once the link counts it as open.
    var connection: Connection?
    /// The connection that is being opened. An attempt that is not the current one is stale.
    var attempt: UInt64 = 0
    private var held = TicketTable<HeldMessage>()

    init(target: NodeID, link: Link) {
        self.target = target
        self.link = link
    }

    func hold(_ message: any ReplicaMessage, group: GroupID, ticket: LinkTicket) {
        held.insert(HeldMessage(group: group, message: message), under: ticket)
    }

    /// The message under `ticket`, which is kept no more.
    func release(_ ticket: LinkTicket) -> HeldMessage? { held.remove(ticket) }

    func forgetHeld() { held.removeAll() }
}
