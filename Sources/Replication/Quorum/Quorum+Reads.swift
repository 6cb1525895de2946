import Determinism

/// Reads of clients, and answers to other members.
extension Quorum {
    /// Begins to ask what the members hold of `key`. Writes with write_back do so, too.
    func ask(
        for key: Key, then purpose: QuorumRead.Purpose, _ now: NodeTime, _ output: inout Output
    ) {
        lastRead += 1
        var read = QuorumRead(
            number: lastRead, key: key, purpose: purpose,
            deadline: now.monotonic + options.timeout,
            answers: isCoordinator && (!options.isSloppy || store.table[key] == nil)
                ? [] : [QuorumRead.Answer(member: me, entry: store.table[key])])
        let others = nearest + standIns
        if options.asksAll {
            ask(others, &read, &output)
        } else {
            let first = others.prefix(options.read - read.answers.count)
            ask(Array(first), &read, &output)
            let patience = first.compactMap { store.position(of: $0) }
                .map { store.links[$0].patience }
            if let longest = patience.max() {
                read.askMoreAt = now.monotonic + min(longest, options.timeout / 2)
            }
        }
        reads.append(read)
    }

    /// The other members that can be reached, the nearest first.
    private var nearest: [MemberID] {
        store.links.filter(\.isConnected).map(\.member).sorted { left, right in
            let first = roundTrips[me.node.region, left.node.region]
            let second = roundTrips[me.node.region, right.node.region]
            return (first, left) < (second, right)
        }
    }

    private func ask(_ members: [MemberID], _ read: inout QuorumRead, _ output: inout Output) {
        let request = EventualMessage(.get(GetRequest(number: read.number, key: read.key)))
        for member in members { output.send(request, to: member) }
        read.asked += members
    }

    /// Tells another member what is held of a key.
    func answer(_ request: GetRequest, for sender: MemberID, _ output: inout Output) {
        guard store.serves || isCoordinator && options.isSloppy else {
            return store.greet(sender, isReply: true, &output)
        }
        let isDurable = store.unwrittenKeys[request.key] == nil
        let reply = GetReply(number: request.number, entry: store.table[request.key])
        output.send(EventualMessage(.getReply(reply)), to: sender, isDurable ? .now : .onceDurable)
    }

    /// Takes note of what another member holds.
    func answered(_ reply: GetReply, by sender: MemberID) {
        let counts = store.members.contains(sender) || isStandIn(sender) && reply.entry != nil
        guard counts, let index = position(of: reply.number),
            reads[index].asked.contains(sender),
            !reads[index].answers.contains(where: { $0.member == sender })
        else { return }
        reads[index].answers.append(QuorumRead.Answer(member: sender, entry: reply.entry))
        if reads[index].phase == .writingBack, reply.entry == reads[index].result {
            reads[index].hold(by: sender)
        }
    }

    /// Another member has on disk what was written back.
    func writtenBack(_ number: UInt64, by sender: MemberID) {
        guard store.members.contains(sender), let index = position(of: number) else { return }
        reads[index].hold(by: sender)
    }

    /// Takes what another member knows of a key.
    func take(
        _ request: PutRequest, of sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        if isStandIn(me) { return standIn(for: request, of: sender, now, &output) }
        guard store.belongs, store.members.contains(sender) || store.isCoordinator(sender)
        else { return }
        store.absorb([request.keyed], knowing: nil, of: sender, now, &output)
        if request.number != 0 { store.send(.putReply(request.number), to: sender, &output) }
    }

    private func position(of number: UInt64) -> Int? {
        guard let first = reads.first?.number, number >= first else { return nil }
        return reads.firstIndex { $0.number == number }
    }

    /// Goes on with the reads that can.
    func settleReads(_ now: NodeTime, _ output: inout Output) {
        guard !reads.isEmpty else { return }
        var waiting: [QuorumRead] = []
        for var read in reads where !settle(&read, now, &output) { waiting.append(read) }
        reads = waiting
    }

    /// Goes on with a read; returns whether nothing is left to do for it.
    private func settle(
        _ read: inout QuorumRead, _ now: NodeTime, _ output: inout Output
    ) -> Bool {
        if read.phase == .asking {
            if read.answers.count >= options.read {
                conclude(&read, now, &output)
            } else if read.askMoreAt <= now.monotonic {
                transitions.count(.askedMore)
                read.askMoreAt = .distantFuture
                ask(nearest.filter { !read.asked.contains($0) }, &read, &output)
            }
        }
        if read.phase == .writingBack, read.holders.count >= options.write {
            reply(to: read, now, &output)
            return true
        }
        if read.phase == .done { return true }
        let isOver = read.deadline <= now.monotonic
        if read.phase == .repairing {
            let asked = read.asked.count { !isStandIn($0) }
            let isComplete = read.answers.count >= asked + (isCoordinator ? 0 : 1)
            if isComplete || isOver { repair(read, now, &output) }
            return isComplete || isOver
        }
        if isOver { timeOut(read, &output) }
        return isOver
    }

    /// Enough members have answered.
    private func conclude(_ read: inout QuorumRead, _ now: NodeTime, _ output: inout Output) {
        let merged = read.merged(by: options.store.resolver)
        let agreed = read.answers.filter { $0.entry == merged }
        transitions.count(agreed.count == read.answers.count ? .readAgreed : .readDiffered)
        read.result = merged
        // What this node coordinates from now on is later than what it has shown.
        for sibling in merged?.siblings ?? [] { store.clock.observe(sibling.timestamp, now.wall) }
        switch read.purpose {
        case .answer where !options.writesBack:
            reply(to: read, now, &output)
            read.phase = .repairing
        case .answer:
            read.phase = .writingBack
            read.holders = agreed.map(\.member)
            guard let merged else {
                // None of them was ever told of the key: there is nothing to write back.
                reply(to: read, now, &output)
                read.phase = .done
                return
            }
            #if PlantedBugs
                if PlantedBug.isPlanted(.writeBackSkipped) {
                    reply(to: read, now, &output)
                    read.phase = .done
                    return
                }
            #endif
            guard read.holders.count < options.write else { return }
            transitions.count(.readWrittenBack)
            let keyed = KeyedEntry(key: read.key, entry: merged)
            if !isCoordinator {
                store.absorb([keyed], knowing: nil, of: me, now, &output)
                read.hold(by: me)
            }
            for link in store.links where link.isConnected { writeBack(read, link, &output) }
        case .write(let operation, let context, let handle):
            if let merged {
                let keyed = KeyedEntry(key: read.key, entry: merged)
                store.absorb([keyed], knowing: nil, of: me, now, &output)
            }
            write(operation, read.key, context, handle, now, read.deadline, &output)
            // The write itself brings everybody up to date.
            read.phase = .done
        }
    }

    private func writeBack(_ read: QuorumRead, _ link: PeerLink, _ output: inout Output) {
        guard let entry = read.result, !read.holders.contains(link.member) else { return }
        let keyed = KeyedEntry(key: read.key, entry: entry)
        #if PlantedBugs
            if PlantedBug.isPlanted(.writtenBackBeforeDurable) {
                let request = PutRequest(number: read.number, keyed: keyed)
                return output.send(EventualMessage(.put(request)), to: link.member)
            }
        #endif
        // What this member added to it is told once it is sure to stay.
        store.send(.put(PutRequest(number: read.number, keyed: keyed)), to: link.member, &output)
    }

    /// A connection was opened: what was asked over the one before may be lost.
    func askAgain(_ member: MemberID, _ output: inout Output) {
        guard let place = store.position(of: member) else { return }
        for index in reads.indices {
            let hasAnswered = reads[index].answers.contains { $0.member == member }
            switch reads[index].phase {
            case .asking where options.asksAll && !hasAnswered:
                reads[index].asked.removeAll { $0 == member }
                ask([member], &reads[index], &output)
            case .writingBack: writeBack(reads[index], store.links[place], &output)
            case .asking, .repairing, .done: break
            }
        }
    }

    private func reply(to read: QuorumRead, _ now: NodeTime, _ output: inout Output) {
        guard case .answer(let handle) = read.purpose else { return }
        let isDurable = store.unwrittenKeys[read.key] == nil
        output.reply(store.shown(read.result), to: handle, isDurable ? .now : .onceDurable)
    }

    /// Brings members that answered with less than is known now up to date.
    private func repair(_ read: QuorumRead, _ now: NodeTime, _ output: inout Output) {
        guard options.repairs, let merged = read.merged(by: options.store.resolver) else { return }
        let keyed = KeyedEntry(key: read.key, entry: merged)
        for answer in read.answers where answer.entry != merged && !isStandIn(answer.member) {
            transitions.count(.readRepaired)
            if answer.member == me {
                store.absorb([keyed], knowing: nil, of: me, now, &output)
            } else {
                let request = PutRequest(number: 0, keyed: keyed)
                store.send(.put(request), to: answer.member, &output)
            }
        }
    }

    private func timeOut(_ read: QuorumRead, _ output: inout Output) {
        transitions.count(.readTimedOut)
        let (handle, what): (RequestHandle, String) =
            switch read.purpose {
            case .answer(let handle): (handle, "nothing was read")
            case .write(_, _, let handle): (handle, "nothing was written")
            }
        let count =
            read.phase == .asking
            ? "\(read.answers.count) of \(options.read) members had answered"
            : "\(read.holders.count) of \(options.write) members held what was read"
        output.reply(
            .failed(
                ServiceError(
                    .consensusNotAchieved, "\(count) when the time was over; \(what)",
                    isIndefinite: false)), to: handle)
    }
}
