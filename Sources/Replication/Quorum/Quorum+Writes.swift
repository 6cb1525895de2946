import Determinism

/// Writes of clients.
extension Quorum {
    func take(
        _ request: ClientRequest, _ handle: RequestHandle, _ now: NodeTime,
        _ output: inout Output
    ) {
        if let refusal = store.refusal(of: request) {
            return output.reply(.failed(refusal), to: handle)
        }
        guard case .operate(let key, let operation, let context) = request.command else { return }
        let isRead = operation == .read
        var needed = isRead ? options.read : options.write
        let asksFirst = asksFirst(for: operation)
        if options.writesBack || asksFirst { needed = max(options.read, options.write) }
        let others = store.links.count { $0.isConnected }
        let reachable = (isCoordinator ? others : others + 1) + standInsReachable
        guard reachable >= needed else {
            transitions.count(.refusedUnreachable)
            let error = ServiceError(
                .consensusNotAchieved,
                "\(reachable) of \(store.members.active.count) members can be reached from here, and "
                    + "\(needed) are needed; nothing was done", isIndefinite: false)
            return output.reply(.failed(error), to: handle)
        }
        if isRead {
            ask(for: key, then: .answer(handle), now, &output)
        } else if asksFirst {
            ask(for: key, then: .write(operation, context, handle), now, &output)
        } else {
            write(operation, key, context, handle, now, now.monotonic + options.timeout, &output)
        }
    }

    /// Whether a write asks for the latest version before it is taken in: with write_back always;
    /// of merged values that whose effect hangs on what is there, so that a remove takes away what a
    /// quorum knows.
    private func asksFirst(for operation: Operation) -> Bool {
        if options.store.resolver.isMerging {
            return switch operation {
            case .remove, .delete, .append: true
            case .read, .write, .compareAndSet, .increment, .add, .put, .transaction, .call: false
            }
        }
        #if PlantedBugs
            if PlantedBug.isPlanted(.tagFromOwnClock) { return false }
        #endif
        return options.writesBack
    }

    /// How many members have a write on disk when it is acknowledged.
    private var acknowledgementsNeeded: Int {
        #if PlantedBugs
            if PlantedBug.isPlanted(.writeQuorumTooSmall) { return max(1, options.write - 1) }
        #endif
        return options.write
    }

    /// Takes a write in; it is answered when enough members have it.
    func write(
        _ operation: Operation, _ key: Key, _ context: VersionVector, _ handle: RequestHandle,
        _ now: NodeTime, _ deadline: Instant, _ output: inout Output
    ) {
        let (dot, reply) = store.takeIn(operation, key, context, now, &output)
        writes.append(
            QuorumWrite(
                dot.counter, of: key, at: output.position, handle, reply, until: deadline,
                standInAt: standInTime(now)))
        if isCoordinator { send(dot.counter, key, until: deadline, &output) }
    }

    /// `member` has these writes of this one on disk.
    func acknowledged(_ range: ClosedRange<UInt64>, by member: MemberID) {
        guard store.members.contains(member) else { return }
        for index in writes.indices where range.contains(writes[index].number) {
            writes[index].acknowledge(by: member)
        }
    }

    /// `member` has the first `number` writes of this one on disk.
    func acknowledged(through number: UInt64, by member: MemberID) {
        if number > 0 { acknowledged(1...number, by: member) }
    }

    /// Answers writes that enough members have, and those whose time is over.
    func settleWrites(_ now: NodeTime, _ output: inout Output) {
        writes.removeAll { write in
            if write.holders.count >= acknowledgementsNeeded {
                output.reply(write.reply, to: write.handle)
                return true
            }
            guard write.deadline <= now.monotonic else { return false }
            transitions.count(.writeTimedOut)
            let error = ServiceError(
                .consensusNotAchieved,
                "\(write.holders.count) of \(options.write) members had the write on disk when "
                    + "its time was over; it may still reach the others", isIndefinite: true)
            output.reply(.failed(error), to: write.handle)
            return true
        }
    }
}
