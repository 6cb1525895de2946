import Determinism

/// Who belongs to the group, and how a member comes in again.
///
/// A member whose node lost its disk asks, under its new identity, to take the place of the old
/// one; whoever hears it first changes the membership and tells the others. Then it takes over
/// another's whole state, and only then serves. So does a member that was removed and added
/// again, which keeps of its own state only what the others have not known yet.
extension Eventual {
    func start(_ now: NodeTime, _ output: inout Output) {
        transitions = TransitionCounts()
        for item in table.items {
            for sibling in item.entry.siblings
            where sibling.timestamp.wall - now.wall <= setup.wallClockSkewMax {
                clock.observe(sibling.timestamp, now.wall)
            }
        }
        if isIncomplete {
            // The earlier life's place is this one's; unless its node was removed.
            if let row = members.row(of: me.node), row.member != me { _ = members.renew(me) }
            persist(.members(members), &output)
            persist(.incomplete(true), &output)
        }
        updateLinks()
        for link in links { greet(link.member, isReply: false, &output) }
        let period = options.antiEntropy
        nextExchange = now.monotonic + random.span(in: period / 4...period)
        nextJoin = now.monotonic + EventualOptions.joinInterval
        completeIfAlone(&output)
    }

    /// Makes the links those of the members that count.
    private func updateLinks() {
        let others = members.active.filter { $0 != me }
        links = others.map { member in
            if let index = position(of: member) { return links[index] }
            let roundTrip = setup.roundTrips[me.node.region, member.node.region]
            return PeerLink(to: member, roundTrip: roundTrip, next: log.first)
        }
        if let partner = exchange?.partner, !others.contains(partner) { cutExchange() }
    }

    func greet(_ member: MemberID, isReply: Bool, _ output: inout Output) {
        let hello = PeerHello(
            isReply: isReply, isIncomplete: isIncomplete, knownOfReceiver: known.prefix[member],
            membership: members.fingerprint)
        send(.hello(hello), to: member, &output)
    }

    func greeted(
        _ hello: PeerHello, by sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        if position(of: sender) == nil, belongs {
            // A new life of a node that belongs takes its place.
            var renewed = members
            if renewed.renew(sender) { change(to: renewed, &output) }
        }
        if hello.membership != members.fingerprint {
            send(.members(members), to: sender, &output)
        }
        if !hello.isReply { greet(sender, isReply: true, &output) }
        guard let index = position(of: sender) else { return }
        links[index].isHeard = true
        links[index].isConnected = true
        links[index].lastHeard = now.monotonic
        links[index].isIncomplete = hello.isIncomplete
        if hello.isIncomplete, exchange?.partner == sender { cutExchange() }
        noteOwn(hello.knownOfReceiver)
        confirm(hello.knownOfReceiver, by: index)
        if !hello.isReply { links[index].restart(log) }
        completeIfAlone(&output)
    }

    func membersTold(
        _ theirs: GroupMembers, by sender: MemberID, _ output: inout Output
    ) {
        var merged = members
        if merged.merge(theirs) { change(to: merged, &output) }
        if members != theirs { send(.members(members), to: sender, &output) }
    }

    /// Takes over a membership that differs, and tells the others.
    private func change(to new: GroupMembers, _ output: inout Output) {
        let old = members
        members = new
        persist(.members(new), &output)
        for row in new.rows where old.row(of: row.member.node) != row {
            let before = old.row(of: row.member.node)
            let isRenewed = !row.isRemoved && before?.isRemoved == false
            let change = row.isRemoved ? "removed" : isRenewed ? "renewed" : "added"
            transitions.count(
                row.isRemoved ? .memberRemoved : isRenewed ? .memberRenewed : .memberAdded)
            output.note(
                .membershipChanged,
                [
                    .init("change", .text(change)), .init("member", .member(row.member)),
                    .init("voters", .number(Int64(new.active.count))),
                    .init("learners", .number(0)),
                ])
        }
        if !old.contains(me), belongs, !isIncomplete {
            // Away for longer than the others waited: what they forgot must not come back.
            transitions.count(.becameIncomplete)
            isIncomplete = true
            sources = []
            persist(.incomplete(true), &output)
        }
        if !serves { nextJoin = .zero }
        updateLinks()
        for link in links { send(.members(members), to: link.member, &output) }
        for removed in old.active where !new.contains(removed) && removed != me {
            send(.members(members), to: removed, &output)
        }
    }

    /// Asks to be let in, while the state is incomplete or another life holds the place; and
    /// greets again whom it has not heard of, for a greeting can be lost, and before the answer
    /// nobody knows how far the other is behind.
    func joinIfDue(_ now: NodeTime, _ output: inout Output) {
        guard now.monotonic >= nextJoin else { return }
        nextJoin = .distantFuture
        if serves {
            let unheard = links.filter { !$0.isHeard }
            if !unheard.isEmpty { nextJoin = now.monotonic + EventualOptions.resendMax }
            for link in unheard where link.isConnected {
                greet(link.member, isReply: false, &output)
            }
            return
        }
        let pause = belongs ? .zero : options.antiEntropy
        nextJoin = now.monotonic + max(EventualOptions.joinInterval, pause)
        for link in links where !link.isHeard || !belongs {
            greet(link.member, isReply: false, &output)
        }
        for stranger in strangers where position(of: stranger) == nil {
            greet(stranger, isReply: false, &output)
        }
        completeIfAlone(&output)
    }

    /// With no other member, or none whose state is complete, there is nothing to wait for.
    private func completeIfAlone(_ output: inout Output) {
        guard isIncomplete, belongs, links.allSatisfy({ $0.isHeard && $0.isIncomplete }) else {
            return
        }
        transitions.count(.begunAnew)
        output.note(.begunAnew)
        complete(&output)
    }

    /// Serves from now on.
    func complete(_ output: inout Output) {
        isIncomplete = false
        sources = []
        persist(.incomplete(false), &output)
        for link in links { greet(link.member, isReply: false, &output) }
    }

    func take(
        _ command: Administration, _ handle: RequestHandle, _ output: inout Output
    ) {
        var new = members
        let failure: String?
        switch command {
        case .transferLeader: failure = "a group of the strategy \(strategyName) has no leader"
        case .addLearner(let member):
            failure =
                new.add(member) ? nil : "a later life of the node than \(member) is known"
        case .promote(let member):
            failure =
                new.contains(member) ? nil : "\(member) is no member; add it first"
        case .remove(let member):
            failure = new.remove(member) ? nil : "\(member) is no member"
        }
        if let failure {
            output.reply(
                .failed(ServiceError(.refused, failure, isIndefinite: false)), to: handle)
            return
        }
        if new != members { change(to: new, &output) }
        output.reply(ClientReply(.done(nil)), to: handle, .onceDurable)
    }
}
