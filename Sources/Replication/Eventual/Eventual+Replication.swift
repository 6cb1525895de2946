import Determinism

/// Own writes on their way to every other member, until it has them on disk.
extension Eventual {
    /// Sends what is due over a link, and again what was not acknowledged.
    func replicate(to index: Int, _ now: NodeTime, _ output: inout Output) {
        guard serves, links[index].isConnected else { return }
        resend(to: index, now, &output)
        if links[index].next < log.first { links[index].next = log.first }
        var isPaced = true
        while canSend(links[index], isPaced: isPaced, now) {
            isPaced = false
            let batch = nextBatch(from: links[index].next)
            guard case .writes(let writes) = batch.body else { return }
            let patience = links[index].patience
            links[index].inFlight.append(
                PeerLink.Batch(
                    range: writes.range, bytes: batch.encodedSize, sent: now.monotonic,
                    deadline: now.monotonic + patience))
            links[index].next = writes.range.upperBound + 1
            links[index].lastSent = now.monotonic
            output.send(batch, to: links[index].member, .onceDurable)
        }
    }

    /// When the link wants to be looked at again.
    func replicationWake(_ link: PeerLink) -> Instant {
        guard link.isConnected else { return .distantFuture }
        var earliest = link.inFlight.reduce(Instant.distantFuture) { min($0, $1.deadline) }
        if link.next < log.end, hasRoom(link) { earliest = min(earliest, sendTime(link)) }
        return earliest
    }

    private func hasRoom(_ link: PeerLink) -> Bool {
        link.inFlight.count < EventualOptions.windowBatchesMax
            && link.inFlightBytes < EventualOptions.windowBytesMax
            && (link.timeouts == 0 || link.inFlight.isEmpty)
    }

    /// When the next write may be sent: when it is due, and the pace allows.
    private func sendTime(_ link: PeerLink) -> Instant {
        let due = log[max(link.next, log.first)].due
        guard let lastSent = link.lastSent else { return due }
        return max(due, lastSent + EventualOptions.pace)
    }

    /// Whether the next write may be sent: it is due, there is room, and, for the first message
    /// of one go, the pace allows it.
    private func canSend(_ link: PeerLink, isPaced: Bool, _ now: NodeTime) -> Bool {
        guard link.next < log.end, hasRoom(link) else { return false }
        return (isPaced ? sendTime(link) : log[link.next].due) <= now.monotonic
    }

    /// The message with the writes from `first` that are due; at least with that one. The entry
    /// of a key that several of them touched is in it once, as it is now.
    private func nextBatch(from first: UInt64, through last: UInt64? = nil) -> EventualMessage {
        if last == nil, let lastBatch, lastBatch.limit == first { return lastBatch.message }
        var entries: [KeyedEntry] = []
        var included: Set<Key> = []
        var bytes = 0
        var number = first
        let end = min(
            last.map { $0 + 1 } ?? log.end, first + UInt64(EventualOptions.batchWritesMax))
        let due = log[first].due
        while number < end, last != nil || log[number].due <= max(due, batchTime) {
            let key = log[number].key
            if !included.contains(key), let item = table.item(key) {
                if bytes > 0, bytes + item.bytes > EventualOptions.batchBytesMax { break }
                bytes += item.bytes
                included.insert(key)
                entries.append(KeyedEntry(key: key, entry: item.entry))
            }
            number += 1
        }
        let message = EventualMessage(
            .writes(ReplicatedWrites(range: first...number - 1, entries: entries)))
        if last == nil { lastBatch = (first, message) }
        return message
    }

    private func resend(to index: Int, _ now: NodeTime, _ output: inout Output) {
        guard links[index].inFlight.contains(where: { $0.deadline <= now.monotonic }) else {
            return
        }
        #if PlantedBugs
            if PlantedBug.isPlanted(.replicationGivesUp) { return links[index].giveUp(now) }
        #endif
        // What was sent before the last sign of life and is not acknowledged was lost. When
        // there was none, one message probes for the rest.
        let lastHeard = links[index].lastHeard ?? .zero
        let isSilent = !links[index].inFlight.contains {
            $0.deadline <= now.monotonic && $0.sent < lastHeard
        }
        if isSilent {
            if links[index].timeouts == 0 { transitions.count(.linkSilent) }
            links[index].timeouts += 1
        } else {
            links[index].timeouts = 0
        }
        let deadline = now.monotonic + links[index].patience
        var isFirst = true
        var kept: [PeerLink.Batch] = []
        for batch in links[index].inFlight {
            guard isSilent ? true : batch.deadline <= now.monotonic else {
                kept.append(batch)
                continue
            }
            guard isFirst || !isSilent else {
                var waiting = batch
                waiting.deadline = deadline
                kept.append(waiting)
                continue
            }
            isFirst = false
            links[index].resends += 1
            transitions.count(.writesResent)
            // The log keeps what is under way, unless the link fell too far behind.
            var from = max(batch.range.lowerBound, log.first)
            while from <= batch.range.upperBound, from < log.end {
                let message = nextBatch(from: from, through: batch.range.upperBound)
                guard case .writes(let writes) = message.body else { break }
                kept.append(
                    PeerLink.Batch(
                        range: writes.range, bytes: message.encodedSize, sent: now.monotonic,
                        deadline: deadline, isResent: true))
                output.send(message, to: links[index].member, .onceDurable)
                from = writes.range.upperBound + 1
            }
        }
        links[index].inFlight = kept
        reportResends(of: index, now, &output)
    }

    private func reportResends(of index: Int, _ now: NodeTime, _ output: inout Output) {
        let link = links[index]
        guard link.resends > link.resendsReported, now.monotonic >= link.nextReport else { return }
        links[index].resendsReported = link.resends
        links[index].nextReport = now.monotonic + EventualOptions.reportInterval
        output.note(
            "replication-error",
            [.init("member", .member(link.member)), .init("count", .number(link.resends))])
    }

    /// Takes another member's writes and acknowledges them once they are durable.
    func receive(
        _ writes: ReplicatedWrites, from index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        let sender = links[index].member
        if writes.range.lowerBound > known.prefix[sender] + 1 { transitions.count(.gapArose) }
        absorb(writes.entries, knowing: writes.range, of: sender, now, &output)
        let ack = ReplicationAck(range: writes.range, knownOfReceiver: known.prefix[sender])
        send(.writesAck(ack), to: sender, &output)
    }

    func acknowledged(
        _ ack: ReplicationAck, by index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        var link = links[index]
        if link.timeouts > 0 { transitions.count(.linkHeardAgain) }
        link.timeouts = 0
        func isCovered(_ batch: PeerLink.Batch) -> Bool {
            batch.range.lowerBound >= ack.range.lowerBound
                && batch.range.upperBound <= ack.range.upperBound
        }
        for batch in link.inFlight where isCovered(batch) && !batch.isResent {
            link.measured(now.monotonic - batch.sent)
        }
        link.inFlight.removeAll(where: isCovered)
        links[index] = link
        confirm(ack.knownOfReceiver, by: index)
    }

    /// Takes note that a member has the first `number` own writes on disk.
    func confirm(_ number: UInt64, by index: Int) {
        guard number > links[index].confirmed, number <= counter else { return }
        links[index].confirmed = number
        links[index].inFlight.removeAll { $0.range.upperBound <= number }
        if links[index].next <= number { links[index].next = min(number + 1, log.end) }
    }

    func connected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        if let index = position(of: member) {
            links[index].isConnected = true
            links[index].restart(log)
        } else if !strangers.contains(member), strangers.count < Limits.nodesMax {
            strangers.append(member)
        }
        greet(member, isReply: false, &output)
    }

    func disconnected(_ member: MemberID) {
        strangers.removeAll { $0 == member }
        guard let index = position(of: member) else { return }
        links[index].isConnected = false
        links[index].restart(log)
        if exchange?.partner == member { cutExchange() }
    }
}
