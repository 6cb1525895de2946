import DequeModule
import Determinism

/// When time alone makes a member act, and what connections and the disk tell.
extension PrimaryBackup {
    func start(_ now: NodeTime, _ output: inout Output) {
        isStarted = true
        transitions = TransitionCounts()
        forwards.begin(at: now, &random)
        withManagers(&output) { $0.handle(.start, at: now, into: &$1) }
        beatDue = now.monotonic
        if !isMember { joinDue = now.monotonic }
        // Nobody ever was the primary: the first is the one that the options name.
        if configuration.primary == me, sealed == .zero { accept(&output) }
    }

    /// When the earliest of the timers is due.
    var earliestTimer: Instant {
        var due = min(beatDue, joinDue)
        due = min(due, forwards.nextDeadline)
        if let first = waiting.first { due = min(due, first.deadline) }
        if let managers { due = min(due, managers.nextWake) }
        due = min(due, nextManagerStep)
        if let handedOver { due = min(due, handedOver.deadline) }
        guard let reign else { return due }
        due = min(due, reign.flushDue)
        if let first = reign.proposals.first { due = min(due, first.deadline, degradeDue) }
        if let handOver = reign.handOver { due = min(due, handOver.deadline) }
        return due
    }

    func runTimers(_ now: NodeTime, _ output: inout Output) {
        let time = now.monotonic
        if let managers, time >= managers.nextWake {
            withManagers(&output) { $0.handle(.wake, at: now, into: &$1) }
        }
        mind(now, &output)
        if time >= beatDue {
            beatDue = time + options.beat
            beat(now, &output)
            retryStreams(now, &output)
        }
        if time >= joinDue { askToJoin(now, &output) }
        expireForwards(now, &output)
        expireWaiting(now, &output)
        giveUpHandOver(now, &output)
        guard let reign else { return }
        if time >= reign.flushDue { flush(now, &output) }
        degradeIfDue(now, &output)
        advance(now, &output)
        expireProposals(now, &output)
    }

    /// Tells the managers that this member lives.
    func beat(_ now: NodeTime, _ output: inout Output) {
        noteLease(now)
        let beat = Beat(
            sent: UInt64(clamping: now.monotonic.nanoseconds), epoch: configuration.epoch,
            isPrimary: reign?.epoch == configuration.epoch || reignDue != nil)
        for node in managerNodes { send(.beat(beat), to: life(of: node), &output) }
    }

    func becameDurable(
        _ position: JournalPosition, _ now: NodeTime, _ output: inout Output
    ) {
        durablePosition = position
        durability.confirm(position)
        withManagers(&output) { $0.durable(position, at: now, into: &$1) }
        if let due = reignDue, due <= position { beginReign(now, &output) }
        advance(now, &output)
    }

    func connected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        lives[member.node] = max(lives[member.node] ?? member, member)
        withManagers(&output) { $0.handle(.connected(member), at: now, into: &$1) }
        if managerNodes.contains(member.node) { beatDue = now.monotonic }
        if let index = reign?.streamIndex(member) { ask(at: index, now, &output) }
        if !isMember { send(.join, to: member, &output) }
        failForwards(to: member, now, &output)
    }

    func disconnected(_ member: MemberID, _ now: NodeTime, _ output: inout Output) {
        withManagers(&output) { $0.handle(.disconnected(member), at: now, into: &$1) }
        if let index = reign?.streamIndex(member) {
            reign?.streams[index].mode = .closed
            reign?.streams[index].underWay = []
        }
        failForwards(to: member, now, &output)
    }

    private func askToJoin(_ now: NodeTime, _ output: inout Output) {
        guard !isMember else {
            joinDue = .distantFuture
            return
        }
        joinDue = now.monotonic + PrimaryBackupOptions.joinInterval
        for member in configuration.members where member.node != me.node {
            send(.join, to: life(of: member.node), &output)
        }
    }
}
