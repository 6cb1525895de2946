import Determinism

/// Bringing the other members into line, and keeping them so.
extension PrimaryBackup {
    /// Has a stream to every other member, and asks those that were not asked.
    func openStreams(_ now: NodeTime, _ output: inout Output) {
        guard let reign else { return }
        reign.streams.removeAll { stream in
            configuration.members.contains {
                $0.node == stream.member.node && $0 > stream.member
            }
        }
        for member in configuration.members where member != me {
            if reign.streamIndex(member) == nil {
                reign.streams.append(ReplicaStream(member: member))
            }
        }
        reign.streams.sort { $0.member < $1.member }
        for index in reign.streams.indices {
            if case .closed = reign.streams[index].mode { ask(at: index, now, &output) }
        }
    }

    /// Asks a member where its log ends.
    func ask(at index: Int, _ now: NodeTime, _ output: inout Output) {
        guard let reign else { return }
        reign.streams[index].mode = .asked
        reign.streams[index].underWay = []
        reign.streams[index].lastActivity = now.monotonic
        send(.ask(configuration), to: reign.streams[index].member, &output)
    }

    /// A life of a node that has no state wants it.
    func joinAsked(by member: MemberID, _ now: NodeTime, _ output: inout Output) {
        lives[member.node] = max(lives[member.node] ?? member, member)
        guard let reign, life(of: member.node) == member,
            let earlier = configuration.member(of: member.node), earlier < member,
            reign.streamIndex(member) == nil
        else { return }
        reign.streams.append(ReplicaStream(member: member))
        reign.streams.sort { $0.member < $1.member }
        if let index = reign.streamIndex(member) { ask(at: index, now, &output) }
    }

    /// A member said where its log ends.
    func placed(
        _ position: Position, _ sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        guard let reign, position.epoch == reign.epoch, let index = reign.streamIndex(sender) else {
            return
        }
        if case .copying(let copy) = reign.streams[index].mode, copy.acknowledged > 0 { return }
        let match = history.agreement(
            endingAt: lastIndex, with: position.history, endingAt: position.lastIndex)
        reign.streams[index].underWay = []
        reign.streams[index].lastActivity = now.monotonic
        if match >= log.baseIndex, position.applied <= match {
            reign.streams[index].mode = .streaming
            reign.streams[index].next = match.next
            sendEntries(to: index, now, &output, evenIfNone: true)
        } else {
            startCopy(to: index, fork: match, now, &output)
        }
    }

    /// Sends the entries that the window allows.
    func sendEntries(
        to index: Int, _ now: NodeTime, _ output: inout Output, evenIfNone: Bool = false
    ) {
        guard let reign, reign.streams[index].isStreaming else { return }
        var mayBeEmpty = evenIfNone
        while mayBeEmpty || reign.streams[index].next <= lastIndex,
            reign.streams[index].hasRoom
        {
            mayBeEmpty = false
            let previous = reign.streams[index].next.previous
            guard let previousEpoch = log.term(at: previous) else {
                return ask(at: index, now, &output)
            }
            let batch = log.batch(
                from: previous.next, through: lastIndex,
                bytesMax: PrimaryBackupOptions.batchBytesMax,
                countMax: PrimaryBackupOptions.batchEntriesMax)
            let end = previous + batch.entries.count
            send(
                .append(
                    Extension(
                        epoch: reign.epoch, previousIndex: previous, previousEpoch: previousEpoch,
                        entries: batch.entries)), to: reign.streams[index].member, &output)
            reign.streams[index].next = end.next
            reign.streams[index].underWay.append((end, batch.bytes))
            if reign.streams[index].underWay.count == 1 {
                reign.streams[index].lastActivity = now.monotonic
            }
        }
    }

    /// A member has the log up to `index` durably.
    func appended(
        _ epoch: Term, _ index: LogIndex, _ sender: MemberID, _ now: NodeTime,
        _ output: inout Output
    ) {
        guard let reign, reign.epoch == epoch, index <= lastIndex,
            let place = reign.streamIndex(sender)
        else { return }
        reign.streams[place].acknowledged(index)
        reign.streams[place].lastActivity = now.monotonic
        sendEntries(to: place, now, &output)
        advance(now, &output)
        continueHandOver(now, &output)
        askToAdmit(place, &output)
    }

    /// Asks the managers to count a new life once it has all that was acknowledged.
    private func askToAdmit(_ index: Int, _ output: inout Output) {
        guard let reign, !configuration.members.contains(reign.streams[index].member),
            let match = reign.streams[index].match, match >= machine.appliedIndex
        else { return }
        for node in managerNodes {
            send(
                .admit(reign.streams[index].member, epoch: reign.epoch), to: life(of: node),
                &output)
        }
    }

    /// Asks again where no answer came.
    func retryStreams(_ now: NodeTime, _ output: inout Output) {
        guard let reign else { return }
        for index in reign.streams.indices {
            let stream = reign.streams[index]
            let roundTrip = setup.roundTrips[me.node.region, stream.member.node.region]
            let patience = max(options.beat, roundTrip * 3 + .milliseconds(200))
            guard now.monotonic - stream.lastActivity >= patience else { continue }
            switch stream.mode {
            case .closed, .asked: ask(at: index, now, &output)
            case .streaming:
                if stream.underWay.isEmpty {
                    askToAdmit(index, &output)
                } else {
                    ask(at: index, now, &output)
                }
            case .copying: resumeCopy(to: index, now, &output)
            }
        }
    }
}
