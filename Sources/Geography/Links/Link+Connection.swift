import Determinism

/// The life of a link's connection, and the faults on it.
extension Link {
    /// The link comes into use: the side that dials asks for a connection at once.
    public mutating func start(now: Instant, into outputs: inout [LinkOutput]) {
        guard connection == .closed, dials else { return }
        connection = .waiting(until: now)
        advance(to: now, into: &outputs)
    }

    /// Puts these faults in force, in the order of the scenario file, in place of all before.
    public mutating func setConditions(
        _ conditions: [LinkCondition], now: Instant, into outputs: inout [LinkOutput]
    ) {
        set(profile: profile, conditions: conditions, now: now, into: &outputs)
    }

    /// Changes what the link is like without faults. Frames that are stamped keep their due
    /// times.
    public mutating func setProfile(
        _ profile: LinkProfile, now: Instant, into outputs: inout [LinkOutput]
    ) {
        set(profile: profile, conditions: conditions, now: now, into: &outputs)
    }

    /// A connection was opened, by this side or by the other. If there was one already, the new
    /// one takes its place. `false` if the link's conditions forbid new connections: the host
    /// then closes the newcomer and tells nobody; a connection that lives goes on.
    public mutating func connectionOpened(
        now: Instant, into outputs: inout [LinkOutput]
    ) -> Bool {
        advance(to: now, into: &outputs)
        guard effective.allowsConnections else {
            counters.connectionsPrevented += 1
            if connection == .connecting { waitForNextAttempt(from: now) }
            return false
        }
        switch connection {
        case .open, .gone:
            tearDown(.superseded, at: now, into: &outputs)
        case .closed, .waiting, .connecting:
            break
        }
        connection = .open
        attempts = 0
        readyAt = now + effective.roundTrip
        lastDue = .zero
        return true
    }

    /// The connection that the host was asked for could not be opened.
    public mutating func connectionFailed(now: Instant, into outputs: inout [LinkOutput]) {
        advance(to: now, into: &outputs)
        guard connection == .connecting else { return }
        waitForNextAttempt(from: now)
    }

    /// The other end closed the connection, or died. The sender does not know at once: the news
    /// takes the way back, and while the link is cut at the packet layer it waits for a resend
    /// after the heal. A ``LinkOutput/reset(_:)`` says when the sender knows.
    public mutating func connectionLost(now: Instant, into outputs: inout [LinkOutput]) {
        advance(to: now, into: &outputs)
        switch connection {
        case .open:
            let noticed = isCut ? Instant.distantFuture : now + profile.returnDelay
            connection = .gone(since: now, noticedAt: noticed)
            advance(to: now, into: &outputs)
        case .connecting:
            waitForNextAttempt(from: now)
        case .closed, .waiting, .gone:
            break
        }
    }

    /// Tears the connection down, as the fault `reset` does. Without a connection nothing
    /// happens.
    public mutating func reset(now: Instant, into outputs: inout [LinkOutput]) {
        advance(to: now, into: &outputs)
        switch connection {
        case .open, .gone:
            counters.resetsInjected += 1
            tearDown(.injected, at: now, into: &outputs)
        case .closed, .waiting, .connecting:
            break
        }
    }
}

extension Link {
    /// Whether acknowledgements, and the news of the peer's end, do not come through.
    private var isCut: Bool { effective.flow == .held || effective.window != nil }

    private mutating func set(
        profile: LinkProfile, conditions: [LinkCondition], now: Instant,
        into outputs: inout [LinkOutput]
    ) {
        advance(to: now, into: &outputs)
        let before = effective
        self.profile = profile
        self.conditions = conditions
        effective = profile.under(conditions)
        resendPause = LinkTiming.retransmissionTimeout(roundTrip: profile.under([]).roundTrip)
        if case .gone(let since, let noticedAt) = connection {
            rescheduleNotice(since, noticedAt, now)
        } else {
            rescheduleResend(before, now)
        }
        latest = max(latest, now)
        scheduleService()
        advance(to: now, into: &outputs)
    }

    private mutating func rescheduleResend(_ before: EffectiveLink, _ now: Instant) {
        if effective.flow == .held {
            resendAt = .distantFuture
            return
        }
        if effective.window == nil { unacknowledgedBytes = 0 }
        guard let since = unacknowledgedSince, !held.isEmpty else {
            if effective.window == nil { unacknowledgedSince = nil }
            return
        }
        let wasHeld = before.flow == .held
        guard resendAt == .distantFuture, effective.window == nil || wasHeld else { return }
        resendAt = LinkTiming.nextResend(start: since, first: resendPause, notBefore: now)
        if before.window != nil, !wasHeld {
            // The window was full: the resend must be acknowledged before more may leave.
            resendAt = resendAt + effective.roundTrip
        }
    }

    private mutating func rescheduleNotice(
        _ since: Instant, _ noticedAt: Instant, _ now: Instant
    ) {
        if isCut {
            connection = .gone(since: since, noticedAt: .distantFuture)
        } else if noticedAt == .distantFuture {
            let resent = LinkTiming.nextResend(start: since, first: resendPause, notBefore: now)
            connection = .gone(since: since, noticedAt: resent + profile.returnDelay)
        }
    }

    mutating func tryToConnect(at now: Instant, into outputs: inout [LinkOutput]) {
        if effective.allowsConnections {
            connection = .connecting
            outputs.append(.connect)
        } else {
            counters.connectionsPrevented += 1
            waitForNextAttempt(from: now)
        }
    }

    private mutating func waitForNextAttempt(from now: Instant) {
        guard dials else {
            connection = .closed
            return
        }
        attempts += 1
        let pause = LinkTiming.reconnectPause(attempt: attempts, using: &reconnectRandom)
        connection = .waiting(until: now + pause)
    }

    mutating func tearDown(
        _ reason: LinkResetReason, at now: Instant, into outputs: inout [LinkOutput]
    ) {
        counters.resets += 1
        for frame in held where !frame.isKeepAlive { counters.framesLostInReset += 1 }
        held.removeAll(keepingCapacity: held.count <= 1024)
        heldBytes = 0
        if manager.count > 0 { counters.framesLostInReset += manager.removeAll() }
        serveAt = .distantFuture
        unacknowledgedSince = nil
        unacknowledgedBytes = 0
        resendAt = .distantFuture
        outputs.append(.reset(reason))
        waitForNextAttempt(from: now)
    }
}
