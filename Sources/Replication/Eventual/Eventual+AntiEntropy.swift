import Determinism

/// Comparison with other members by hash tree, so that any loss heals (Demers et al., "Epidemic
/// Algorithms for Replicated Database Maintenance", 1987; DeCandia et al., "Dynamo", 2007).
extension Eventual {
    /// When the exchange under way, or the next one, wants to be looked at.
    var exchangeWake: Instant {
        guard let exchange else {
            let behind = links.filter {
                options.backlogAge == nil && $0.isConnected && !$0.isIncomplete && $0.isBehind(log)
            }
            guard serves else { return nextExchange }
            return behind.reduce(nextExchange) { min($0, $1.nextCatchUp) }
        }
        return exchange.outstanding.reduce(Instant.distantFuture) { min($0, $1.deadline) }
    }

    /// Begins an exchange that is due, or goes on with the one under way.
    func compareIfDue(_ now: NodeTime, _ output: inout Output) {
        if exchange != nil { resendRequests(now, &output) }
        guard exchange == nil else { return }
        let isDue = now.monotonic >= nextExchange
        if isDue { nextExchange = now.monotonic + options.antiEntropy }
        guard belongs else { return }
        if isDue, serves, options.forgetsDeleted { collectTombstones(&output) }
        guard let partner = nextPartner(isDue: isDue, now) else { return }
        exchange = Exchange(
            random.next() >> 2, with: partner, isTransfer: isIncomplete, known: known)
        lastPartner = partner
        advance(now, &output)
    }

    /// Whom to compare with now: while incomplete the first member with a complete state, then
    /// a member that lacks writes that the log no longer holds, else the next one in turn.
    private func nextPartner(isDue: Bool, _ now: NodeTime) -> MemberID? {
        if isIncomplete {
            let able = links.filter {
                $0.isHeard && $0.isConnected && !$0.isIncomplete && !sources.contains($0.member)
            }
            return able.first { $0.member > lastPartner ?? me }?.member ?? able.first?.member
        }
        let able = links.filter { $0.isConnected && !$0.isIncomplete }
        if options.backlogAge == nil,
            let behind = able.first(where: { $0.isBehind(log) && now.monotonic >= $0.nextCatchUp })
        {
            if let index = position(of: behind.member) {
                links[index].nextCatchUp = now.monotonic + EventualOptions.resendMax
            }
            transitions.count(.exchangeForLaggard)
            return behind.member
        }
        guard isDue else { return nil }
        return (able.first { $0.member > lastPartner ?? me } ?? able.first)?.member
    }

    /// Sends the requests that there is room for, and ends an exchange that has nothing left.
    private func advance(_ now: NodeTime, _ output: inout Output) {
        guard var current = exchange, let index = position(of: current.partner) else { return }
        while current.outstanding.count < EventualOptions.exchangeRequestsMax {
            let body: EventualMessage.Body
            if !current.repairs.isEmpty {
                body = .repair(nextRepair(&current))
            } else if !current.nodes.isEmpty {
                body = .compare(nextComparison(&current))
            } else {
                break
            }
            current.outstanding.append(
                Exchange.Outstanding(
                    request: current.nextRequest, body: body,
                    deadline: now.monotonic + links[index].patience, attempts: 1))
            current.nextRequest += 1
            send(body, to: current.partner, &output)
        }
        exchange = current
        if current.isDone { finish(current, now, &output) }
    }

    private func nextComparison(_ current: inout Exchange) -> CompareRequest {
        let nodes = current.nodes.suffix(EventualOptions.compareNodesMax)
        current.nodes.removeLast(nodes.count)
        current.nodesCompared += Int64(nodes.count)
        return CompareRequest(
            exchange: current.number, request: current.nextRequest,
            membership: members.fingerprint,
            known: current.nextRequest == 1 ? current.knownBefore : nil,
            nodes: nodes.map { CompareRequest.Sum(node: $0, hash: table.sum(of: $0)) })
    }

    private func nextRepair(_ current: inout Exchange) -> RepairRequest {
        var request = RepairRequest(
            exchange: current.number, request: current.nextRequest, entries: [], wanted: [])
        var bytes = 0
        var keys = 0
        while let repair = current.repairs.last, keys < EventualOptions.repairKeysMax,
            keys == 0 || bytes + repair.bytes <= EventualOptions.batchBytesMax
        {
            current.repairs.removeLast()
            keys += 1
            bytes += repair.bytes
            if let key = repair.key, let entry = table[key] {
                request.entries.append(KeyedEntry(key: key, entry: entry))
            }
            if repair.isWanted { request.wanted.append(repair.keyHash) }
        }
        return request
    }

    private func resendRequests(_ now: NodeTime, _ output: inout Output) {
        guard var current = exchange, let index = position(of: current.partner) else { return }
        for place in current.outstanding.indices
        where current.outstanding[place].deadline <= now.monotonic {
            let attempts = current.outstanding[place].attempts
            guard attempts < EventualOptions.exchangeAttemptsMax else {
                transitions.count(.exchangeAbandoned)
                exchange = nil
                return
            }
            transitions.count(.exchangeRepeated)
            current.outstanding[place].attempts = attempts + 1
            let wait = min(links[index].patience * (1 << attempts), .seconds(10))
            current.outstanding[place].deadline = now.monotonic + wait
            send(current.outstanding[place].body, to: current.partner, &output)
        }
        exchange = current
    }

    /// Answers which of the subtrees differ, and how.
    func compare(
        _ request: CompareRequest, for index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        let sender = links[index].member
        if request.membership != members.fingerprint {
            send(.members(members), to: sender, &output)
        }
        guard !isIncomplete else { return greet(sender, isReply: true, &output) }
        if let theirs = request.known { told(theirs, by: index) }
        var reply = CompareReply(
            exchange: request.exchange, request: request.request,
            known: request.known == nil ? nil : known, differences: [])
        for sum in request.nodes where table.sum(of: sum.node) != sum.hash {
            let items = table.items(under: sum.node, limit: EventualOptions.leafKeysMax)
            if items.count <= EventualOptions.leafKeysMax || sum.node.level == TreeNode.levelMax {
                let leaves = items.map {
                    CompareReply.Leaf(
                        keyHash: $0.key.stableHash, hash: $0.hash,
                        bytes: UInt32(clamping: $0.bytes))
                }
                reply.differences.append(.leaf(sum.node, leaves))
            } else {
                reply.differences.append(.children(sum.node, table.childSums(of: sum.node)))
            }
        }
        send(.compareReply(reply), to: sender, &output)
    }

    func compared(
        _ reply: CompareReply, by index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        guard var current = exchange, current.partner == links[index].member,
            current.number == reply.exchange,
            case .compare(let request)? = current.take(reply.request)
        else { return }
        if let theirs = reply.known {
            current.knownByPartner = theirs
            told(theirs, by: index)
        }
        for difference in reply.differences
        where request.nodes.contains(where: { $0.node == difference.node }) {
            switch difference {
            case .children(let node, let sums):
                for (child, sum) in zip(branches(of: node), sums)
                where table.sum(of: child) != sum {
                    current.nodes.append(child)
                }
            case .leaf(let node, let leaves):
                current.compare(table.items(under: node), with: leaves)
            }
        }
        exchange = current
        advance(now, &output)
    }

    private func branches(of node: TreeNode) -> [TreeNode] {
        #if PlantedBugs
            if PlantedBug.isPlanted(.antiEntropySkipsSubtree) { return node.children.dropLast() }
        #endif
        return node.children
    }

    /// Takes note of what a member has on disk.
    private func told(_ theirs: KnownDots, by index: Int) {
        links[index].known.merge(theirs)
        confirm(theirs.prefix[me], by: index)
    }

    /// Takes the entries that were brought and answers with the wanted ones.
    func repair(
        _ request: RepairRequest, for index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        let sender = links[index].member
        guard !isIncomplete else { return greet(sender, isReply: true, &output) }
        absorb(request.entries, knowing: nil, of: sender, now, &output)
        var reply = RepairReply(
            exchange: request.exchange, request: request.request, entries: [], forgotten: [],
            left: [])
        var brought: [Key: VersionedEntry] = [:]
        for incoming in request.entries {
            brought[incoming.key] = incoming.entry
            if table[incoming.key] == nil { reply.forgotten.append(incoming.key) }
        }
        var bytes = 0
        for hash in request.wanted {
            let items = table.items(withHash: hash).filter { brought[$0.key] != $0.entry }
            let size = items.reduce(0) { $0 + $1.bytes }
            if bytes > 0, bytes + size > 2 * EventualOptions.batchBytesMax {
                reply.left.append(hash)
                continue
            }
            bytes += size
            reply.entries += items.map { KeyedEntry(key: $0.key, entry: $0.entry) }
        }
        send(.repairReply(reply), to: sender, &output)
    }

    func repaired(
        _ reply: RepairReply, by index: Int, _ now: NodeTime, _ output: inout Output
    ) {
        guard var current = exchange, current.partner == links[index].member,
            current.number == reply.exchange,
            case .repair(let request)? = current.take(reply.request)
        else { return }
        current.bytesFetched += Int64(KeyedEntry.encodedSize(reply.entries))
        for hash in reply.left where request.wanted.contains(hash) {
            current.repairs.append(
                Exchange.Repair(keyHash: hash, key: nil, isWanted: true, bytes: 0))
        }
        absorb(reply.entries, knowing: nil, of: current.partner, now, &output)
        // What was brought and is unchanged since was deleted everywhere before it came.
        let gone = request.entries.filter {
            reply.forgotten.contains($0.key) && table[$0.key] == $0.entry
        }
        for _ in gone { transitions.count(.tombstoneDropped) }
        forget(gone.map(\.key), &output)
        exchange = current
        advance(now, &output)
    }

    /// The way to the partner is lost, or it no longer counts.
    func cutExchange() {
        transitions.count(.exchangeCut)
        exchange = nil
    }

    /// All of the partner's state is here, and all of this one's is there.
    private func finish(_ done: Exchange, _ now: NodeTime, _ output: inout Output) {
        exchange = nil
        guard let theirs = done.knownByPartner else { return }
        if done.isTransfer {
            // Own entries that the partner knew of and no longer has were deleted.
            let gone = done.strays.filter { key in
                table[key]?.siblings.allSatisfy { theirs.contains($0.dot) } ?? false
            }
            for _ in gone { transitions.count(.strayForgotten) }
            forget(gone, &output)
        }
        learn(theirs, &output)
        if done.isTransfer {
            output.note(
                .snapshotInstalled,
                [
                    .init("from", .member(done.partner)),
                    .init("bytes", .number(done.bytesFetched)),
                ])
            transitions.count(.stateTransferred)
            sources.append(done.partner)
            if sources.count >= min(options.sourcesWanted, links.count) { complete(&output) }
            return
        }
        transitions.count(done.keysRepaired > 0 ? .exchangeRepaired : .exchangeEqual)
        send(.finished(exchange: done.number, done.knownBefore), to: done.partner, &output)
        if done.keysRepaired > 0 {
            output.note(
                .repaired,
                [
                    .init("with", .member(done.partner)),
                    .init("keys", .number(done.keysRepaired)),
                    .init("compared", .number(done.nodesCompared)),
                ])
        }
    }

    /// The sender's exchange is complete: all that it knew when it began is here.
    func finished(_ theirs: KnownDots, by index: Int, _ output: inout Output) {
        guard !isIncomplete else { return }
        told(theirs, by: index)
        learn(theirs, &output)
        // The sender learns at once how far its own writes are known now.
        greet(links[index].member, isReply: true, &output)
    }
}
