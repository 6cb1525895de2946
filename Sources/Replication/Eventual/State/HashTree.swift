/// A hash of what is known of some keys. Hashes add up: that of a set of keys is the sum of
/// theirs, so that a tree is kept up to date by adding differences.
struct NodeHash: Hashable, Sendable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    static func &+ (left: Self, right: Self) -> Self {
        Self(high: left.high &+ right.high, low: left.low &+ right.low)
    }
    static func &- (left: Self, right: Self) -> Self {
        Self(high: left.high &- right.high, low: left.low &- right.low)
    }
}

extension NodeHash: ByteCodable {
    var encodedSize: Int { 16 }
    func encode(into writer: inout ByteWriter) {
        writer.writeInteger(high)
        writer.writeInteger(low)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> NodeHash {
        let high: UInt64 = try reader.readInteger()
        return NodeHash(high: high, low: try reader.readInteger())
    }
}

/// A node of the hash tree: all keys whose stable hash begins with `level` hexadecimal digits.
/// It means the same at every replica, however deep its own tree is.
struct TreeNode: Hashable, Sendable {
    /// From 0, the root, to ``levelMax``, a single hash.
    var level: Int
    /// The digits, as a number below 16 to the power of ``level``.
    var prefix: UInt64

    static let root = TreeNode(level: 0, prefix: 0)
    static let levelMax = 16
    static let fanOut = 16

    /// The node's children in order; none below ``levelMax``.
    var children: [TreeNode] {
        guard level < Self.levelMax else { return [] }
        return (0..<UInt64(Self.fanOut)).map {
            TreeNode(level: level + 1, prefix: prefix << 4 | $0)
        }
    }

    /// Whether a key with `hash` lies under the node.
    func contains(_ hash: UInt64) -> Bool { Self.prefix(of: hash, level: level) == prefix }

    /// The first `level` digits of `hash`.
    static func prefix(of hash: UInt64, level: Int) -> UInt64 {
        level == 0 ? 0 : hash >> UInt64(64 - 4 * level)
    }
}

extension TreeNode: ByteCodable {
    var encodedSize: Int { 1 + ByteWriter.varintSize(prefix) }
    func encode(into writer: inout ByteWriter) {
        writer.writeInteger(UInt8(level))
        writer.writeVarint(prefix)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> TreeNode {
        let level = Int(try reader.readInteger(UInt8.self))
        let prefix = try reader.readVarint()
        guard level <= levelMax, level == levelMax || prefix < 1 << UInt64(4 * level) else {
            throw MalformedBytes("hash tree node \(level)/\(prefix) does not exist")
        }
        return TreeNode(level: level, prefix: prefix)
    }
}

/// Sums of hashes over a tree with 16 branches at each node (Merkle, "A Digital Signature Based
/// on a Conventional Encryption Function", 1987; sums in place of hashes of hashes, because
/// replicas that anti-entropy serves do not attack each other).
struct HashTree: Sendable {
    /// How many levels lie below the root.
    let depth: Int
    private var levels: [[NodeHash]]

    /// A tree over no keys.
    init(depth: Int) {
        self.depth = depth
        levels = (0...depth).map { [NodeHash](repeating: NodeHash(), count: 1 << (4 * $0)) }
    }

    /// Replaces what a key with `hash` adds to its ancestors.
    mutating func replace(_ old: NodeHash, by new: NodeHash, at hash: UInt64) {
        let difference = new &- old
        for level in 0...depth {
            let index = Int(TreeNode.prefix(of: hash, level: level))
            levels[level][index] = levels[level][index] &+ difference
        }
    }

    /// The sum under a node that is not below ``depth``.
    func sum(of node: TreeNode) -> NodeHash { levels[node.level][Int(node.prefix)] }
}
