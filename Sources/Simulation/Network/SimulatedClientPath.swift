import DequeModule
import Determinism
import Geography
import Replication
import Workloads

/// The way from the clients beside one region to one node in virtual time: a connection over a
/// link there and a link back. No fault between regions touches it.
final class SimulatedClientPath {
    /// A request that the path holds, under its ticket.
    struct HeldRequest {
        var ticket: LinkTicket
        var send: ClientSend
    }

    /// An answer that the path holds, under its ticket.
    struct HeldReply {
        var ticket: LinkTicket
        var attempt: AttemptID
        var reply: ClientReply
    }

    /// The position of the node in the engine's list.
    let node: Int
    var requests: Link
    var replies: Link
    /// Whether the node's process listens.
    var isThere = false
    /// The connection: counts up with each one that opens.
    var connection: UInt32 = 0
    var isOpen = false
    /// The launch of the node that the connection leads to.
    var launch: UInt32 = 0
    /// The attempt to connect that waits for the node's Hello; 0: none.
    var isOpening = false
    var wakeDue = Instant.distantFuture
    private var held: Deque<HeldRequest> = []
    private var heldReplies: Deque<HeldReply> = []
    /// The latest times given to the links, which must not run backwards.
    private var latestRequest = Instant.zero
    private var latestReply = Instant.zero

    init(node: Int, forth: LinkProfile, back: LinkProfile, seed: UInt64, name: String) {
        self.node = node
        requests = Link(
            profile: forth, random: RandomStream(seed: seed, name: "client path/\(name)"))
        replies = Link(
            profile: back, random: RandomStream(seed: seed, name: "client path back/\(name)"),
            dials: false)
    }

    var nextWake: Instant { min(requests.nextWake, replies.nextWake) }

    func requestTime(_ now: Instant) -> Instant {
        latestRequest = max(latestRequest, now)
        return latestRequest
    }

    func replyTime(_ now: Instant) -> Instant {
        latestReply = max(latestReply, now)
        return latestReply
    }

    /// How long it takes until a client knows of a refusal.
    var roundTrip: TimeSpan { requests.profile.delay.typical + requests.profile.returnDelay }

    func hold(_ request: HeldRequest) { held.append(request) }
    func hold(_ reply: HeldReply) { heldReplies.append(reply) }

    func releaseRequest(_ ticket: LinkTicket) -> ClientSend? {
        while let first = held.first, first.ticket <= ticket {
            held.removeFirst()
            if first.ticket == ticket { return first.send }
        }
        return nil
    }

    func releaseReply(_ ticket: LinkTicket) -> HeldReply? {
        while let first = heldReplies.first, first.ticket <= ticket {
            heldReplies.removeFirst()
            if first.ticket == ticket { return first }
        }
        return nil
    }

    func forgetHeld() {
        held.removeAll()
        heldReplies.removeAll()
    }

    func forgetHeldReplies() { heldReplies.removeAll() }
}
