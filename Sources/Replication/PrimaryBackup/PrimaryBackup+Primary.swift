import DequeModule
import Determinism

/// The primary's half of replication: taking updates in, shipping them, and acknowledging them.
extension PrimaryBackup {
    func append(_ payload: LogEntry.Payload, from origin: Origin, _ now: NodeTime) {
        guard let reign else { return }
        let milliseconds = UInt64(max(0, now.wall.nanosecondsSince1970 / 1_000_000))
        let entry = LogEntry(term: reign.epoch, time: milliseconds, payload: payload.encoded)
        log.append(entry)
        history.note(reign.epoch, at: lastIndex)
        reign.unacknowledgedBytes += entry.cost
        guard origin != .internal else { return }
        reign.proposals.append(
            Proposal(
                index: lastIndex, term: reign.epoch, origin: origin,
                deadline: now.monotonic + options.commitTimeout))
    }

    func propose(
        _ payload: LogEntry.Payload, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        guard let reign else { return }
        guard reign.unacknowledgedBytes < PrimaryBackupOptions.unacknowledgedBytesMax,
            reign.proposals.count < Limits.requestsInFlightMax
        else {
            let error = ServiceError(
                .overloaded, "too many writes wait for replicas", isIndefinite: false)
            answer(.failed(error), to: origin, &output)
            return
        }
        append(payload, from: origin, now)
        let due = reign.lastFlush.map { $0 + PrimaryBackupOptions.pace } ?? .zero
        if due <= now.monotonic {
            flush(now, &output)
        } else {
            reign.flushDue = min(reign.flushDue, due)
        }
    }

    /// Writes what has gathered, and sends it to whoever is in line.
    func flush(_ now: NodeTime, _ output: inout Output) {
        guard let reign else { return }
        reign.flushDue = .distantFuture
        reign.lastFlush = now.monotonic
        for index in reign.streams.indices { sendEntries(to: index, now, &output) }
        persistGathered(&output)
    }

    func persistGathered(_ output: inout Output) {
        guard let reign else { return }
        while reign.persisted < lastIndex {
            let persisted = reign.persisted
            let batch = log.batch(
                from: persisted.next, through: lastIndex,
                bytesMax: PrimaryBackupOptions.batchBytesMax,
                countMax: PrimaryBackupOptions.batchEntriesMax)
            guard !batch.entries.isEmpty else { return }
            let position = output.persist(
                PrimaryBackupRecord(.entries(after: persisted, batch.entries)))
            reign.persisted = persisted + batch.entries.count
            journalBytes += batch.bytes
            durability.wrote(position, end: reign.persisted)
        }
    }

    /// How many replicas must have an entry before it is acknowledged.
    private var acknowledgementsNeeded: Int {
        reign?.isDegraded == true ? 0 : options.acknowledgements
    }

    /// Up to where so many replicas have the log durably.
    private func replicated(on count: Int) -> LogIndex {
        guard count > 0, let reign else { return LogIndex(.max) }
        return reign.match(of: configuration.members, onAtLeast: count)
    }

    /// Acknowledges what is on enough disks.
    func advance(_ now: NodeTime, _ output: inout Output) {
        guard let reign, durability.durableIndex > machine.appliedIndex || reign.isDegraded
        else { return }
        if reign.isDegraded, replicated(on: options.acknowledgements) >= lastIndex {
            reign.isDegraded = false
            transitions.count(.restored)
            output.note("acknowledgements-restored")
        }
        guard mayAcknowledgeNow(now) else { return }
        var target = min(durability.durableIndex, replicated(on: acknowledgementsNeeded))
        #if PlantedBugs
            if PlantedBug.isPlanted(.acknowledgedWithoutReplicas) {
                target = durability.durableIndex
            }
        #endif
        target = min(target, lastIndex)
        guard target > machine.appliedIndex else { return }
        while machine.appliedIndex < target,
            let entry = log.entry(at: machine.appliedIndex.next)
        {
            let applied = machine.apply(entry)
            if output.logsReplication {
                output.replicated(entry, at: machine.appliedIndex, applied, from: me)
            }
            reign.unacknowledgedBytes = max(0, reign.unacknowledgedBytes - entry.cost)
            while let first = reign.proposals.first, first.index <= machine.appliedIndex {
                reign.proposals.removeFirst()
                guard first.index == machine.appliedIndex, let reply = applied.reply else {
                    continue
                }
                answer(reply, to: first.origin, &output)
            }
            for session in applied.closedSessions {
                output.note(
                    .sessionExpired, [.init("session", .number(Int64(clamping: session)))])
            }
        }
        compactIfDue(&output)
        if !reign.isEstablished, machine.appliedIndex >= reign.start {
            reign.isEstablished = true
            output.note(
                .leaderEstablished,
                [.init("term", .number(Int64(clamping: reign.epoch.rawValue)))])
            dispatchWaiting(now, &output)
        }
        continueHandOver(now, &output)
    }

    private func mayAcknowledgeNow(_ now: NodeTime) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.acknowledgedWithoutLease) { return reign?.isConfirmed == true }
        #endif
        return mayAcknowledge(now)
    }

    /// When semi-sync has waited long enough for its replicas.
    var degradeDue: Instant {
        guard let span = options.degradeAfter, let reign, !reign.isDegraded,
            let first = reign.proposals.first
        else { return .distantFuture }
        return first.deadline - options.commitTimeout + span
    }

    func degradeIfDue(_ now: NodeTime, _ output: inout Output) {
        guard let reign, now.monotonic >= degradeDue else { return }
        reign.isDegraded = true
        transitions.count(.degraded)
        output.note(
            "acknowledgements-degraded",
            [.init("missing", .number(Int64(lastIndex - replicated(on: options.acknowledgements))))]
        )
    }

    func expireProposals(_ now: NodeTime, _ output: inout Output) {
        guard let reign else { return }
        while let first = reign.proposals.first, first.deadline <= now.monotonic {
            let needed = acknowledgementsNeeded
            let count = configuration.replicas.filter {
                reign.match(of: $0) >= first.index
            }.count
            reign.proposals.removeFirst()
            transitions.count(.writeExpired)
            let why =
                mayAcknowledge(now)
                ? "\(count)/\(needed) replicas acknowledged"
                : "the primary's lease has ended, a manager cannot be reached"
            let error = ServiceError(
                .consensusNotAchieved, "\(why); the write may take effect yet", isIndefinite: true)
            answer(.failed(error), to: first.origin, &output)
        }
    }

    // MARK: Handing over

    /// Makes way for a member in `region`, in good order.
    func beginHandOver(
        to region: RegionID, _ origin: Origin, _ now: NodeTime, _ output: inout Output
    ) {
        if me.node.region == region {
            return answer(ClientReply(.done(nil)), to: origin, &output)
        }
        func refuse(_ message: String) {
            let error = ServiceError(.refused, message, isIndefinite: false)
            answer(.failed(error), to: origin, &output)
        }
        guard let target = configuration.replicas.first(where: { $0.node.region == region }) else {
            return refuse("the region has no member of the group")
        }
        guard let reign, reign.handOver == nil else {
            return refuse("another handover is under way")
        }
        guard let index = reign.streamIndex(target), reign.streams[index].isStreaming
        else { return refuse("\(target) is not in line with the primary") }
        reign.handOver = Reign.HandOver(
            target: target, origin: origin, deadline: now.monotonic + options.commitTimeout * 4)
        continueHandOver(now, &output)
    }

    func continueHandOver(_ now: NodeTime, _ output: inout Output) {
        guard let reign, let handOver = reign.handOver, !handOver.isAsked,
            machine.appliedIndex == lastIndex, reign.match(of: handOver.target) == lastIndex
        else { return }
        reign.handOver?.isAsked = true
        for node in managerNodes {
            send(.handOver(to: handOver.target, epoch: reign.epoch), to: life(of: node), &output)
        }
    }

    /// It is known who followed on the reign that was handed over.
    func settleHandOver(_ output: inout Output) {
        guard let handOver = handedOver, let primary = configuration.primary else { return }
        handedOver = nil
        if primary == handOver.target {
            transitions.count(.handedOver)
            return answer(ClientReply(.done(nil)), to: handOver.origin, &output)
        }
        let error = ServiceError(
            .refused, "\(primary) was promoted instead", isIndefinite: false, hint: primary.node)
        answer(.failed(error), to: handOver.origin, &output)
    }

    func giveUpHandOver(_ now: NodeTime, _ output: inout Output) {
        if let handOver = handedOver, handOver.deadline <= now.monotonic {
            handedOver = nil
            let error = ServiceError(
                .refused, "the manager did not promote anybody in time", isIndefinite: true)
            answer(.failed(error), to: handOver.origin, &output)
        }
        guard let reign, let handOver = reign.handOver, handOver.deadline <= now.monotonic else {
            return
        }
        reign.handOver = nil
        transitions.count(.handOverGivenUp)
        let error = ServiceError(
            .refused, "the manager did not promote \(handOver.target) in time",
            isIndefinite: handOver.isAsked)
        answer(.failed(error), to: handOver.origin, &output)
        dispatchWaiting(now, &output)
    }
}
