import Determinism

/// The state of a group at one replica: an entry for each key that was ever written and is not
/// forgotten, in the order of their stable hashes, with everything that is summed over them.
///
/// The keys lie in buckets by the first digits of their hash, so that the table is a hash table
/// and at the same time the leaves of the hash tree. It deepens by one level when its buckets
/// hold more than ``bucketKeys`` on average.
struct EntryTable: Sendable {
    /// What is stored of a key.
    struct Item: Sendable {
        let key: Key
        var entry: VersionedEntry
        /// What it adds to the hash tree.
        var hash: NodeHash
        /// What it adds to the digest of the logical state.
        var digest: StateDigest
        /// Its size in a checkpoint or message.
        var bytes: Int
        /// Whether reads show a value.
        var isLive: Bool
        /// Whether every kept write is a delete.
        var isTombstone: Bool
    }

    let resolver: ConflictResolver
    private(set) var tree: HashTree
    private var buckets: [[Item]]
    /// How many keys have an entry, deleted ones included.
    private(set) var count = 0
    /// The keys of which reads show a value.
    private(set) var liveCount = 0
    /// How many keys are deleted and still remembered.
    private(set) var tombstoneCount = 0
    /// The encoded size of all entries.
    private(set) var bytes = 0
    /// The digest of the values that reads show.
    private(set) var digest = StateDigest()

    static let bucketKeys = 8
    private static let depthMin = 2
    private static let depthMax = 6

    /// An empty table.
    init(resolver: ConflictResolver) {
        self.resolver = resolver
        tree = HashTree(depth: Self.depthMin)
        buckets = Array(repeating: [], count: 1 << (4 * Self.depthMin))
    }

    /// The entry of `key`.
    subscript(key: Key) -> VersionedEntry? { item(key)?.entry }

    /// What is stored of `key`.
    func item(_ key: Key) -> Item? {
        let bucket = buckets[bucket(of: key.stableHash)]
        return bucket.firstIndex { $0.key == key }.map { bucket[$0] }
    }

    /// Stores an entry, or forgets the key.
    mutating func set(_ key: Key, _ entry: VersionedEntry?) {
        let place = bucket(of: key.stableHash)
        let index = buckets[place].firstIndex { $0.key == key }
        var oldHash = NodeHash()
        if let index {
            oldHash = buckets[place][index].hash
            forgetSums(buckets[place][index])
        }
        guard let entry else {
            if let index {
                buckets[place].remove(at: index)
                tree.replace(oldHash, by: NodeHash(), at: key.stableHash)
                count -= 1
            }
            return
        }
        let values = resolver.shown(entry).compactMap(\.value)
        let item = Item(
            key: key, entry: entry, hash: Self.hash(key, entry),
            digest: Self.digest(key, values), bytes: key.encodedSize + entry.encodedSize,
            isLive: !values.isEmpty, isTombstone: entry.isTombstone)
        bytes += item.bytes
        liveCount += item.isLive ? 1 : 0
        tombstoneCount += item.isTombstone ? 1 : 0
        digest.high &+= item.digest.high
        digest.low &+= item.digest.low
        tree.replace(oldHash, by: item.hash, at: key.stableHash)
        if let index {
            buckets[place][index] = item
        } else {
            let order = buckets[place].firstIndex {
                ($0.key.stableHash, $0.key) > (key.stableHash, key)
            }
            buckets[place].insert(item, at: order ?? buckets[place].count)
            count += 1
            if count > Self.bucketKeys * buckets.count, tree.depth < Self.depthMax { deepen() }
        }
    }

    private mutating func forgetSums(_ item: Item) {
        bytes -= item.bytes
        liveCount -= item.isLive ? 1 : 0
        tombstoneCount -= item.isTombstone ? 1 : 0
        digest.high &-= item.digest.high
        digest.low &-= item.digest.low
    }

    private mutating func deepen() {
        let old = buckets
        tree = HashTree(depth: tree.depth + 1)
        buckets = Array(repeating: [], count: 1 << (4 * tree.depth))
        for item in old.joined() {
            buckets[bucket(of: item.key.stableHash)].append(item)
            tree.replace(NodeHash(), by: item.hash, at: item.key.stableHash)
        }
    }

    fileprivate func bucket(of hash: UInt64) -> Int {
        Int(TreeNode.prefix(of: hash, level: tree.depth))
    }

    /// What is known of a key, as a hash. A dot stands for all of its write.
    static func hash(_ key: Key, _ entry: VersionedEntry) -> NodeHash {
        var first = mixed(key.stableHash)
        var second = mixed(key.stableHash ^ 0x9E37_79B9_7F4A_7C15)
        func add(_ dot: Dot) {
            first = mixed(first ^ dot.member.packed) &+ dot.counter
            second = mixed(second &+ dot.counter) ^ dot.member.packed
        }
        for sibling in entry.siblings { add(sibling.dot) }
        first = mixed(first &+ UInt64(entry.siblings.count))
        for past in entry.residue.entries { add(past) }
        return NodeHash(high: mixed(first), low: mixed(second ^ first))
    }

    private static func digest(_ key: Key, _ values: [[UInt8]]) -> StateDigest {
        var result = StateDigest()
        if values.count == 1 {
            result.add(key, values[0])
        } else if values.count > 1 {
            var writer = ByteWriter(capacity: values.reduce(0) { $0 + $1.count + 4 })
            for value in values.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                writer.writeBytes(value)
            }
            result.add(key, writer.bytes)
        }
        return result
    }
}

extension EntryTable {
    /// Everything stored, in order of hash.
    var items: some Sequence<Item> { buckets.joined() }

    /// The sum of hashes under any node.
    func sum(of node: TreeNode) -> NodeHash {
        if node.level <= tree.depth { return tree.sum(of: node) }
        return items(under: node).reduce(NodeHash()) { $0 &+ $1.hash }
    }

    /// The sums under the children of `node`, in order.
    func childSums(of node: TreeNode) -> [NodeHash] {
        if node.level < tree.depth { return node.children.map { tree.sum(of: $0) } }
        var sums = [NodeHash](repeating: NodeHash(), count: TreeNode.fanOut)
        guard node.level < TreeNode.levelMax else { return sums }
        for item in items(under: node) {
            let child = Int(TreeNode.prefix(of: item.key.stableHash, level: node.level + 1) & 15)
            sums[child] = sums[child] &+ item.hash
        }
        return sums
    }

    /// What is stored under `node`, in order of hash, but no more than one item beyond `limit`.
    func items(under node: TreeNode, limit: Int = .max) -> [Item] {
        guard node.level < tree.depth else {
            let place = Int(node.prefix >> UInt64(4 * (node.level - tree.depth)))
            return buckets[place].filter { node.contains($0.key.stableHash) }
        }
        var result: [Item] = []
        let width = 4 * (tree.depth - node.level)
        let first = Int(node.prefix) << width
        for bucket in buckets[first..<first + 1 << width] where !bucket.isEmpty {
            result.append(contentsOf: bucket)
            if result.count > limit { break }
        }
        return result
    }

    /// What is stored of the keys with exactly this hash.
    func items(withHash hash: UInt64) -> [Item] {
        buckets[bucket(of: hash)].filter { $0.key.stableHash == hash }
    }
}
