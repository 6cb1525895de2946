import Determinism
import Testing

@testable import Replication

/// One member that a test talks to by hand, in place of its peers, its disk and its clock.
final class RaftProbe {
    let raft: Raft
    private var output = ReplicaOutput<RaftMessage, RaftRecord>()
    private(set) var records: [RaftRecord] = []
    private(set) var time = Instant(nanoseconds: 1_000_000_000)
    var wallOffset = TimeSpan.zero
    private let setup: GroupSetup
    private let options: StrategyOptions

    struct Sent {
        var body: RaftMessage.Body
        var to: MemberID
        var timing: Timing
    }

    /// What one input led to.
    struct Result {
        var sent: [Sent] = []
        var replies: [ClientReply] = []
        var records: [RaftRecord] = []
        var checkpoints: [[UInt8]] = []
        var position: JournalPosition

        var votes: [VoteReply] {
            sent.compactMap { if case .voteReply(let reply) = $0.body { reply } else { nil } }
        }
        var voteRequests: [VoteRequest] {
            sent.compactMap { if case .vote(let request) = $0.body { request } else { nil } }
        }
        var appendReplies: [AppendReply] {
            sent.compactMap { if case .appendReply(let reply) = $0.body { reply } else { nil } }
        }
        var appends: [AppendRequest] {
            sent.compactMap { if case .append(let request) = $0.body { request } else { nil } }
        }
    }

    /// Member 0 of `count`, whose journal holds `records`.
    init(
        _ count: Int = 5, options: [String: OptionValue] = [:], records: [RaftRecord] = [],
        start: Bool = true
    ) throws {
        let regions = count + 3
        setup = GroupSetup(
            group: GroupID(index: 0), member: testMember(0),
            voters: (0..<count).map { testMember($0) },
            roundTrips: RoundTripTable(
                regionCount: regions,
                spans: Array(repeating: .milliseconds(20), count: regions * regions)),
            random: RandomStream(seed: 1, name: "probe"))
        self.options = StrategyOptions(options)
        raft = try Raft(setup: setup, options: self.options)
        for record in records { try raft.replay(record) }
        output = ReplicaOutput(position: JournalPosition(rawValue: UInt64(records.count)))
        self.records = records
        if start { give(.start) }
    }

    /// The same member after a crash in which everything persisted was durable.
    func restarted() throws -> RaftProbe {
        let again = try RaftProbe(
            setup.voters.count, options: Dictionary(uniqueKeysWithValues: options.sorted),
            records: records, start: false)
        again.time = time
        again.give(.start)
        return again
    }

    @discardableResult
    func give(_ input: ReplicaInput<RaftMessage>) -> Result {
        let now = NodeTime(
            monotonic: time,
            wall: WallTime(nanosecondsSince1970: 1_767_225_600_000_000_000 + time.nanoseconds)
                + wallOffset)
        raft.handle(input, at: now, into: &output)
        var result = Result(position: output.position)
        result.records = output.records
        records += output.records
        for effect in output.effects {
            switch effect {
            case .send(let message, let target, let timing):
                result.sent.append(Sent(body: message.body, to: target, timing: timing))
            case .reply(let reply, _, _): result.replies.append(reply)
            case .note: break
            case .checkpoint(let bytes, _): result.checkpoints.append(bytes)
            }
        }
        output.removeAll()
        return result
    }

    @discardableResult
    func receive(_ body: RaftMessage.Body, from number: Int) -> Result {
        give(.message(RaftMessage(body), from: testMember(number)))
    }

    /// Everything persisted so far is durable.
    @discardableResult
    func settle() -> Result { give(.durable(output.position)) }

    @discardableResult
    func wait(_ span: TimeSpan) -> Result {
        time = time + span
        return give(.wake)
    }

    @discardableResult
    func ask(_ operation: Operation, session: UInt64 = 0, sequence: UInt64 = 1) -> Result {
        give(
            .request(
                ClientRequest(
                    client: ClientID(rawValue: 1), session: session, sequence: sequence,
                    command: .operate(Key("k"), operation, context: VersionVector())),
                RequestHandle(connection: 1, request: sequence)))
    }

    /// Makes the member leader of the next term, by the votes of members 1 and on.
    func elect() {
        for _ in 0..<10 where raft.role != .candidate && !raft.isLeader {
            wait(.seconds(2))
            guard raft.role == .preCandidate else { continue }
            for number in 1..<setup.voters.count where raft.role == .preCandidate {
                receive(
                    .voteReply(
                        VoteReply(term: raft.term.next, isPreVote: true, isGranted: true)),
                    from: number)
            }
        }
        settle()
        for number in 1..<setup.voters.count where raft.role == .candidate {
            receive(
                .voteReply(VoteReply(term: raft.term, isPreVote: false, isGranted: true)),
                from: number)
        }
    }

    /// Says for a follower that it has the log up to `index`.
    @discardableResult
    func accept(_ index: UInt64, by number: Int) -> Result {
        receive(
            .appendReply(AppendReply(term: raft.term, result: .matched(LogIndex(index)))),
            from: number)
    }
}

/// A log whose entries have these terms, as a journal's records.
func journal(terms: [UInt64], currentTerm: UInt64, vote: MemberID? = nil) -> [RaftRecord] {
    [
        RaftRecord(.hardState(HardState(term: Term(currentTerm), vote: vote))),
        RaftRecord(.entries(after: .zero, entries(terms: terms))),
    ]
}

func entries(terms: [UInt64]) -> [LogEntry] {
    terms.map { LogEntry(term: Term($0), time: 1, payload: LogEntry.Payload.noOperation.encoded) }
}

func voteRequest(
    _ term: UInt64, last: UInt64 = 0, lastTerm: UInt64 = 0, isPreVote: Bool = false,
    isTransfer: Bool = false
) -> RaftMessage.Body {
    .vote(
        VoteRequest(
            term: Term(term), lastIndex: LogIndex(last), lastTerm: Term(lastTerm),
            isPreVote: isPreVote, isTransfer: isTransfer))
}

func appendRequest(
    _ term: UInt64, after previous: UInt64 = 0, _ previousTerm: UInt64 = 0, commit: UInt64 = 0,
    terms: [UInt64] = []
) -> RaftMessage.Body {
    .append(
        AppendRequest(
            term: Term(term), previousIndex: LogIndex(previous),
            previousTerm: Term(previousTerm), commitIndex: LogIndex(commit),
            entries: entries(terms: terms)))
}
