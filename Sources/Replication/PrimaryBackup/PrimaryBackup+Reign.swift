import DequeModule
import Determinism

/// Becoming the primary and ceasing to be it.
extension PrimaryBackup {
    /// Takes note of what the manager has decided.
    func learn(_ decision: Decision, _ now: NodeTime, _ output: inout Output) {
        learn(decision.configuration, now, &output)
        guard decision.configuration.epoch == configuration.epoch,
            decision.configuration.primary == me, let reign, let sent = decision.beat
        else { return }
        if !reign.isConfirmed {
            reign.isConfirmed = true
            dispatchWaiting(now, &output)
        }
        if decision.isLease {
            let asked = Instant(nanoseconds: Int64(clamping: sent))
            guard asked <= now.monotonic else { return }
            let end = asked + options.leaseUsed
            if end > reign.leaseEnd {
                reign.leaseEnd = end
                transitions.count(.leaseRenewed)
                reign.hadLease = true
            }
        }
        advance(now, &output)
        dispatchWaiting(now, &output)
    }

    func learn(_ news: Configuration, _ now: NodeTime, _ output: inout Output) {
        guard configuration.isBefore(news) else { return }
        let isNewPrimary =
            news.epoch != configuration.epoch || news.primary != configuration.primary
        configuration = news
        sealed = max(sealed, news.epoch)
        guard isNewPrimary else {
            persistConfiguration(&output)
            openStreams(now, &output)
            return
        }
        isInLine = false
        incoming = nil
        reignDue = nil
        defer { settleHandOver(&output) }
        if reign != nil {
            endReign(why: "the manager decided on epoch \(news.epoch.rawValue)", &output)
        }
        if news.primary == me {
            accept(&output)
        } else {
            persistConfiguration(&output)
            if news.primary != nil {
                dispatchWaiting(now, &output)
                supersedeForwards(now, &output)
            }
        }
    }

    /// The manager decided on this member: it reigns once its disk knows.
    func accept(_ output: inout Output) {
        sealed = max(sealed, configuration.epoch)
        reignDue = persistConfiguration(&output)
        beatDue = .zero
    }

    @discardableResult
    func persistConfiguration(_ output: inout Output) -> JournalPosition {
        output.persist(PrimaryBackupRecord(.configuration(configuration, sealed: sealed)))
    }

    func beginReign(_ now: NodeTime, _ output: inout Output) {
        reignDue = nil
        guard configuration.primary == me, sealed == configuration.epoch else { return }
        transitions.count(.reignBegun)
        isInLine = true
        incoming = nil
        applyAll(&output)
        reign = Reign(
            epoch: configuration.epoch, start: lastIndex.next, persisted: lastIndex)
        output.note(
            .leaderElected,
            [.init("term", .number(Int64(clamping: configuration.epoch.rawValue)))])
        append(.noOperation, from: .internal, now)
        flush(now, &output)
        openStreams(now, &output)
        beatDue = now.monotonic
    }

    /// This member is not the primary any more.
    func endReign(why: String, _ output: inout Output) {
        guard let ended = reign else { return }
        persistGathered(&output)
        reign = nil
        isInLine = false
        transitions.count(.reignEnded)
        output.note(
            .leaderSteppedDown,
            [
                .init("term", .number(Int64(clamping: ended.epoch.rawValue))),
                .init("why", .text(why)),
            ])
        for proposal in ended.proposals {
            let error = ServiceError(
                .leadershipLost,
                "the primary was replaced before the write was acknowledged; it may have taken "
                    + "effect", isIndefinite: true, hint: primary?.node)
            answer(.failed(error), to: proposal.origin, &output)
        }
        handedOver = ended.handOver
    }

    /// The manager asks the member to follow no primary before `epoch`.
    func seal(before epoch: Term, _ sender: MemberID, _ output: inout Output) {
        guard epoch >= sealed, configuration.epoch < epoch || configuration.primary == nil else {
            if configuration.epoch > epoch || configuration.primary != nil {
                send(.superseded(configuration), to: sender, &output)
            }
            return
        }
        if epoch > sealed {
            transitions.count(.sealedForElection)
            sealed = epoch
            reignDue = nil
            isInLine = false
            persistConfiguration(&output)
            if let reign, reign.epoch < epoch {
                endReign(
                    why: "the manager chooses a primary for epoch \(epoch.rawValue)", &output)
            }
        }
        guard isMember else { return }
        send(
            .sealed(epoch, lastEpoch: log.lastTerm, lastIndex: lastIndex), to: sender, &output,
            .onceDurable)
    }

    /// Whether the primary may acknowledge and read now.
    func mayAcknowledge(_ now: NodeTime) -> Bool {
        guard let reign, reign.isConfirmed else { return false }
        return !options.isFenced || now.monotonic < reign.leaseEnd
    }

    /// Whether the primary may answer reads and take writes in.
    func isServing(_ now: NodeTime) -> Bool {
        mayAcknowledge(now) && reign?.isEstablished == true
    }

    /// Counts a lease that has ended.
    func noteLease(_ now: NodeTime) {
        guard options.isFenced, let reign, reign.hadLease, now.monotonic >= reign.leaseEnd else {
            return
        }
        reign.hadLease = false
        transitions.count(.leaseEnded)
    }
}
