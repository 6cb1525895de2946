import DequeModule
import Determinism

/// Reads and writes of clients.
extension Eventual {
    func take(
        _ request: ClientRequest, _ handle: RequestHandle, _ now: NodeTime,
        _ output: inout Output
    ) {
        if let refusal = refusal(of: request) {
            output.reply(.failed(refusal), to: handle)
            return
        }
        guard case .operate(let key, let operation, let context) = request.command else { return }
        switch operation {
        case .read: read(key, handle, &output)
        case .write, .delete, .append, .increment, .add, .remove, .put:
            let (_, reply) = takeIn(operation, key, context, now, &output)
            output.reply(reply, to: handle, .onceDurable)
        case .compareAndSet, .transaction, .call: break
        }
    }

    /// Whether a node takes writes in without being a member.
    func isCoordinator(_ member: MemberID) -> Bool {
        options.coordinators.contains(member.node.region)
    }

    /// Why a request is not carried out, or `nil`. Every refusal is definite.
    func refusal(of request: ClientRequest) -> ServiceError? {
        func refused(_ code: ServiceError.Code, _ message: String) -> ServiceError {
            ServiceError(code, message, isIndefinite: false)
        }
        guard case .operate(let key, let operation, let context) = request.command else {
            return refused(
                .unsupported, "\(strategyName) keeps no sessions; send requests without one")
        }
        if let message = misfit(of: operation) { return refused(.unsupported, message) }
        guard belongs || isCoordinator(me) else {
            transitions.count(.refusedStranger)
            return refused(.notMember, "this node was removed from the group; ask another")
        }
        guard mayAnswer || isCoordinator(me) else {
            transitions.count(.refusedIncomplete)
            return refused(
                .recovering, "this member is completing its state from another; ask another")
        }
        guard !key.bytes.isEmpty, key.bytes.count <= Limits.keyBytesMax else {
            return refused(
                .invalid,
                "a key of \(key.bytes.count) bytes; 1 to \(Limits.keyBytesMax) are allowed")
        }
        if let message = Self.excess(of: operation) { return refused(.invalid, message) }
        guard context.entries.count <= CausalCoding.membersMax else {
            return refused(
                .invalid,
                "a context of \(context.entries.count) members; at most "
                    + "\(CausalCoding.membersMax) are allowed")
        }
        if options.resolver.isMerging {
            return mergedOverflow(of: table[key], operation).map { refused(.invalid, $0) }
        }
        guard operation.kind.isUpdate, let held = table[key] else { return nil }
        return overflow(of: held, operation, context).map { refused(.invalid, $0) }
    }

    /// Whether what is here may be shown: not before all of another member's state is.
    private var mayAnswer: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.servesWhileIncomplete) { return true }
        #endif
        return !isIncomplete
    }

    /// Why a key cannot take one more concurrent write, or `nil`: all that is known of a key
    /// must fit into one message, whatever the other members add.
    private func overflow(
        of held: VersionedEntry, _ operation: Operation, _ context: VersionVector
    ) -> String? {
        guard options.resolver == .siblings else { return nil }
        let own = held.siblings.filter { $0.dot.member == me && !context.contains($0.dot) }
        let allowed = Limits.messageBytesMax * 3 / 4 / max(1, members.rows.count)
        let bytes = own.reduce(operation.encodedSize) { $0 + $1.encodedSize }
        guard own.count >= EventualOptions.ownSiblingsMax || !own.isEmpty && bytes > allowed else {
            return nil
        }
        return "the key holds \(own.count) concurrent values taken in here, which is as much as "
            + "fits; read it and write with the context of the read"
    }

    private func read(_ key: Key, _ handle: RequestHandle, _ output: inout Output) {
        // What is shown must be sure to stay: a crash does not take this member back.
        let timing: Timing = unwrittenKeys[key] == nil ? .now : .onceDurable
        if timing == .onceDurable { transitions.count(.readAwaitedDisk) }
        output.reply(shown(table[key]), to: handle, timing)
    }

    /// What a read of `entry` answers.
    func shown(_ entry: VersionedEntry?) -> ClientReply {
        guard let entry else { return ClientReply(.values([])) }
        if options.resolver.isMerging { return shownMerged(entry) }
        let shown = table.resolver.shown(entry)
        let live = shown.filter { $0.value != nil }
        let latest = VersionedEntry(siblings: live.isEmpty ? shown : live, context: .init()).latest
        return ClientReply(
            .values(live.compactMap { $0.value.map { .bytes($0) } }), version: latest?.version,
            context: entry.context)
    }

    /// Takes in a write or delete of a client, and says which it is and what to answer once it
    /// is durable.
    func takeIn(
        _ operation: Operation, _ key: Key, _ claimed: VersionVector, _ now: NodeTime,
        _ output: inout Output
    ) -> (dot: Dot, reply: ClientReply) {
        if options.resolver.isMerging { return takeInMerged(operation, key, now, &output) }
        var value: [UInt8]?
        if case .write(let bytes) = operation { value = bytes }
        let held = table[key]
        var context = credible(claimed)
        switch options.resolver {
        case .siblings, .merge: break
        case .lastWriterWins, .versionVector: if let held { context.merge(held.context) }
        }
        if held == nil, forgotten.contains(key) {
            transitions.count(.forgottenWrittenAgain)
            context.merge(known.prefix)
        }
        counter += 1
        let write = Sibling(
            dot: Dot(member: me, counter: counter),
            timestamp: timestamp(for: held, superseding: context, now), context: context,
            value: value)
        var met: [ConflictResolver.Meeting] = []
        let entry = table.resolver.add(write, to: held, met: &met)
        persist(.taken(key, write), &output)
        noteUnwritten(key, output)
        store(key, entry)
        known.insert(counter...counter, of: me)
        log.append(counter, key, due: now.monotonic + options.replicationDelay)
        note(met, of: key, &output)
        output.replicated(key, write.version, bytes: value?.count ?? 0, from: me)
        let reply = ClientReply(
            .done(nil), version: write.version, context: answered(write, in: entry))
        return (write.dot, reply)
    }

    /// What a client may say it has read: of nodes that the group knows, and of own writes no
    /// more than there are.
    private func credible(_ claimed: VersionVector) -> VersionVector {
        var result = VersionVector()
        for entry in claimed.entries
        where members.row(of: entry.member.node) != nil || isCoordinator(entry.member) {
            let limit = entry.member == me ? counter : KnownDots.counterMax - 1
            result[entry.member] = min(entry.counter, limit)
        }
        return result
    }

    /// A time for a write, later than all that it supersedes here. That of a write whose time was
    /// too far ahead is outdone for its key alone and does not move the clock.
    func timestamp(
        for held: VersionedEntry?, superseding context: VersionVector, _ now: NodeTime
    ) -> HybridTimestamp {
        let range = 0...CausalCoding.wallNanosecondsMax
        let wall = min(max(now.wall.nanosecondsSince1970, range.lowerBound), range.upperBound)
        #if PlantedBugs
            if PlantedBug.isPlanted(.lastWriterByWallClock) {
                return HybridTimestamp(wall: WallTime(nanosecondsSince1970: wall), logical: 0)
            }
        #endif
        var result = clock.tick(WallTime(nanosecondsSince1970: wall))
        for past in held?.siblings ?? [] where context.contains(past.dot) {
            guard past.timestamp >= result else { continue }
            transitions.count(.timestampOutdone)
            if past.timestamp.logical < .max {
                result = HybridTimestamp(
                    wall: past.timestamp.wall, logical: past.timestamp.logical + 1)
            } else {
                let next = past.timestamp.wall.nanosecondsSince1970 + 1
                result = HybridTimestamp(
                    wall: WallTime(nanosecondsSince1970: min(next, range.upperBound)), logical: 0)
            }
        }
        return result
    }

    /// What a client has read once its write is answered. Where concurrent values stay, the
    /// write itself counts as read only if that does not claim a value that was not shown.
    private func answered(_ write: Sibling, in entry: VersionedEntry) -> VersionVector {
        switch options.resolver {
        case .lastWriterWins, .versionVector, .merge: return entry.context
        case .siblings:
            var context = write.context
            context[me] = write.dot.counter
            let claimsMore = entry.siblings.contains {
                $0.dot != write.dot && context.contains($0.dot)
            }
            return claimsMore ? write.context : context
        }
    }
}
