import Determinism
import Geography
import NIOCore
import Replication
import Wire
import Workloads

/// The way from the clients beside one region to one node: a TCP connection, with the delay of
/// the path on top.
///
/// Requests are stamped with the time at which they arrive and held by the node until then; an
/// answer carries the time at which it was sent, and is held here for as long as its way back
/// takes. Used on the engine's event loop alone.
final class ClientPath: FrameReceiver {
    /// What became of an attempt, and when its client may know.
    typealias Deliver = (_ event: ClientEvent, _ due: Instant) -> Void

    let region: RegionID
    let node: NodeID
    private let eventLoop: any EventLoop
    private let token: String
    private let deliver: Deliver
    private var address: SocketAddress?
    private var requests: Link
    private var replies: Link
    private var outputs: [LinkOutput] = []
    private var channel: (any Channel)?
    private var isOpening = false
    private var writer = FrameWriter()
    private var waitsToFlush = false
    /// Requests that the path holds, by ticket.
    private var held: [LinkTicket: (attempt: AttemptID, group: GroupID, payload: [UInt8])] = [:]
    /// Answers that the path holds, by ticket.
    private var heldReplies: [LinkTicket: (attempt: AttemptID, reply: ClientReply)] = [:]
    /// Attempts that were sent and not answered.
    private var underWay: Set<AttemptID> = []
    /// The latest time given to ``replies``, which must not run backwards.
    private var repliesNow = Instant.zero

    init(
        region: RegionID, node: NodeID, forth: LinkProfile, back: LinkProfile, seed: UInt64,
        name: String, token: String, eventLoop: any EventLoop, deliver: @escaping Deliver
    ) {
        self.region = region
        self.node = node
        self.eventLoop = eventLoop
        self.token = token
        self.deliver = deliver
        requests = Link(
            profile: forth, random: RandomStream(seed: seed, name: "client path/\(name)"))
        replies = Link(
            profile: back, random: RandomStream(seed: seed, name: "client path back/\(name)"),
            dials: false)
    }

    /// When ``wake(at:)`` has something to do.
    var nextWake: Instant { min(requests.nextWake, replies.nextWake) }

    /// The node listens here now; a connection is opened at once.
    func nodeIs(at address: SocketAddress, now: Instant) {
        self.address = address
        if case .closed = requests.connection {
            requests.start(now: now, into: &outputs)
        } else {
            requests.advance(to: now, into: &outputs)
        }
        carryOut(now)
    }

    /// The node has no process any more.
    func nodeIsGone() { address = nil }

    func setConditions(_ conditions: [LinkCondition], now: Instant) {
        requests.setConditions(conditions, now: now, into: &outputs)
        carryOut(now)
        repliesNow = max(repliesNow, now)
        replies.setConditions(conditions, now: repliesNow, into: &outputs)
        carryOutReplies()
    }

    func wake(at now: Instant) {
        requests.advance(to: now, into: &outputs)
        carryOut(now)
        repliesNow = max(repliesNow, now)
        replies.advance(to: repliesNow, into: &outputs)
        carryOutReplies()
    }

    func send(_ send: ClientSend, now: Instant) {
        let payload = send.request.encoded
        let size = Frame.prefixBytes + Frame.headerBytes + payload.count
        let kind: MessageKind = send.request.isRead ? .read : .write
        switch requests.offer(bytes: size, kind: kind, now: now) {
        case .due(let due):
            underWay.insert(send.attempt)
            write(payload, send.attempt, send.group, due)
        case .held(let ticket):
            underWay.insert(send.attempt)
            held[ticket] = (send.attempt, send.group, payload)
        case .lost:
            underWay.insert(send.attempt)
        case .full:
            fail(send.attempt, definite: true, "the path is full", now + roundTrip)
        case .notConnected:
            // Nothing was sent; the client learns of it when a refusal could be back.
            fail(send.attempt, definite: true, "connection refused", now + roundTrip)
        }
    }

    func abandon(_ attempt: AttemptID) { underWay.remove(attempt) }

    func close() {
        let closing = channel
        channel = nil
        address = nil
        closing?.close(promise: nil)
    }

    private var roundTrip: TimeSpan {
        requests.profile.delay.typical + requests.profile.returnDelay
    }

    private func fail(_ attempt: AttemptID, definite: Bool, _ reason: String, _ due: Instant) {
        underWay.remove(attempt)
        deliver(.attemptFailed(attempt, definite: definite, reason: reason), due)
    }

    // MARK: What the links ask for

    private func carryOut(_ now: Instant) {
        while !outputs.isEmpty {
            let batch = outputs
            outputs.removeAll(keepingCapacity: true)
            for output in batch {
                switch output {
                case .release(let ticket, let due):
                    if let request = held.removeValue(forKey: ticket) {
                        write(request.payload, request.attempt, request.group, due)
                    }
                case .discard(let ticket): held[ticket] = nil
                case .reset(let reason): connectionIsOver(reason, now)
                case .connect: connect(now)
                }
            }
        }
    }

    private func carryOutReplies() {
        var hasNodeGivenUp = false
        while !outputs.isEmpty {
            let batch = outputs
            outputs.removeAll(keepingCapacity: true)
            for output in batch {
                switch output {
                case .release(let ticket, let due):
                    if let held = heldReplies.removeValue(forKey: ticket) {
                        deliver(.reply(held.attempt, held.reply), due)
                    }
                case .discard(let ticket): heldReplies[ticket] = nil
                case .reset(let reason):
                    heldReplies.removeAll()
                    if reason == .silence { hasNodeGivenUp = true }
                case .connect: break
                }
            }
        }
        guard hasNodeGivenUp else { return }
        // There is one connection for both ways: the clients' end is dead, too.
        let now = MonotonicClock.now
        requests.connectionLost(now: now, into: &outputs)
        carryOut(now)
    }

    private func connectionIsOver(_ reason: LinkResetReason, _ now: Instant) {
        let closing = channel
        channel = nil
        closing?.close(promise: nil)
        held.removeAll()
        heldReplies.removeAll()
        let why: String
        switch reason {
        case .silence: why = "connection timed out"
        case .injected, .peerClosed, .superseded: why = "connection lost"
        }
        for attempt in underWay.sorted(by: { $0.rawValue < $1.rawValue }) {
            fail(attempt, definite: false, why, now)
        }
    }

    private func connect(_ now: Instant) {
        guard let address, !isOpening else {
            requests.connectionFailed(now: now, into: &outputs)
            return
        }
        isOpening = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        FrameHandler.connect(self, .client, token: token, to: address, eventLoop: eventLoop)
            .whenFailure { _ in bound.value.connectionFailed() }
    }

    private func connectionFailed() {
        guard isOpening else { return }
        isOpening = false
        let now = MonotonicClock.now
        requests.connectionFailed(now: now, into: &outputs)
        carryOut(now)
    }

    // MARK: The connection

    /// The node accepted the Hello.
    func opened(_ channel: any Channel) {
        isOpening = false
        let now = MonotonicClock.now
        guard requests.connectionOpened(now: now, into: &outputs) else {
            channel.close(promise: nil)
            carryOut(now)
            return
        }
        self.channel = channel
        carryOut(now)
        repliesNow = max(repliesNow, now)
        _ = replies.connectionOpened(now: repliesNow, into: &outputs)
        carryOutReplies()
    }

    func ended(_ ended: any Channel, reason: String) {
        let now = MonotonicClock.now
        if isOpening {
            connectionFailed()
        } else if let channel, channel === ended {
            self.channel = nil
            requests.connectionLost(now: now, into: &outputs)
            carryOut(now)
        }
    }

    func received(_ frame: Frame) {
        guard frame.type == .clientReply else { return }
        let attempt = AttemptID(rawValue: frame.envelope.request)
        guard underWay.remove(attempt) != nil else { return }
        guard let reply = try? ClientReply.decoded(frame.payload) else {
            fail(attempt, definite: false, "an answer that cannot be read", MonotonicClock.now)
            return
        }
        repliesNow = max(repliesNow, Instant(nanoseconds: frame.envelope.due))
        let size = Frame.prefixBytes + Frame.headerBytes + frame.payload.count
        switch replies.offer(bytes: size, kind: .readReply, now: repliesNow) {
        case .due(let due): deliver(.reply(attempt, reply), due)
        case .held(let ticket): heldReplies[ticket] = (attempt, reply)
        case .lost, .full, .notConnected: break
        }
    }

    private func write(_ payload: [UInt8], _ attempt: AttemptID, _ group: GroupID, _ due: Instant) {
        let envelope = Envelope(
            scope: group.index, request: attempt.rawValue, trace: attempt.rawValue,
            due: due.nanoseconds)
        do {
            try writer.write(.clientRequest, envelope, payload: payload)
        } catch {
            fail(attempt, definite: true, "\(error)", MonotonicClock.now)
            return
        }
        guard !waitsToFlush else { return }
        waitsToFlush = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.flush() }
    }

    /// Sends everything that was written in this turn of the loop together.
    private func flush() {
        waitsToFlush = false
        guard !writer.isEmpty else { return }
        let bytes = writer.take()
        channel?.writeAndFlush(bytes, promise: nil)
    }
}
