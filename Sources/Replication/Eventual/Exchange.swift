import Determinism

/// A comparison of the own state with that of another member, as the member that began it sees
/// it. The other one keeps nothing between messages.
///
/// From the root of the hash tree down, only subtrees that differ are looked into; of keys that
/// differ the entries go both ways. When all is done, each side has all that the other had when
/// the exchange began, and so knows all that the other knew then.
struct Exchange: Sendable {
    let number: UInt64
    let partner: MemberID
    /// Whether the own state is incomplete: entries are only fetched, none are brought.
    let isTransfer: Bool
    /// What was known here when the exchange began.
    let knownBefore: KnownDots
    /// What the partner knew before it compared anything.
    var knownByPartner: KnownDots?
    /// Subtrees to compare, the next one last.
    var nodes: [TreeNode] = [.root]
    /// Keys that differ, the next one last.
    var repairs: [Repair] = []
    /// Keys that the partner did not have, in a transfer.
    var strays: [Key] = []
    var outstanding: [Outstanding] = []
    var nextRequest: UInt64 = 1
    /// How many subtrees were compared.
    var nodesCompared: Int64 = 0
    /// How many keys were found to differ.
    var keysRepaired: Int64 = 0
    /// The bytes of entries that came from the partner.
    var bytesFetched: Int64 = 0

    /// A key that differs.
    struct Repair: Hashable, Sendable {
        var keyHash: UInt64
        /// The key, if the own entry is to be brought.
        var key: Key?
        /// Whether the partner's entry is to be fetched.
        var isWanted: Bool
        /// The size of both entries.
        var bytes: Int
    }

    /// A request without an answer yet.
    struct Outstanding: Sendable {
        var request: UInt64
        var body: EventualMessage.Body
        var deadline: Instant
        var attempts: Int
    }

    /// An exchange that begins.
    init(_ number: UInt64, with partner: MemberID, isTransfer: Bool, known: KnownDots) {
        self.number = number
        self.partner = partner
        self.isTransfer = isTransfer
        knownBefore = known
    }

    /// Whether nothing is left to ask.
    var isDone: Bool { nodes.isEmpty && repairs.isEmpty && outstanding.isEmpty }

    /// Takes the answer's request off the list; `nil` if it was answered before or never made.
    mutating func take(_ request: UInt64) -> EventualMessage.Body? {
        outstanding.firstIndex { $0.request == request }.map { outstanding.remove(at: $0).body }
    }

    /// Notes the difference between a leaf here and at the partner.
    mutating func compare(_ own: [EntryTable.Item], with leaves: [CompareReply.Leaf]) {
        var theirs: [UInt64: [CompareReply.Leaf]] = [:]
        for leaf in leaves { theirs[leaf.keyHash, default: []].append(leaf) }
        var isHere: Set<UInt64> = []
        for item in own {
            let hash = item.key.stableHash
            isHere.insert(hash)
            let there = theirs[hash] ?? []
            if there.contains(where: { $0.hash == item.hash }) { continue }
            if isTransfer, there.isEmpty {
                strays.append(item.key)
                continue
            }
            let bytes = there.reduce(item.bytes) { $0 + Int($1.bytes) }
            repairs.append(
                Repair(
                    keyHash: hash, key: isTransfer ? nil : item.key, isWanted: !there.isEmpty,
                    bytes: bytes))
            keysRepaired += 1
        }
        for leaf in leaves where !isHere.contains(leaf.keyHash) {
            repairs.append(
                Repair(keyHash: leaf.keyHash, key: nil, isWanted: true, bytes: Int(leaf.bytes)))
            keysRepaired += 1
        }
    }
}
