import Determinism
import Testing

@testable import Replication

/// A quorum group in virtual time whose members are one-way delays of 10 ms apart, unless said
/// otherwise.
final class QuorumGroup {
    let cluster: ReplicaCluster<Quorum>
    let members: [MemberID]
    /// Nodes without a replica that coordinate; their numbers come after those of the members.
    let coordinators: [MemberID]
    private let roundTrips: RoundTripTable
    private let valueType: ValueType

    init(
        _ count: Int = 3, coordinators extra: Int = 0, seed: UInt64 = 1,
        options: [String: OptionValue] = [:], valueType: ValueType = .register,
        roundTrip: @escaping (Int, Int) -> TimeSpan = { _, _ in .milliseconds(20) }
    ) throws {
        self.valueType = valueType
        members = (0..<count).map { testMember($0) }
        coordinators = (count..<count + extra).map { testMember($0) }
        let total = count + extra
        roundTrips = RoundTripTable(
            regionCount: total,
            spans: (0..<total * total).map {
                $0 / total == $0 % total ? .zero : roundTrip($0 / total, $0 % total)
            })
        var options = options
        if extra > 0 { options["coordinators"] = .regions(coordinators.map(\.node.region)) }
        cluster = ReplicaCluster(seed: seed, options: StrategyOptions(options))
        cluster.jitter = .zero
        cluster.delay = { source, target in
            roundTrip(Int(source.node.region.index), Int(target.node.region.index)) / 2
        }
        for member in members + coordinators { cluster.add(setup(member)) }
        try cluster.startAll()
        cluster.run(for: .milliseconds(500))
    }

    func setup(_ member: MemberID, isRejoining: Bool = false) -> GroupSetup {
        GroupSetup(
            group: GroupID(index: 0), member: member, voters: members, valueType: valueType,
            roundTrips: roundTrips,
            random: RandomStream(seed: 0, name: "unset"), isRejoining: isRejoining)
    }

    /// Asks a member and waits for the answer; how long it took, too.
    @discardableResult
    func ask(
        _ number: Int, _ operation: Operation, key: Key = Key("k"),
        context: VersionVector = VersionVector(), within span: TimeSpan = .seconds(10)
    ) throws -> (reply: ClientReply, took: TimeSpan) {
        let asked = cluster.now
        let request = begin(number, operation, key: key, context: context)
        cluster.run(until: { cluster.replies[request] != nil }, within: span)
        let reply = try #require(cluster.replies[request])
        return (reply.reply, reply.at - asked)
    }

    func begin(
        _ number: Int, _ operation: Operation, key: Key = Key("k"),
        context: VersionVector = VersionVector()
    ) -> UInt64 {
        cluster.ask(
            (members + coordinators)[number],
            ClientRequest(
                client: ClientID(rawValue: 1), sequence: 1,
                command: .operate(key, operation, context: context)))
    }

    func write(_ number: Int, _ text: String, key: Key = Key("k")) throws -> ClientReply {
        try ask(number, .write(Array(text.utf8)), key: key).reply
    }

    /// What a read shows, as text; `nil` for an error.
    func read(_ number: Int, key: Key = Key("k")) throws -> [String]? {
        try ask(number, .read, key: key).reply.texts
    }

    /// Whether a member's own state holds exactly this value of the key.
    func holds(_ number: Int, _ text: String, key: Key = Key("k")) throws -> Bool {
        let quorum = try #require(cluster.replica(members[number]))
        return quorum.store.shown(quorum.store.table[key]).texts == [text]
    }

    /// Ends a member's life, forgets its disk and lets it come back as somebody new.
    func loseDisk(_ number: Int) throws -> MemberID {
        cluster.destroy(members[number])
        let reborn = testMember(number, incarnation: 1)
        cluster.add(setup(reborn, isRejoining: true))
        try cluster.start(reborn)
        return reborn
    }
}

extension ClientReply {
    /// The values of a read, as text; `nil` for anything else.
    var texts: [String]? {
        guard case .values(let values) = outcome else { return nil }
        return values.map { value in
            if case .bytes(let bytes) = value {
                String(decoding: bytes, as: UTF8.self)
            } else {
                "?"
            }
        }
    }
}
