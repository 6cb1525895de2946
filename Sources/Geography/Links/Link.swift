import Determinism

/// One directed link between two nodes, as a state machine without input or output: it decides
/// when each frame arrives, and what becomes of frames and of the connection when a fault strikes.
///
/// Both engines use it: the process engine in the sending node, which stamps every frame with the
/// due time that the link answers and lets the receiver hold it until then; the virtual engine in
/// its network. The link never sees a payload. Frames that must wait stay with the host, under
/// the tickets that the link hands out.
///
/// ## The model
///
/// - A frame is due after its own delay, however many are under way. With `fifo` no frame is due
///   before one that was offered earlier on the same connection. What has a due time arrives:
///   neither a fault nor the sender's death calls it back.
/// - Bandwidth is a queue: a frame departs when those before it have and its own bits are through.
///   What would wait behind more than ``LinkProfile/queueBytesMax`` is turned away as `full`.
/// - A link that prioritises does the same with a ``BandwidthManager`` in front: what finds the
///   link busy is held, and released when its turn has come, urgent frames first. Each priority
///   has a queue of its own, with a bound. A fault that holds the link holds the frame whose turn
///   it is, and what was held goes back to its queue after the heal.
/// - Loss costs time. A lost frame arrives a round trip later if the traffic is dense enough for
///   a fast retransmit (the frame before it came less than a retransmission timeout ago),
///   otherwise after the timeout; each further loss of the same frame costs a timeout twice as
///   long. If that exceeds the connection timeout, the frame waits for the reset.
/// - A link that is held keeps frames as TCP does: the first of them is sent again 200 ms (or a
///   round trip, if longer) after it was lost, then after twice that pause, and so on. Everything
///   leaves with the first resend after the heal, so some time after the heal; what is offered
///   in between waits behind it.
/// - While acknowledgements are lost, a window of bytes passes and the rest is held.
/// - A frame unacknowledged for longer than the connection timeout resets the connection: what
///   was held is lost. New connections are tried after pauses that double, with jitter, and fail
///   while the link is held, lacks acknowledgements or refuses connections. On a new connection
///   the first frame leaves a round trip (the handshake) after it opened.
/// - The end of a peer is noticed when the news can travel: one way later, and never through a
///   link that is held.
/// - Probes are datagrams beside the connection: they neither wait behind frames nor disturb
///   them, and draw from a stream of their own.
///
/// ## The host's duties
///
/// 1. `start`, once, then any inputs; `now` never runs backwards.
/// 2. Call ``advance(to:into:)`` when ``nextWake`` has come. Read it again after every input.
/// 3. Carry out outputs in their order, before any later input.
public struct Link: Sendable {
    /// The life of the link's connection.
    public enum Connection: Hashable, Sendable {
        /// There is none, and this side does not open one.
        case closed
        /// There is none; this side tries at the instant given.
        case waiting(until: Instant)
        /// The host was asked to open one.
        case connecting
        /// It carries frames.
        case open
        /// The other end is gone, which this side will know at the instant given.
        case gone(since: Instant, noticedAt: Instant)
    }

    struct HeldFrame: Hashable, Sendable {
        var ticket: LinkTicket
        var bytes: Int
        var kind: MessageKind
        var isKeepAlive: Bool
        var priority: TrafficPriority
        var since: Instant
    }

    /// What the link is like without faults.
    public internal(set) var profile: LinkProfile
    /// What the link is like now.
    public internal(set) var effective: EffectiveLink
    /// The faults in force, in the order of the scenario file.
    public internal(set) var conditions: [LinkCondition] = []
    /// What the link did so far.
    public internal(set) var counters = LinkCounters()
    /// The state of the link's connection.
    public internal(set) var connection = Connection.closed

    /// Whether this side opens the connection.
    let dials: Bool
    /// Whether urgent frames go first where bandwidth is short.
    public let prioritises: Bool
    var random: RandomStream
    var lossRandom: RandomStream
    var probeRandom: RandomStream
    var reconnectRandom: RandomStream
    /// The first retransmission timeout.
    var resendPause: TimeSpan

    /// Frames without a due time, in the order of their tickets.
    var held: [HeldFrame] = []
    var heldBytes = 0
    var ticketsGiven: UInt64 = 0
    /// When the oldest frame that lacks its acknowledgement was offered.
    @usableFromInline var unacknowledgedSince: Instant?
    /// Bytes passed since acknowledgements are lost.
    var unacknowledgedBytes = 0
    /// When the held frames leave; never while nothing is known of that.
    @usableFromInline var resendAt = Instant.distantFuture
    /// When the connection's handshake is over.
    var readyAt = Instant.zero
    /// When the bandwidth is free again.
    var busyUntil = Instant.zero
    /// The latest due time on the connection.
    var lastDue = Instant.zero
    var lastOffer: Instant?
    var attempts = 0
    /// Frames that wait for bandwidth, of a link that prioritises.
    var manager = BandwidthManager()
    /// When the next of them, or a piece of it, leaves; never while nothing can.
    @usableFromInline var serveAt = Instant.distantFuture
    /// The latest time that matters for when they leave.
    var latest = Instant.zero

    /// A link like `profile` that draws from `random`. `dials` says whether this side opens the
    /// connection; the other waits for it. `prioritises`: whether urgent frames go first where
    /// bandwidth is short. If all frames have the same priority it must not: it then costs events
    /// and changes nothing but when frames are stamped.
    public init(
        profile: LinkProfile, random: RandomStream, dials: Bool = true, prioritises: Bool = false
    ) {
        self.profile = profile
        self.random = random
        self.dials = dials
        self.prioritises = prioritises
        lossRandom = random.derived("loss")
        probeRandom = random.derived("probe")
        reconnectRandom = random.derived("reconnect")
        effective = profile.under([])
        resendPause = LinkTiming.retransmissionTimeout(roundTrip: effective.roundTrip)
    }

    /// Whether this side takes the connection for open: until the news of its end has come.
    @inlinable
    public var seemsConnected: Bool {
        switch connection {
        case .open, .gone: true
        case .closed, .waiting, .connecting: false
        }
    }

    /// The number of frames that are held.
    public var heldCount: Int { held.count }

    /// Takes in a frame of `bytes` bytes and says what the host is to do with it. A keep-alive
    /// only shows that its sender lives; it travels like any frame but is counted apart.
    public mutating func offer(
        bytes: Int, kind: MessageKind, isKeepAlive: Bool = false,
        priority: TrafficPriority = .normal, now: Instant
    ) -> LinkVerdict {
        if isKeepAlive {
            counters.keepAlivesOffered += 1
        } else {
            counters.framesOffered += 1
        }
        counters.bytesOffered += bytes
        let isDense = lastOffer.map { now - $0 < resendPause } ?? false
        lastOffer = now

        switch connection {
        case .open:
            break
        case .gone:
            if unacknowledgedSince == nil { unacknowledgedSince = now }
            if isKeepAlive {
                counters.keepAlivesStopped += 1
            } else {
                counters.framesOrphaned += 1
            }
            return .lost
        case .closed, .waiting, .connecting:
            if !isKeepAlive { counters.framesUnconnected += 1 }
            return .notConnected
        }
        if manager.count > 0, effective.flow != .dropped {
            return enqueue(bytes, kind, isKeepAlive, priority, now)
        }
        let waitsBehind = !held.isEmpty && profile.ordering == .fifo
        switch effective.flow {
        case .held:
            return hold(bytes, kind, isKeepAlive, priority, now)
        case .dropped where !waitsBehind:
            return drop(isKeepAlive)
        case .open, .dropped:
            break
        }
        if waitsBehind || !fitsWindow(bytes) {
            return hold(bytes, kind, isKeepAlive, priority, now)
        }
        if prioritises, effective.bandwidth != nil,
            busyUntil > now || bytes > BandwidthManager.pieceBytes
        {
            return enqueue(bytes, kind, isKeepAlive, priority, now)
        }
        if isBandwidthFull(bytes, now) { return turnAway(isKeepAlive) }
        guard let due = stamp(bytes, kind, isKeepAlive, isDense: isDense, now) else {
            return hold(bytes, kind, isKeepAlive, priority, now)
        }
        noteUnacknowledged(bytes, now)
        if prioritises { count(bytes, priority, since: now) }
        return .due(due)
    }

    /// Sends a probe, a datagram beside the connection: when it arrives, or `nil` if it is lost.
    public mutating func probe(now: Instant) -> Instant? {
        counters.probesSent += 1
        let isLost = effective.loss > 0 && probeRandom.chance(effective.loss)
        guard effective.flow == .open, !isLost else {
            counters.probesLost += 1
            return nil
        }
        let departure = effective.bandwidth == nil ? now : max(now, busyUntil)
        let kind = Int(MessageKind.other.rawValue)
        return departure + effective.delays[kind].sample(using: &probeRandom)
    }

    /// When ``advance(to:into:)`` has something to do; ``Instant/distantFuture`` if never.
    @inlinable
    public var nextWake: Instant {
        switch connection {
        case .closed, .connecting: .distantFuture
        case .waiting(let until): until
        case .open: min(resendAt, silenceEnds, serveAt)
        case .gone(_, let noticedAt): min(noticedAt, silenceEnds)
        }
    }

    /// Does everything that is due until `now`, in the order of its times.
    public mutating func advance(to now: Instant, into outputs: inout [LinkOutput]) {
        var wake = nextWake
        while wake <= now, wake != .distantFuture {
            switch connection {
            case .closed, .connecting:
                return
            case .waiting:
                tryToConnect(at: wake, into: &outputs)
            case .open:
                if serveAt <= wake {
                    serve(at: wake, into: &outputs)
                } else if resendAt <= wake {
                    releaseHeld(at: wake, into: &outputs)
                } else {
                    tearDown(.silence, at: wake, into: &outputs)
                }
            case .gone(_, let noticedAt):
                let reason = noticedAt <= wake ? LinkResetReason.peerClosed : .silence
                tearDown(reason, at: wake, into: &outputs)
            }
            wake = nextWake
        }
    }
}

extension Link {
    @inlinable var silenceEnds: Instant {
        unacknowledgedSince.map { $0 + profile.connectionTimeout } ?? .distantFuture
    }

    func fitsWindow(_ bytes: Int) -> Bool {
        guard let window = effective.window else { return true }
        return unacknowledgedBytes == 0 || unacknowledgedBytes + bytes <= window
    }

    mutating func noteUnacknowledged(_ bytes: Int, _ now: Instant) {
        guard effective.window != nil else { return }
        unacknowledgedBytes += bytes
        if unacknowledgedSince == nil { unacknowledgedSince = now }
    }

    func isBandwidthFull(_ bytes: Int, _ now: Instant) -> Bool {
        guard let bandwidth = effective.bandwidth, busyUntil > now else { return false }
        let waiting = (busyUntil - now).seconds * Double(bandwidth) / 8
        return waiting + Double(bytes) > Double(profile.queueBytesMax)
    }

    mutating func drop(_ isKeepAlive: Bool) -> LinkVerdict {
        if isKeepAlive {
            counters.keepAlivesStopped += 1
        } else {
            counters.framesDropped += 1
        }
        return .lost
    }

    mutating func turnAway(_ isKeepAlive: Bool) -> LinkVerdict {
        if isKeepAlive {
            counters.keepAlivesStopped += 1
        } else {
            counters.framesTurnedAway += 1
        }
        return .full
    }

    private mutating func hold(
        _ bytes: Int, _ kind: MessageKind, _ isKeepAlive: Bool, _ priority: TrafficPriority,
        _ now: Instant
    ) -> LinkVerdict {
        guard heldBytes + bytes <= profile.queueBytesMax else { return turnAway(isKeepAlive) }
        ticketsGiven += 1
        let ticket = LinkTicket(rawValue: ticketsGiven)
        hold(
            HeldFrame(
                ticket: ticket, bytes: bytes, kind: kind, isKeepAlive: isKeepAlive,
                priority: priority, since: now), now)
        return .held(ticket)
    }

    mutating func hold(_ frame: HeldFrame, _ now: Instant) {
        if frame.isKeepAlive {
            counters.keepAlivesStopped += 1
        } else {
            counters.framesHeld += 1
        }
        held.append(frame)
        heldBytes += frame.bytes
        if unacknowledgedSince == nil { unacknowledgedSince = now }
    }

    /// The due time of a frame that leaves at `now`; `nil` if it is lost so often that its
    /// connection will be given up first.
    private mutating func stamp(
        _ bytes: Int, _ kind: MessageKind, _ isKeepAlive: Bool, isDense: Bool, _ now: Instant
    ) -> Instant? {
        var penalty = TimeSpan.zero
        if effective.loss > 0 {
            guard let delay = lossPenalty(isDense: isDense) else { return nil }
            penalty = delay
        }
        var departure = max(now, readyAt)
        if let bandwidth = effective.bandwidth {
            let transmission = TimeSpan.seconds(Double(bytes) * 8 / Double(bandwidth))
            departure = max(departure, busyUntil) + transmission
            busyUntil = departure
        }
        return arrival(bytes, kind, isKeepAlive, leaving: departure, penalty)
    }

    /// The due time of a frame whose last bit leaves at `departure`.
    mutating func arrival(
        _ bytes: Int, _ kind: MessageKind, _ isKeepAlive: Bool, leaving departure: Instant,
        _ penalty: TimeSpan
    ) -> Instant {
        if penalty > .zero, !isKeepAlive { counters.framesResent += 1 }
        let delay = effective.delays[Int(kind.rawValue)].sample(using: &random)
        var due = departure + delay + penalty
        if profile.ordering == .fifo {
            due = max(due, lastDue)
            lastDue = due
        }
        if !isKeepAlive {
            counters.framesStamped += 1
            if effective.isImpaired { counters.framesImpaired += 1 }
        }
        counters.bytesStamped += bytes
        return due
    }

    mutating func lossPenalty(isDense: Bool) -> TimeSpan? {
        var losses = 0
        while lossRandom.chance(effective.loss) {
            losses += 1
            if losses > 16 { return nil }
        }
        if losses == 0 { return .zero }
        let penalty = LinkTiming.penalty(
            losses: losses, isDense: isDense, roundTrip: effective.roundTrip)
        return penalty < profile.connectionTimeout ? penalty : nil
    }

    /// Gives due times to the held frames, in order, as far as they pass.
    private mutating func releaseHeld(at now: Instant, into outputs: inout [LinkOutput]) {
        resendAt = .distantFuture
        if prioritises, effective.bandwidth != nil {
            return returnHeldToQueues(at: now)
        }
        var released = 0
        for frame in held {
            guard fitsWindow(frame.bytes),
                let due = stamp(frame.bytes, frame.kind, frame.isKeepAlive, isDense: true, now)
            else { break }
            noteUnacknowledged(frame.bytes, now)
            heldBytes -= frame.bytes
            released += 1
            outputs.append(.release(frame.ticket, due: due))
        }
        held.removeFirst(released)
        if effective.window == nil {
            // What was resent is acknowledged; what is still held was lost once more just now.
            unacknowledgedSince = held.isEmpty ? nil : now
        }
        // What waits behind the held ones.
        scheduleService()
    }
}
