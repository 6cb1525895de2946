import Determinism

/// What a leader does at every heartbeat besides sending it.
extension Raft {
    func superviseFollowers(_ now: NodeTime, _ output: inout Output) {
        if options.checkQuorum, !hearsQuorum(now) {
            let why = "no majority was heard for \(options.electionTimeout.upperBound)"
            transitions.count(.leaderToFollowerByQuorum)
            role = .follower
            leader = nil
            failProposals(why, &output)
            stopLeading(why, now, &output)
            return
        }
        forgetDeparted(now)
        for index in peers.indices { resendStalled(index, now, &output) }
        completeJoining(now, &output)
        seekPreferredLeader(now, &output)
    }

    /// Whether a majority was heard within the longest election timeout (6.2).
    private func hearsQuorum(_ now: NodeTime) -> Bool {
        var heard = 0
        for voter in membership.voters {
            if voter == me {
                heard += 1
            } else if let index = peerIndex(voter) {
                let silence = now.monotonic - peers[index].lastHeard
                if silence < options.electionTimeout.upperBound { heard += 1 }
            }
        }
        return heard >= membership.quorum
    }

    /// Stops sending to removed members that know it, or that could not be told in time.
    private func forgetDeparted(_ now: NodeTime) {
        peers.removeAll { peer in
            guard let departure = peer.departure else { return false }
            let knows = peer.match >= departure.index && peer.toldCommit >= departure.index
            return knows || now.monotonic >= departure.deadline
        }
    }

    /// Whether a member lives and has nearly everything.
    func isCaughtUp(_ member: MemberID, _ now: NodeTime) -> Bool {
        guard let index = peerIndex(member), case .replicate = peers[index].mode else {
            return false
        }
        let silence = now.monotonic - peers[index].lastHeard
        return silence < options.electionTimeout.lowerBound
            && log.lastIndex - peers[index].match <= 1024
    }

    /// A follower has accepted entries: what waited for that goes on.
    func followerCaughtUp(_ index: Int, _ now: NodeTime, _ output: inout Output) {
        if let transfer, transfer.target == peers[index].member {
            continueTransfer(now, &output)
        }
        if !membership.joining.isEmpty { completeJoining(now, &output) }
    }
}
