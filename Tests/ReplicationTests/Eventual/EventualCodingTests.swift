import Determinism
import Geography
import Testing

@testable import Replication

@Suite struct EventualCodingTests {
    private static let member = MemberID(NodeID(region: RegionID(index: 3)), incarnation: 2)
    private static let other = MemberID(NodeID(region: RegionID(index: 4)))

    private static var known: KnownDots {
        var known = KnownDots()
        known.insert(1...9, of: member)
        known.insert(12...15, of: member)
        known.insert(300...300, of: other)
        return known
    }

    private static var entry: VersionedEntry {
        var context = VersionVector()
        context[other] = 7
        let time = HybridTimestamp(wall: WallTime(nanosecondsSince1970: 1 << 60), logical: 3)
        let first = Sibling(
            dot: Dot(member: member, counter: 5), timestamp: time, context: context,
            value: Array("value".utf8))
        let second = Sibling(
            dot: Dot(member: other, counter: 9), timestamp: time, context: VersionVector(),
            value: nil)
        var past = context
        past[MemberID(NodeID(region: RegionID(index: 1)))] = 1000
        return VersionedEntry(siblings: [first, second], context: past)
    }

    private static let keyed = [
        KeyedEntry(key: Key("one"), entry: entry), KeyedEntry(key: Key("two"), entry: entry),
    ]

    private static var members: GroupMembers {
        var members = GroupMembers(founders: [member, other])
        _ = members.remove(other)
        return members
    }

    static let messages: [EventualMessage] = [
        .init(
            .hello(
                PeerHello(isReply: true, isIncomplete: false, knownOfReceiver: 300, membership: 7))),
        .init(.members(members)),
        .init(.writes(ReplicatedWrites(range: 5...900, entries: keyed))),
        .init(.writesAck(ReplicationAck(range: 5...900, knownOfReceiver: 1 << 40))),
        .init(
            .compare(
                CompareRequest(
                    exchange: 1 << 61, request: 1, membership: 3, known: known,
                    nodes: [
                        .init(node: .root, hash: NodeHash(high: 1, low: 2)),
                        .init(
                            node: TreeNode(level: 16, prefix: .max), hash: NodeHash(high: 3, low: 4)
                        ),
                    ]))),
        .init(
            .compareReply(
                CompareReply(
                    exchange: 1, request: 2, known: known,
                    differences: [
                        .children(
                            TreeNode(level: 2, prefix: 255),
                            (0..<16).map { NodeHash(high: $0, low: 0) }),
                        .leaf(
                            TreeNode(level: 1, prefix: 15),
                            [.init(keyHash: .max, hash: NodeHash(high: 1, low: 1), bytes: 77)]),
                    ]))),
        .init(
            .repair(RepairRequest(exchange: 1, request: 300, entries: keyed, wanted: [1, .max]))),
        .init(
            .repairReply(
                RepairReply(
                    exchange: 1, request: 300, entries: keyed, forgotten: [Key("gone")],
                    left: [5, 6]))),
        .init(.finished(exchange: 500, known)),
    ]

    static let records: [EventualRecord] = [
        .init(.taken(Key("one"), entry.siblings[0])),
        .init(.merged(keyed, known: member, 3...7)), .init(.merged(keyed, known: nil, nil)),
        .init(.learned(known)), .init(.members(members)),
        .init(.forgotten([Key("one"), Key("two")])), .init(.incomplete(true)),
    ]

    @Test(arguments: messages)
    func messagesSurviveEncoding(_ message: EventualMessage) throws {
        #expect(message.encoded.count == message.encodedSize)
        #expect(try EventualMessage.decoded(message.encoded) == message)
        // A later version may append.
        #expect(try EventualMessage.decoded(message.encoded + [1, 2, 3]) == message)
    }

    @Test(arguments: records)
    func recordsSurviveEncoding(_ record: EventualRecord) throws {
        #expect(record.encoded.count == record.encodedSize)
        #expect(try EventualRecord.decoded(record.encoded) == record)
    }

    @Test func truncatedBytesAreMalformedAtEveryLength() {
        for message in Self.messages {
            let bytes = message.encoded
            for length in 0..<bytes.count {
                #expect(throws: MalformedBytes.self) {
                    try EventualMessage.decoded(Array(bytes.prefix(length)))
                }
            }
        }
        for record in Self.records {
            let bytes = record.encoded
            for length in 0..<bytes.count {
                #expect(throws: MalformedBytes.self) {
                    try EventualRecord.decoded(Array(bytes.prefix(length)))
                }
            }
        }
    }

    /// Whatever bytes come as a message, the member refuses them or goes on, and can do its work
    /// afterwards.
    @Test func mutatedMessagesNeverCrashAMember() throws {
        let cluster = try EventualCluster(2)
        cluster.write(0, "k", "v")
        cluster.run(for: .seconds(6))
        let node = cluster.nodes[1]
        let real = cluster.messages.filter { $0.to == 1 }.map(\.message)
        var random = RandomStream(seed: 5, name: "mutations")
        var refused = 0
        var taken = 0
        for round in 0..<6000 {
            let pool = round % 2 == 0 ? Self.messages : real
            var bytes = pool[random.index(pool.count)].encoded
            for _ in 0..<(1 + random.index(4)) {
                let place = random.index(bytes.count)
                switch random.index(4) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes[place] ^= 1 << UInt8(random.below(8))
                case 2: bytes.insert(UInt8(random.below(256)), at: place)
                default: bytes[place] = 0xFF
                }
            }
            let sender = random.chance(0.8) ? cluster.nodes[0].member : Self.member
            do {
                let message = try EventualMessage.decoded(bytes)
                node.replica.handle(
                    .message(message, from: sender), at: cluster.time(of: node),
                    into: &node.output)
                node.output.removeAll()
                taken += 1
            } catch { refused += 1 }
        }
        #expect(refused > 500)
        #expect(taken > 500)
        _ = node.replica.view
        _ = node.replica.finalState()
    }

    @Test func hostileValuesAreMalformed() throws {
        func vector(_ entries: [(MemberID, UInt64)]) -> [UInt8] {
            var writer = ByteWriter()
            writer.writeVarint(UInt64(entries.count))
            for (member, counter) in entries {
                member.encode(into: &writer)
                writer.writeVarint(counter)
            }
            return writer.bytes
        }
        func decode(_ bytes: [UInt8]) throws(MalformedBytes) -> VersionVector {
            var reader = ByteReader(bytes)
            return try CausalCoding.decodeVector(from: &reader)
        }
        #expect(try decode(vector([(Self.member, 1), (Self.other, 2)])).entries.count == 2)
        let wrong: [[(MemberID, UInt64)]] = [
            [(Self.other, 1), (Self.member, 2)], [(Self.member, 1), (Self.member, 2)],
            [(Self.member, 0)], [(Self.member, KnownDots.counterMax)], [(Self.member, .max)],
        ]
        for entries in wrong {
            #expect(throws: MalformedBytes.self) { try decode(vector(entries)) }
        }
        // A count without the bytes for it.
        #expect(throws: MalformedBytes.self) { try decode([0xFF, 0x1F]) }

        var itself = Self.entry.siblings[0]
        itself.context[itself.dot.member] = itself.dot.counter
        #expect(throws: MalformedBytes.self) { try Sibling.decoded(itself.encoded) }
        for wall in [Int64.min, -1, .max] {
            var sibling = Self.entry.siblings[0]
            sibling.timestamp.wall = WallTime(nanosecondsSince1970: wall)
            #expect(throws: MalformedBytes.self) { try Sibling.decoded(sibling.encoded) }
        }
        var unordered = Self.entry
        unordered.siblings.reverse()
        #expect(throws: MalformedBytes.self) { try VersionedEntry.decoded(unordered.encoded) }
        let node = TreeNode(level: 1, prefix: 16)
        #expect(throws: MalformedBytes.self) { try TreeNode.decoded(node.encoded) }
        #expect(throws: MalformedBytes.self) { try TreeNode.decoded([17, 0]) }
    }

    @Test func kindsTellDataFromTheRest() {
        let kinds = Self.messages.map(\.kind.name)
        #expect(
            kinds == [
                "other", "other", "write", "write-ack", "other", "other", "other", "other", "other",
            ])
        #expect(Self.messages.filter(\.isKeepAlive).count == 2)
    }
}
