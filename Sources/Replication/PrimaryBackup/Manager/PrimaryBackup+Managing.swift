import Determinism

/// The failover manager's work, at the node of it that acts.
extension PrimaryBackup {
    /// Whether this node leads the managers.
    private var isActing: Bool { managers?.isLeader ?? false }

    /// When the acting manager has something to do that no message brings.
    var nextManagerStep: Instant {
        guard isActing, let since = failover.actingSince else { return .distantFuture }
        if let election = failover.election, !election.isDecided {
            let lease = leaseEnd(since)
            let gathered = election.began + options.gather
            return [lease, gathered].filter { $0 > failover.knownSince && $0 > lastLook }.min()
                ?? .distantFuture
        }
        guard let known = failover.known, let primary = known.primary else {
            return .distantFuture
        }
        return silenceEnds(primary, since) > lastLook
            ? silenceEnds(primary, since) : .distantFuture
    }

    private var lastLook: Instant { failover.lastLook }

    /// When the primary will have been silent for too long.
    private func silenceEnds(_ primary: MemberID, _ since: Instant) -> Instant {
        let heard = failover.heardAt(primary) ?? since
        return max(heard, failover.promotedAt ?? .zero) + options.detectAfter
    }

    /// When every lease has ended that this node or one that acted before may have granted.
    private func leaseEnd(_ since: Instant) -> Instant {
        guard options.isFenced else { return .zero }
        return max(failover.lastGrant ?? .zero, since) + options.leaseWait
    }

    /// Does what is to be done now.
    func mind(_ now: NodeTime, _ output: inout Output) {
        guard managers != nil else { return }
        takeAnswers(now, &output)
        failover.lastLook = now.monotonic
        guard isActing else {
            if failover.actingSince != nil { failover.resign() }
            return
        }
        guard let since = failover.actingSince else {
            failover.actingSince = now.monotonic
            return question(.read, .learn, now, &output)
        }
        guard let known = failover.known else {
            if failover.questions.isEmpty { question(.read, .learn, now, &output) }
            return
        }
        if failover.election != nil { return elect(now, &output) }
        guard !isDeciding else { return }
        guard let primary = known.primary else {
            return beginElection(target: nil, now, &output)
        }
        if now.monotonic >= silenceEnds(primary, since) {
            output.note("primary-lost", [.init("primary", .member(primary))])
            beginElection(target: nil, now, &output)
        }
    }

    private var isDeciding: Bool {
        failover.questions.contains { if case .decide = $0.purpose { true } else { false } }
    }

    private func question(
        _ operation: Operation, _ purpose: FailoverManager.Question.Purpose, _ now: NodeTime,
        _ output: inout Output
    ) {
        withManagers(&output) { managers, output in
            let asked = managers.ask(operation, at: now, into: &output)
            failover.questions.append(
                FailoverManager.Question(number: asked.number, purpose: purpose))
            return asked.checkpoint
        }
        takeAnswers(now, &output)
    }

    private func takeAnswers(_ now: NodeTime, _ output: inout Output) {
        while let answer = managers?.takeAnswer() {
            guard
                let place = failover.questions.firstIndex(where: { $0.number == answer.number })
            else { continue }
            let question = failover.questions.remove(at: place)
            answered(question.purpose, answer.reply, now, &output)
        }
    }

    private func answered(
        _ purpose: FailoverManager.Question.Purpose, _ reply: ClientReply, _ now: NodeTime,
        _ output: inout Output
    ) {
        guard isActing, failover.actingSince != nil else { return }
        switch (purpose, reply.outcome) {
        case (.learn, .values(let values)):
            var decided = founding
            if case .bytes(let bytes)? = values.first,
                let stored = try? Configuration.decoded(bytes)
            {
                decided = stored
            }
            failover.known = decided
            failover.knownSince = now.monotonic
            announce(&output)
        case (.confirm(let member, let beat), .values):
            guard let known = failover.known, known.primary == member, !isElecting else { return }
            failover.lastGrant = now.monotonic
            send(
                .decided(Decision(configuration: known, beat: beat.sent, isLease: true)),
                to: member, &output)
        case (.decide(let configuration), .done):
            decided(configuration, now, &output)
        case (.decide, _):
            // Another manager decided, or it is not known: look.
            failover.known = nil
            failover.election = nil
            self.question(.read, .learn, now, &output)
        case (.learn, _), (.confirm, _): break
        }
    }

    /// What holds before anything was decided.
    private var founding: Configuration {
        let members = setup.voters.sorted()
        return Configuration(
            epoch: Term(1), primary: members.first { $0.node.region == options.primary },
            members: members)
    }

    private var isElecting: Bool { failover.election != nil || isDeciding }

    /// A member lives.
    func heard(_ beat: Beat, _ sender: MemberID, _ now: NodeTime, _ output: inout Output) {
        lives[sender.node] = max(lives[sender.node] ?? sender, sender)
        let isNewer = !configuration.members.contains { $0.node == sender.node && $0 > sender }
        guard managers != nil, isNewer else { return }
        // A primary that restarted is silent as a primary.
        let isRestarted =
            !beat.isPrimary && beat.epoch == failover.known?.epoch
            && failover.known?.primary == sender
        if !isRestarted { failover.hear(beat, from: sender, at: now.monotonic) }
        guard isActing, let known = failover.known else { return }
        if isRestarted, !isElecting {
            transitions.count(.primaryRestarted)
            output.note("primary-restarted", [.init("primary", .member(sender))])
            return beginElection(target: nil, now, &output)
        }
        if beat.epoch == known.epoch, known.primary == sender, beat.isPrimary {
            guard !isElecting else { return }
            if options.isFenced {
                guard !failover.questions.contains(where: \.isConfirmation) else { return }
                question(.read, .confirm(sender, beat), now, &output)
            } else {
                send(
                    .decided(Decision(configuration: known, beat: beat.sent, isLease: false)),
                    to: sender, &output)
            }
        } else if beat.epoch < known.epoch || known.primary != nil, failover.election == nil {
            send(
                .decided(Decision(configuration: known, beat: beat.sent, isLease: false)),
                to: sender, &output)
        }
        if let election = failover.election, known.members.contains(sender) {
            if !election.ends.contains(where: { $0.member == sender }) {
                send(.seal(election.epoch), to: sender, &output)
            }
        }
    }

    private func announce(_ output: inout Output) {
        guard let known = failover.known, failover.election == nil else { return }
        let nodes = Set(known.members.map(\.node)).union(managerNodes).sorted()
        for node in nodes {
            send(
                .decided(Decision(configuration: known, beat: nil, isLease: false)),
                to: life(of: node), &output)
        }
    }

    /// Puts a decision to the managers, which holds unless another came first.
    private func decide(_ next: Configuration, _ now: NodeTime, _ output: inout Output) {
        guard let known = failover.known else { return }
        let isFirst = known == founding
        question(
            .compareAndSet(expected: isFirst ? nil : known.encoded, new: next.encoded),
            .decide(next), now, &output)
    }

    private func beginElection(target: MemberID?, _ now: NodeTime, _ output: inout Output) {
        guard let known = failover.known, !isDeciding else { return }
        transitions.count(.electionBegun)
        failover.nextTarget = target
        decide(
            Configuration(epoch: known.epoch.next, primary: nil, members: known.members), now,
            &output)
    }

    /// The managers decided so.
    private func decided(_ next: Configuration, _ now: NodeTime, _ output: inout Output) {
        let former = failover.known
        failover.known = next
        failover.knownSince = now.monotonic
        if let primary = next.primary {
            let isSame = former?.epoch == next.epoch && former?.primary == primary
            if !isSame {
                failover.promotedAt = now.monotonic
                let wasPrimary = failover.election?.former == primary
                transitions.count(wasPrimary ? .promotedAgain : .promoted)
                output.note(
                    "primary-promoted",
                    [
                        .init("term", .number(Int64(clamping: next.epoch.rawValue))),
                        .init("primary", .member(primary)),
                    ])
            }
            failover.election = nil
            return announce(&output)
        }
        failover.election = FailoverManager.Election(
            epoch: next.epoch, began: now.monotonic, former: former?.primary,
            target: failover.nextTarget)
        failover.nextTarget = nil
        output.note(
            .electionStarted, [.init("term", .number(Int64(clamping: next.epoch.rawValue)))])
        for member in next.members { send(.seal(next.epoch), to: member, &output) }
    }

    /// A member follows nobody before `epoch`.
    func sealedIs(
        _ end: FailoverManager.End, before epoch: Term, _ now: NodeTime, _ output: inout Output
    ) {
        guard isActing, failover.election?.epoch == epoch,
            failover.known?.members.contains(end.member) == true
        else { return }
        failover.election?.ends.removeAll { $0.member == end.member }
        failover.election?.ends.append(end)
        elect(now, &output)
    }

    /// Promotes the newest, if it can be known and nobody has a lease.
    private func elect(_ now: NodeTime, _ output: inout Output) {
        guard let election = failover.election, !election.isDecided, let known = failover.known,
            let since = failover.actingSince
        else { return }
        let hasFormerEnded = election.ends.contains { $0.member == election.former }
        if !hasFormerEnded, now.monotonic < leaseEnd(since) {
            if !election.hasWaitedForLease {
                failover.election?.hasWaitedForLease = true
                transitions.count(.electionWaitedForLease)
            }
            return
        }
        let needed = options.heardBeforePromotion(of: known.members.count)
        let isGathered =
            now.monotonic >= election.began + options.gather
            || known.members.allSatisfy { member in
                election.ends.contains { $0.member == member }
            }
        guard election.ends.count >= needed, isGathered else {
            if isGathered, !election.hasWaitedForMembers {
                failover.election?.hasWaitedForMembers = true
                transitions.count(.electionWaitedForMembers)
            }
            return
        }
        guard let chosen = choice(election) else { return }
        failover.election?.isDecided = true
        decide(
            Configuration(epoch: election.epoch, primary: chosen, members: known.members), now,
            &output)
    }

    /// The newest; among equals whom an operator named, then who stands where the options say.
    private func choice(_ election: FailoverManager.Election) -> MemberID? {
        func isBetter(_ left: FailoverManager.End, _ right: FailoverManager.End) -> Bool {
            func order(_ end: FailoverManager.End) -> (Term, LogIndex, Int, Int) {
                #if PlantedBugs
                    if PlantedBug.isPlanted(.oldestPromoted) {
                        return (.zero, .zero, 0, Int(UInt32.max - end.member.node.packed))
                    }
                #endif
                let isTarget = end.member == election.target
                let isPreferred = end.member.node.region == options.primary
                return (
                    end.lastEpoch, end.lastIndex, isTarget ? 2 : isPreferred ? 1 : 0,
                    Int(UInt32.max - end.member.node.packed)
                )
            }
            return order(left) < order(right)
        }
        return election.ends.max(by: isBetter)?.member
    }

    /// A primary asks to count a new life of a node, which has the state.
    func admit(
        _ member: MemberID, _ epoch: Term, _ now: NodeTime, _ output: inout Output
    ) {
        guard isActing, let known = failover.known, known.epoch == epoch, known.primary != nil,
            !isElecting, known.with(member) != known
        else { return }
        transitions.count(.lifeAdmitted)
        decide(known.with(member), now, &output)
    }

    /// A primary asks to make `member` the primary, which has all it has.
    func handOver(
        to member: MemberID, _ epoch: Term, _ now: NodeTime, _ output: inout Output
    ) {
        guard isActing, let known = failover.known, known.epoch == epoch, known.primary != nil,
            !isElecting, known.members.contains(member)
        else { return }
        beginElection(target: member, now, &output)
    }
}

extension FailoverManager.Question {
    fileprivate var isConfirmation: Bool {
        if case .confirm = purpose { true } else { false }
    }
}
