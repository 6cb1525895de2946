import Determinism
import Testing

@testable import Replication

/// A random run that is made to see whether anything is found: clients append to a list and read
/// it under faults, and everything that ``RaftInvariants`` and ``RaftHistory`` claim is checked.
///
/// A search knows what it looks for, so its faults can be weighed for it; the run that looks for
/// anything is in ``RaftRandomTests``.
struct RaftSearch {
    var options: [String: OptionValue] = [:]
    /// How many voters there are; `nil`: 3 or 5.
    var voters: Int?
    var learners = 0
    var roundTrip: ClosedRange<Int> = 10...60
    /// How long a member's disk takes, at most.
    var writeDelay = TimeSpan.milliseconds(20)
    /// How fast or slow clocks run, at most, and how much members reckon with.
    var drift = 0.0
    var lost = 0.02
    var repeated = 0.02
    var isOrdered = true
    var clients: UInt64 = 4
    /// How many writes a leader still takes in when it is cut off.
    var strays = 0
    /// The faults, each as often as it stands here.
    var faults: [Fault] = Fault.common
    /// How many faults there are, and how long it takes to the next.
    var rounds = 12
    var pace: ClosedRange<TimeSpan> = .milliseconds(100)...TimeSpan.seconds(2)

    enum Fault: CaseIterable {
        case crash, restart, heal, isolateLeader, cut, partition, transfer, bounceLeader
        case bounceFollower, bounceAll, loseDisk, pause, pauseLeader, addMember, removeMember
        /// What others send the leader arrives late.
        case delayLeader
        /// The present cuts are replaced by others.
        case regroup
        /// So they are, and everybody who does not lead is restarted meanwhile.
        case regroupRestarting
        /// The latest leader is restarted, though it may just have been elected.
        case topple
        /// The leader is cut off and paused.
        case stunLeader
        /// What the leader sends is lost; what others sent it arrives yet, late.
        case muteLeader

        static let common: [Fault] = [
            .crash, .restart, .heal, .isolateLeader, .cut, .partition, .transfer, .bounceLeader,
        ]
    }

    /// What is found in the run with this seed.
    func findings(seed: UInt64) -> [String] {
        Findings.of { try RaftSearchRun(self, seed: seed).run() }
    }

    /// The first seed, up to `bound`, with which something is found.
    func firstFinding(upTo bound: UInt64) -> (seed: UInt64, what: String)? {
        for seed in 1...bound {
            if let first = findings(seed: seed).first { return (seed, first) }
        }
        return nil
    }
}

/// One run of a search.
final class RaftSearchRun {
    private let search: RaftSearch
    private let seed: UInt64
    private var random: RandomStream
    private let group: RaftCluster
    private let oneWay: TimeSpan
    private var cluster: ReplicaCluster<Raft> { group.cluster }
    private let history = RaftHistory()
    private var spares: [MemberID] = []
    /// Whom messages reach late, and by how much.
    private var late: (member: MemberID, by: TimeSpan)?
    private var strayCount: UInt64 = 0

    init(_ search: RaftSearch, seed: UInt64) throws {
        self.search = search
        self.seed = seed
        var random = RandomStream(seed: seed, name: "search")
        var options = search.options
        if options["snapshot_at"] == nil {
            options["snapshot_at"] = .size(random.chance(0.5) ? 4_000 : 1_000_000)
        }
        let width = search.roundTrip.upperBound - search.roundTrip.lowerBound
        let roundTrip = search.roundTrip.lowerBound + random.index(width + 1)
        group = try RaftCluster(
            search.voters ?? [3, 5][random.index(2)], seed: seed,
            roundTrip: .milliseconds(roundTrip), valueType: .list, learners: search.learners,
            options: options)
        let cluster = group.cluster
        cluster.jitter = .milliseconds(random.index(roundTrip + 1))
        cluster.lost = search.lost
        cluster.repeated = search.repeated
        cluster.isOrdered = search.isOrdered
        oneWay = .milliseconds(roundTrip) / 2
        let slowest = Int(search.writeDelay.nanoseconds / 1000)
        for member in cluster.order {
            cluster.nodes[member]?.writeDelay = .microseconds(100 + random.index(slowest))
            cluster.nodes[member]?.clockRate = 1 + search.drift * (2 * random.unit() - 1)
        }
        self.random = random
    }

    /// The transitions that happened to any member.
    var transitions: Set<String> { cluster.transitions }

    func run() throws {
        cluster.delay = { [unowned self] _, target in
            target == late?.member ? oneWay + (late?.by ?? .zero) : oneWay
        }
        let clients = (1...search.clients).map { RaftClient($0, group, history, seed: seed) }
        for client in clients { client.begin() }
        for _ in 0..<search.rounds where !Findings.areEnough {
            cluster.run(for: random.span(in: search.pace))
            try strike(search.faults[random.index(search.faults.count)])
            group.invariants.checkLogs(cluster.live.compactMap { cluster.replica($0) })
        }
        try settle()
        for client in clients { client.isStopped = true }
        cluster.run(until: { clients.allSatisfy(\.isIdle) }, within: .seconds(10))
        try compare()
    }

    private func settle() throws {
        cluster.healAll()
        cluster.lost = 0
        late = nil
        for member in cluster.order {
            cluster.resume(member)
            cluster.nodes[member]?.writeDelay = .milliseconds(1)
            if cluster.replica(member) == nil { try begin(member) }
        }
        cluster.run(for: .seconds(5))
    }

    /// At the end all members hold the same, and it is what the clients saw.
    private func compare() throws {
        guard !Findings.areEnough else { return }
        claim(
            group.notes("member-lost-entries") == 0,
            "a member lost what it had acknowledged, seed \(seed)")
        let isLed = cluster.run(until: { self.group.leader != nil }, within: .seconds(20))
        claim(isLed, "no leader, seed \(seed)")
        guard let leader = group.leader else { return }
        let members = try group.raft(leader).membership.members
        claim(group.awaitConvergence(among: members), "no convergence, seed \(seed)")
        let rafts = try members.map { try group.raft($0) }
        group.invariants.checkLogs(rafts)
        let states = rafts.map { $0.finalState() }
        claim(states.allSatisfy { $0 == states[0] }, "states differ, seed \(seed)")
        var list: [[UInt8]] = []
        if case .list(let elements) = states[0].first?.values.first?.value { list = elements }
        history.check(final: list, "seed \(seed)")
    }

    private func begin(_ member: MemberID) throws {
        group.invariants.forget(member)
        try cluster.start(member)
    }

    private func bounce(_ member: MemberID) throws {
        guard cluster.replica(member) != nil else { return }
        cluster.crash(member)
        try begin(member)
    }

    private func strike(_ fault: RaftSearch.Fault) throws {
        guard !Findings.areEnough else { return }
        let members = cluster.order
        let some = members[random.index(members.count)]
        switch fault {
        case .crash: cluster.crash(some)
        case .restart:
            for member in members where cluster.replica(member) == nil { try begin(member) }
        case .heal:
            late = nil
            cluster.healAll()
            for member in members { cluster.resume(member) }
        case .isolateLeader:
            if let leader = group.leader {
                cluster.isolate(leader)
                stray(at: leader)
            }
        case .cut:
            let other = members[random.index(members.count)]
            if other != some { cluster.cut(from: some, to: other) }
        case .partition: partition(members)
        case .regroup:
            cluster.healAll()
            partition(members)
        case .regroupRestarting:
            let leaders = group.leaders
            cluster.healAll()
            partition(members)
            for member in members where !leaders.contains(member) { try bounce(member) }
        case .topple:
            let latest = group.leaders.max {
                (cluster.replica($0)?.term ?? .zero) < (cluster.replica($1)?.term ?? .zero)
            }
            if let latest { try bounce(latest) }
        case .stunLeader:
            if let leader = group.leader {
                cluster.isolate(leader)
                cluster.pause(leader)
            }
        case .muteLeader:
            if let leader = group.leader {
                for other in members where other != leader { cluster.cut(from: leader, to: other) }
            }
        case .transfer: administer(.transferLeader(to: some.node.region))
        case .bounceLeader: if let leader = group.leader { try bounce(leader) }
        case .bounceFollower: if some != group.leader { try bounce(some) }
        case .bounceAll: for member in members { try bounce(member) }
        case .loseDisk: try loseDisk(of: some)
        case .pause: cluster.pause(some)
        case .pauseLeader: if let leader = group.leader { cluster.pause(leader) }
        case .addMember: try addMember()
        case .removeMember: administer(.remove(some))
        case .delayLeader:
            if let leader = group.leader {
                late = (leader, .milliseconds(100 + random.index(200)))
            }
        }
    }

    private func partition(_ members: [MemberID]) {
        let order = random.shuffled(members)
        let split = 1 + random.index(order.count - 1)
        cluster.partition([Array(order[..<split]), Array(order[split...])])
    }

    /// Writes whose client does not wait for the answer.
    private func stray(at member: MemberID) {
        for _ in 0..<search.strays {
            strayCount += 1
            let token = bytes("stray-\(strayCount)")
            history.appends.append(RaftHistory.Append(token: token, invoked: cluster.now))
            group.submit(member, .append(token), key: "list")
        }
    }

    private func administer(_ command: Administration) {
        // Whoever takes itself for the leader, also one that has just been elected.
        if let leader = group.leaders.last { cluster.administer(leader, command) }
    }

    /// One disk at a time: the next is lost only when the last member is back in its place.
    private func loseDisk(of member: MemberID) throws {
        guard let leader = group.leader, let raft = cluster.replica(leader),
            raft.membership == Membership(voters: cluster.order),
            raft.memberships.currentIndex <= raft.commitIndex
        else { return }
        cluster.destroy(member)
        let back = MemberID.withoutMemory(member.node, life: member.incarnation + 1)
        cluster.add(group.setup(back, isRejoining: back.incarnation > 0))
        try begin(back)
    }

    /// Starts a node that waits, has it added, and later promoted.
    private func addMember() throws {
        guard spares.count < 2 else {
            if let spare = spares.first { administer(.promote(spare)) }
            return spares.reverse()
        }
        let spare = testMember(group.members.count + search.learners + spares.count)
        spares.append(spare)
        cluster.add(group.setup(spare))
        try begin(spare)
        administer(.addLearner(spare))
        cluster.after(.milliseconds(500)) { [weak self] _ in
            self?.administer(.promote(spare))
        }
    }
}
