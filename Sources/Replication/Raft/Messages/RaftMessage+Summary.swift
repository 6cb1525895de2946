/// What messages of Raft say, for people who read a trace.
extension RaftMessage {
    /// The message in the terms of the protocol: `append term 2, entries 5..7, commit 4`. What
    /// answers another message says so with an arrow: `vote term 3 → granted`.
    public var summary: String {
        switch body {
        case .vote(let request): request.summary
        case .voteReply(let reply):
            "\(reply.isPreVote ? "pre-vote" : "vote") term \(reply.term.rawValue) → "
                + (reply.isGranted ? "granted" : "refused")
        case .append(let request): request.summary
        case .appendReply(let reply): reply.summary
        case .heartbeat(let heartbeat):
            "heartbeat term \(heartbeat.term.rawValue), commit \(heartbeat.commitIndex.rawValue)"
                + (heartbeat.confirmsReads ? ", confirm round \(heartbeat.round)" : "")
        case .heartbeatReply(let reply):
            "heartbeat term \(reply.term.rawValue) → "
                + (reply.confirmsReads ? "round \(reply.round) confirmed" : "heard")
        case .snapshot(let chunk):
            "snapshot term \(chunk.term.rawValue) through \(chunk.lastIndex.rawValue), "
                + "bytes from \(chunk.offset), \(chunk.bytes.count) of \(chunk.totalBytes)"
        case .snapshotReply(let reply):
            "snapshot term \(reply.term.rawValue) through \(reply.lastIndex.rawValue) → "
                + (reply.isGap ? "a gap, " : "") + "go on from \(reply.nextOffset)"
        case .timeoutNow(let term): "seek election now, term \(term.rawValue)"
        case .join(let member): "\(member) asks to be taken in"
        case .forward(let number, let request): "pass on #\(number % 10_000): \(request.summary)"
        case .forwardAdministration(let number, let command):
            "pass on #\(number % 10_000): \(command.summary)"
        case .forwardReply(let number, let reply): "pass on #\(number % 10_000) → \(reply.summary)"
        }
    }
}

// Numbers of what is passed on count up from a drawn one: their last digits tell them apart.

extension VoteRequest {
    fileprivate var summary: String {
        "\(isPreVote ? "pre-vote" : "vote") term \(term.rawValue), log ends with "
            + "\(lastTerm.rawValue).\(lastIndex.rawValue)"
            + (isTransfer ? ", handed over" : "")
    }
}

extension AppendRequest {
    fileprivate var summary: String {
        let first = previousIndex.next.rawValue
        let last = (previousIndex + entries.count).rawValue
        let carried: String
        switch entries.count {
        case 0: carried = "nothing after \(previousIndex.rawValue)"
        case 1: carried = "entry \(first)"
        case _: carried = "entries \(first)..\(last)"
        }
        return "append term \(term.rawValue), \(carried), commit \(commitIndex.rawValue)"
    }
}

extension AppendReply {
    fileprivate var summary: String {
        switch result {
        case .matched(let index): "append term \(term.rawValue) → matches to \(index.rawValue)"
        case .rejected(let previous, let hint, _):
            "append term \(term.rawValue) → \(previous.rawValue) is missing, try \(hint.rawValue)"
        }
    }
}
