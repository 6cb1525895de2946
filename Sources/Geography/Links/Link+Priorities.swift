import Determinism

/// Urgent frames first: what a link does with the queues of its ``BandwidthManager``.
extension Link {
    /// Takes a frame into the queue of its priority.
    mutating func enqueue(
        _ bytes: Int, _ kind: MessageKind, _ isKeepAlive: Bool, _ priority: TrafficPriority,
        _ now: Instant
    ) -> LinkVerdict {
        // Each priority has a bound for itself: what is less urgent must not keep out what is more
        // so.
        let waiting = manager.bytes(of: priority)
        guard waiting + bytes <= (waiting == 0 ? profile.queueBytesMax : queueBytesMax) else {
            return turnAway(isKeepAlive)
        }
        if !isKeepAlive { counters.framesQueued += 1 }
        ticketsGiven += 1
        let ticket = LinkTicket(rawValue: ticketsGiven)
        manager.append(
            BandwidthManager.Waiting(
                ticket: ticket, bytes: bytes, kind: kind, isKeepAlive: isKeepAlive,
                priority: priority, since: now, remaining: bytes))
        latest = max(latest, now)
        scheduleService()
        return .held(ticket)
    }

    /// The most bytes that wait with one priority behind the first frame: what the link carries
    /// in the connection timeout. More would only fill with what senders have repeated meanwhile,
    /// for want of an answer; on a real connection they would be blocked by then.
    private var queueBytesMax: Int {
        guard let bandwidth = effective.bandwidth else { return profile.queueBytesMax }
        let carried = Double(bandwidth) / 8 * profile.connectionTimeout.seconds
        return min(profile.queueBytesMax, Int(min(carried, Double(Limits.linkQueueBytesMax))))
    }

    /// Says when the next piece leaves, after anything that has a part in that has changed.
    mutating func scheduleService() {
        if manager.count == 0 || isStalled {
            serveAt = .distantFuture
        } else if effective.bandwidth == nil || effective.flow == .held {
            serveAt = max(latest, readyAt)
        } else {
            serveAt = max(busyUntil, readyAt)
        }
    }

    /// Whether what waits must wait for what is held.
    private var isStalled: Bool {
        !held.isEmpty && (profile.ordering == .fifo || effective.flow == .held)
    }

    /// Sends the next piece of what waits or, if the bandwidth is not bounded any more, a whole
    /// frame. `wake` may lie before the frame was offered: a host may be late.
    mutating func serve(at wake: Instant, into outputs: inout [LinkOutput]) {
        latest = max(latest, wake)
        defer { scheduleService() }
        if effective.flow == .held {
            // It leaves and is lost like everything that is sent into a link that is cut.
            if let frame = manager.takeNext() { hold(frame, at: wake) }
            return
        }
        guard let bandwidth = effective.bandwidth else {
            guard let frame = manager.takeNext() else { return }
            return finish(frame, at: max(wake, max(frame.since, readyAt)), into: &outputs)
        }
        guard let (bytes, frame, isLast) = manager.sendPiece() else { return }
        let transmission = TimeSpan.seconds(Double(bytes) * 8 / Double(bandwidth))
        busyUntil = max(max(busyUntil, readyAt), frame.since) + transmission
        if isLast { finish(frame, at: busyUntil, into: &outputs) }
    }

    private mutating func hold(_ frame: BandwidthManager.Waiting, at now: Instant) {
        hold(
            HeldFrame(
                ticket: frame.ticket, bytes: frame.bytes, kind: frame.kind,
                isKeepAlive: frame.isKeepAlive, priority: frame.priority, since: frame.since), now)
    }

    /// A frame's last bit leaves at `departure`.
    private mutating func finish(
        _ frame: BandwidthManager.Waiting, at departure: Instant, into outputs: inout [LinkOutput]
    ) {
        if effective.flow == .dropped {
            _ = drop(frame.isKeepAlive)
            outputs.append(.discard(frame.ticket))
            return
        }
        var penalty = TimeSpan.zero
        if effective.loss > 0 {
            guard let delay = lossPenalty(isDense: true) else { return hold(frame, at: departure) }
            penalty = delay
        }
        guard fitsWindow(frame.bytes) else { return hold(frame, at: departure) }
        let due = arrival(
            frame.bytes, frame.kind, frame.isKeepAlive, leaving: departure, penalty)
        noteUnacknowledged(frame.bytes, departure)
        count(frame.bytes, frame.priority, since: frame.since, departure)
        outputs.append(.release(frame.ticket, due: due))
    }

    /// After a heal: what was held waits again, before what came after it.
    mutating func returnHeldToQueues(at now: Instant) {
        manager.prepend(
            held.map { frame in
                BandwidthManager.Waiting(
                    ticket: frame.ticket, bytes: frame.bytes, kind: frame.kind,
                    isKeepAlive: frame.isKeepAlive, priority: frame.priority, since: now,
                    remaining: frame.bytes)
            })
        held.removeAll(keepingCapacity: true)
        heldBytes = 0
        if effective.window == nil { unacknowledgedSince = nil }
        latest = max(latest, now)
        scheduleService()
    }

    /// Counts a frame that has left the narrow link for what it met there.
    mutating func count(
        _ bytes: Int, _ priority: TrafficPriority, since offered: Instant,
        _ departure: Instant? = nil
    ) {
        guard effective.bandwidth != nil else { return }
        counters.count(
            priority, bytes: bytes,
            nanoseconds: Int(((departure ?? busyUntil) - offered).nanoseconds))
    }
}
