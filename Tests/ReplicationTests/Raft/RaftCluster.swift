import Determinism
import Testing

@testable import Replication

/// Members of tests: node 1 of zone 0 of each region.
func testMember(_ region: Int, incarnation: UInt32 = 0) -> MemberID {
    MemberID(NodeID(region: RegionID(index: UInt16(region))), incarnation: incarnation)
}

/// A Raft group in virtual time whose invariants are checked after every input.
final class RaftCluster {
    let cluster: ReplicaCluster<Raft>
    let members: [MemberID]
    let invariants: RaftInvariants
    private let roundTrips: RoundTripTable
    private let valueType: ValueType
    private let learners: [MemberID]
    private var sequences: [UInt64: UInt64] = [:]

    init(
        _ count: Int = 3, seed: UInt64 = 1, roundTrip: TimeSpan = .milliseconds(20),
        valueType: ValueType = .register, learners: Int = 0,
        options: [String: OptionValue] = [:], start: Bool = true
    ) throws {
        let total = count + learners
        members = (0..<count).map { testMember($0) }
        self.learners = (count..<total).map { testMember($0) }
        self.valueType = valueType
        let regions = total + 3
        roundTrips = RoundTripTable(
            regionCount: regions,
            spans: (0..<regions * regions).map {
                $0 / regions == $0 % regions ? .zero : roundTrip
            })
        cluster = ReplicaCluster(seed: seed, options: StrategyOptions(options))
        cluster.delay = { _, _ in roundTrip / 2 }
        let invariants = RaftInvariants(context: "seed \(seed)")
        self.invariants = invariants
        cluster.afterStep = { cluster, member in
            if let raft = cluster.replica(member) { invariants.check(raft) }
        }
        for member in members + self.learners { cluster.add(setup(member)) }
        if start { try cluster.startAll() }
    }

    func setup(_ member: MemberID, isRejoining: Bool = false) -> GroupSetup {
        GroupSetup(
            group: GroupID(index: 0), member: member, voters: members, learners: learners,
            valueType: valueType, roundTrips: roundTrips,
            random: RandomStream(seed: 0, name: "unset"), isRejoining: isRejoining)
    }

    subscript(_ number: Int) -> Raft {
        get throws { try #require(cluster.replica(members[number])) }
    }

    func raft(_ member: MemberID) throws -> Raft { try #require(cluster.replica(member)) }

    /// Every live member that takes itself for the leader.
    var leaders: [MemberID] {
        cluster.live.filter { cluster.replica($0)?.isLeader ?? false }
    }

    /// The leader of the latest term, if it has committed an entry of it.
    var leader: MemberID? {
        leaders.filter { cluster.replica($0)?.view.isReady ?? false }
            .max { (cluster.replica($0)?.term ?? .zero) < (cluster.replica($1)?.term ?? .zero) }
    }

    @discardableResult
    func awaitLeader(
        within span: TimeSpan = .seconds(20), where accepts: (MemberID) -> Bool = { _ in true }
    ) throws -> MemberID {
        cluster.run(until: { self.leader.map(accepts) ?? false }, within: span)
        return try #require(
            leader.flatMap { accepts($0) ? $0 : nil }, "no leader, \(invariants.context)")
    }

    /// Waits until every live member in `among` has applied the same.
    func awaitConvergence(
        among: [MemberID]? = nil, within span: TimeSpan = .seconds(30)
    ) -> Bool {
        let watched = among ?? cluster.live
        return cluster.run(
            until: {
                let views = watched.compactMap { self.cluster.replica($0)?.view }
                guard views.count == watched.count, let first = views.first else { return false }
                return views.allSatisfy {
                    $0.applied == first.applied && $0.digest == first.digest
                        && $0.lastIndex == first.lastIndex && $0.lag == 0
                } && first.applied == .index(first.lastIndex)
            }, within: span)
    }

    // MARK: Requests

    func openSession(_ client: UInt64 = 1, at member: MemberID) throws -> UInt64 {
        let number = cluster.ask(
            member,
            ClientRequest(client: ClientID(rawValue: client), sequence: 1, command: .openSession))
        cluster.run(until: { self.cluster.replies[number] != nil }, within: .seconds(10))
        let reply = try #require(cluster.replies[number]?.reply)
        guard case .sessionOpened(let session) = reply.outcome else {
            Issue.record("a session was not opened: \(reply)")
            return 0
        }
        return session
    }

    /// Asks and waits for the answer.
    func ask(
        _ member: MemberID, _ operation: Operation, key: String = "k", session: UInt64 = 0,
        sequence: UInt64 = 1, firstUnanswered: UInt64 = 0, within span: TimeSpan = .seconds(10)
    ) throws -> ClientReply {
        let number = submit(
            member, operation, key: key, session: session, sequence: sequence,
            firstUnanswered: firstUnanswered)
        cluster.run(until: { self.cluster.replies[number] != nil }, within: span)
        return try #require(cluster.replies[number]?.reply, "no answer, \(invariants.context)")
    }

    @discardableResult
    func submit(
        _ member: MemberID, _ operation: Operation, key: String = "k", session: UInt64 = 0,
        sequence: UInt64 = 1, firstUnanswered: UInt64 = 0
    ) -> UInt64 {
        cluster.ask(
            member,
            ClientRequest(
                client: ClientID(rawValue: 1), session: session, sequence: sequence,
                firstUnanswered: firstUnanswered,
                command: .operate(Key(key), operation, context: VersionVector())))
    }

    func administer(_ member: MemberID, _ command: Administration) throws -> ClientReply {
        let number = cluster.administer(member, command)
        cluster.run(until: { self.cluster.replies[number] != nil }, within: .seconds(20))
        return try #require(cluster.replies[number]?.reply)
    }

    func notes(_ kind: Note.Kind) -> Int { cluster.notes.filter { $0.note.kind == kind }.count }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension ClientReply {
    var error: ServiceError? {
        if case .failed(let error) = outcome { error } else { nil }
    }
    var isDone: Bool {
        if case .done = outcome { true } else { false }
    }
}

/// The claims of the dissertation's figure 3.2, checked against everything that was ever seen.
final class RaftInvariants {
    let context: String
    private var leaderOfTerm: [UInt64: MemberID] = [:]
    private var committed: [UInt64: LogEntry] = [:]
    private var seen: [MemberID: Seen] = [:]
    private(set) var checks = 0

    private struct Seen {
        var commit: UInt64 = 0
        var term: UInt64 = 0
        var leadingTerm: UInt64 = 0
        var leadingLast: LogIndex = .zero
        var leadingLastTerm: Term = .zero
    }

    init(context: String) { self.context = context }

    func check(_ raft: Raft) {
        checks += 1
        var last = seen[raft.me] ?? Seen()
        if raft.isLeader {
            let known = leaderOfTerm[raft.term.rawValue]
            claim(
                known == nil || known == raft.me,
                "election safety: two leaders in term \(raft.term.rawValue), \(context)")
            leaderOfTerm[raft.term.rawValue] = raft.me
            if last.leadingTerm == raft.term.rawValue {
                claim(
                    raft.log.lastIndex >= last.leadingLast, "leader append-only, \(context)")
                if last.leadingLast > raft.log.baseIndex {
                    claim(
                        raft.log.term(at: last.leadingLast) == last.leadingLastTerm,
                        "leader append-only, \(context)")
                }
            } else {
                checkCompleteness(raft)
            }
            last.leadingTerm = raft.term.rawValue
            last.leadingLast = raft.log.lastIndex
            last.leadingLastTerm = raft.log.lastTerm
        }
        let commit = raft.commitIndex.rawValue
        if commit > last.commit {
            for number in (last.commit + 1)...commit {
                guard let entry = raft.log.entry(at: LogIndex(number)) else { continue }
                if let known = committed[number] {
                    claim(known == entry, "state machine safety at \(number), \(context)")
                } else {
                    committed[number] = entry
                }
            }
        }
        claim(raft.machine.appliedIndex == raft.commitIndex, "applied is committed, \(context)")
        last.commit = commit
        last.term = raft.term.rawValue
        seen[raft.me] = last
    }

    /// A restarted member begins again from what its disk holds.
    func forget(_ member: MemberID) { seen[member] = nil }

    private func checkCompleteness(_ raft: Raft) {
        for (number, entry) in committed where entry.term < raft.term {
            let index = LogIndex(number)
            guard index > raft.log.baseIndex else { continue }
            claim(
                raft.log.entry(at: index) == entry,
                "leader completeness at \(number), \(context)")
        }
    }

    /// Log matching (3.5), over all pairs.
    func checkLogs(_ rafts: [Raft]) {
        for (number, one) in rafts.enumerated() {
            for other in rafts[(number + 1)...] {
                var index = min(one.log.lastIndex, other.log.lastIndex)
                var agreed = false
                while index > max(one.log.baseIndex, other.log.baseIndex) {
                    let same = one.log.term(at: index) == other.log.term(at: index)
                    if agreed || same {
                        claim(
                            one.log.entry(at: index) == other.log.entry(at: index),
                            "log matching at \(index.rawValue), \(context)")
                        agreed = true
                    }
                    index = index.previous
                }
            }
        }
    }
}
