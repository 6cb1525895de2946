import Determinism
import Testing

@testable import Replication

/// A primary-backup group in virtual time, ten milliseconds one way, in which failures are noticed
/// after two seconds and leases last one.
final class PrimaryGroup {
    let cluster: ReplicaCluster<PrimaryBackup>
    let members: [MemberID]
    private let roundTrips: RoundTripTable
    private var sequence: UInt64 = 0

    init(_ count: Int = 3, seed: UInt64 = 1, options: [String: OptionValue] = [:]) throws {
        let members = (0..<count).map { testMember($0) }
        self.members = members
        roundTrips = RoundTripTable(
            regionCount: count,
            spans: (0..<count * count).map {
                $0 / count == $0 % count ? .zero : .milliseconds(20)
            })
        var all: [String: OptionValue] = ["detect_after": .duration(.seconds(2))]
        all.merge(options) { $1 }
        cluster = ReplicaCluster(seed: seed, options: StrategyOptions(all))
        cluster.jitter = .zero
        for member in members { cluster.add(setup(member)) }
        try cluster.startAll()
        cluster.run(until: { self.isReady }, within: .seconds(10))
        #expect(isReady)
    }

    private func setup(_ member: MemberID, isRejoining: Bool = false) -> GroupSetup {
        GroupSetup(
            group: GroupID(index: 0), member: member, voters: members, roundTrips: roundTrips,
            random: RandomStream(seed: 0, name: "unset"), isRejoining: isRejoining)
    }

    /// Whether everybody who lives is in line with one primary.
    var isReady: Bool {
        let views = cluster.live.compactMap { cluster.replica($0)?.view }
        return views.allSatisfy { $0.isReady && $0.leader == views.first?.leader }
    }

    func replica(_ number: Int) throws -> PrimaryBackup {
        let node = members[number].node
        let life = try #require(cluster.live.last { $0.node == node })
        return try #require(cluster.replica(life))
    }

    /// Who reigns, by number.
    var primaries: [Int] {
        members.indices.filter { number in
            cluster.live.contains { life in
                life.node == members[number].node && cluster.replica(life)?.reign != nil
            }
        }
    }

    func begin(_ number: Int, _ operation: Operation, key: String = "k") -> UInt64 {
        sequence += 1
        let node = members[number].node
        let life = cluster.live.last { $0.node == node } ?? members[number]
        return cluster.ask(
            life,
            ClientRequest(
                client: ClientID(rawValue: 1), sequence: sequence,
                command: .operate(Key(key), operation, context: VersionVector())))
    }

    /// Asks a member and waits for the answer.
    @discardableResult
    func ask(_ number: Int, _ operation: Operation, key: String = "k") throws -> ClientReply {
        let request = begin(number, operation, key: key)
        cluster.run(until: { cluster.replies[request] != nil }, within: .seconds(30))
        return try #require(cluster.replies[request]).reply
    }

    /// Whether a write through this member was acknowledged.
    @discardableResult
    func write(_ number: Int, _ text: String, key: String = "k") throws -> Bool {
        try ask(number, .write(Array(text.utf8)), key: key).outcome == .done(nil)
    }

    /// What a read through this member shows; `nil`: an error.
    func read(_ number: Int, key: String = "k") throws -> String? {
        try ask(number, .read, key: key).texts.map { $0.joined(separator: ",") }
    }

    /// What a member itself holds.
    func holds(_ number: Int, key: String = "k") throws -> String? {
        try replica(number).machine.values.read(Key(key)).texts?.first
    }

    func settle(_ span: TimeSpan = .seconds(20)) {
        cluster.run(until: { isReady }, within: span)
        #expect(isReady)
    }

    /// Ends a member's life, forgets its disk and lets it come back as somebody new.
    func loseDisk(_ number: Int, incarnation: UInt32 = 1) throws {
        let node = members[number].node
        let life = try #require(cluster.nodes.keys.sorted().last { $0.node == node })
        cluster.destroy(life)
        let reborn = testMember(number, incarnation: incarnation)
        cluster.add(setup(reborn, isRejoining: true))
        try cluster.start(reborn)
    }

    /// The notes of a kind, with their numbers by name.
    func notes(_ kind: String) -> [[String: Int64]] {
        cluster.notes.filter { $0.note.kind.rawValue == kind }.map { entry in
            var numbers: [String: Int64] = [:]
            for field in entry.note.fields {
                if case .number(let number) = field.value { numbers[field.name] = number }
            }
            return numbers
        }
    }
}
