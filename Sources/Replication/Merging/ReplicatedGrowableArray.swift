import Determinism

/// A list that members insert into and remove from independently (Roh, Jeon, Kim and Lee,
/// "Replicated Abstract Data Types: Building Blocks for Collaborative Applications", JPDC 2011).
///
/// Every element knows after which other one it was inserted. These make a tree, whose children
/// stand the newest first; the list is the tree in preorder, so that what one member inserted in a
/// row stays together and everybody sees the same order. A removed element leaves its place
/// behind, for others may have inserted after it, but not its content.
public struct ReplicatedGrowableArray: MergeableValue {
    /// The name of an element: when it was inserted, and by which update. An element is newer than
    /// the one that it was inserted after.
    public struct ElementID: Hashable, Comparable, Sendable {
        /// When it was inserted.
        public var timestamp: HybridTimestamp
        /// The update that inserted it.
        public var dot: Dot

        /// Whether `left` is older.
        public static func < (left: Self, right: Self) -> Bool {
            (left.timestamp, left.dot) < (right.timestamp, right.dot)
        }
    }

    fileprivate struct Node: Hashable, Sendable {
        var id: ElementID
        /// `nil`: at the front.
        var after: ElementID?
        /// `nil`: removed.
        var element: [UInt8]?
    }

    /// All elements, removed ones included, in the order of the list.
    fileprivate var nodes: [Node] = []

    /// The empty list.
    public init() {}

    /// The rule `growable-array`.
    public static let merging = MergeDescription(
        name: "growable-array", valueType: .list, operations: [.read, .append, .delete],
        help: "Every element stays, in one order that keeps what followed what.")

    /// Appends an element, or, as a delete, removes all that are there.
    public mutating func apply(_ operation: Operation, _ update: MergeUpdate) {
        switch operation {
        case .append(let element): insert(element, after: nodes.last?.id, update)
        case .delete: for index in nodes.indices { nodes[index].element = nil }
        default: break
        }
    }

    /// The elements that are there, in order, with their names.
    public var elements: [(id: ElementID, element: [UInt8])] {
        nodes.compactMap { node in node.element.map { (node.id, $0) } }
    }

    /// Inserts an element behind that named `predecessor`, which may be removed, or at the front.
    public mutating func insert(
        _ element: [UInt8], after predecessor: ElementID?, _ update: MergeUpdate
    ) {
        let id = ElementID(timestamp: update.timestamp, dot: update.dot)
        var index = 0
        if let predecessor {
            guard let place = nodes.lastIndex(where: { $0.id == predecessor }) else { return }
            index = place + 1
        }
        // It is newer than all that is here, and so the first behind its predecessor.
        nodes.insert(Node(id: id, after: predecessor, element: element), at: index)
    }

    /// Removes the element with this name.
    public mutating func remove(_ id: ElementID) {
        if let index = nodes.firstIndex(where: { $0.id == id }) { nodes[index].element = nil }
    }

    /// Takes over elements that are not here, and removes.
    public mutating func merge(_ other: ReplicatedGrowableArray) {
        if nodes == other.nodes { return }
        var all = nodes.sorted { $0.id < $1.id }
        let others = other.nodes.sorted { $0.id < $1.id }
        #if PlantedBugs
            if PlantedBug.isPlanted(.listOrderByArrival) {
                let known = Set(nodes.map(\.id))
                nodes += other.nodes.filter { !known.contains($0.id) }
                return
            }
        #endif
        all = Self.union(all, others)
        nodes = Self.preorder(all)
    }

    /// Both, each in order of name, as one.
    private static func union(_ first: [Node], _ second: [Node]) -> [Node] {
        var result: [Node] = []
        result.reserveCapacity(max(first.count, second.count))
        var left = first[...]
        var right = second[...]
        while let mine = left.first, let theirs = right.first {
            if mine.id < theirs.id {
                result.append(mine)
                left.removeFirst()
            } else if theirs.id < mine.id {
                result.append(theirs)
                right.removeFirst()
            } else {
                result.append(joined(mine, theirs))
                left.removeFirst()
                right.removeFirst()
            }
        }
        return result + left + right
    }

    private static func joined(_ mine: Node, _ theirs: Node) -> Node {
        var result = mine
        guard let element = mine.element, let other = theirs.element else {
            result.element = nil
            return result
        }
        // One name for two elements, after a disk that lied: still the same everywhere.
        if element.lexicographicallyPrecedes(other) { result.element = other }
        return result
    }

    /// The elements, given in order of name, in the order of the list.
    private static func preorder(_ sorted: [Node]) -> [Node] {
        var places: [ElementID: Int] = [:]
        places.reserveCapacity(sorted.count)
        for (index, node) in sorted.enumerated() { places[node.id] = index }
        // Children as linked lists, the newest first, because they come the oldest first.
        var firstChild = [Int](repeating: -1, count: sorted.count)
        var sibling = [Int](repeating: -1, count: sorted.count)
        var newestRoot = -1
        for (index, node) in sorted.enumerated() {
            if let after = node.after, let parent = places[after] {
                sibling[index] = firstChild[parent]
                firstChild[parent] = index
            } else {
                sibling[index] = newestRoot
                newestRoot = index
            }
        }
        var result: [Node] = []
        result.reserveCapacity(sorted.count)
        var waiting: [Int] = newestRoot < 0 ? [] : [newestRoot]
        while let index = waiting.popLast() {
            result.append(sorted[index])
            if sibling[index] >= 0 { waiting.append(sibling[index]) }
            if firstChild[index] >= 0 { waiting.append(firstChild[index]) }
        }
        return result
    }

    /// The elements in order.
    public var value: Value? { nodes.isEmpty ? nil : .list(nodes.compactMap(\.element)) }
}

extension ReplicatedGrowableArray {
    /// How the element that one was inserted after is told.
    private enum Anchor: UInt8 {
        case front = 0
        case previous = 1
        case named = 2
    }

    private func anchor(of index: Int) -> Anchor {
        guard let after = nodes[index].after else { return .front }
        return index > 0 && nodes[index - 1].id == after ? .previous : .named
    }

    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        var size = ByteWriter.varintSize(UInt64(nodes.count))
        for (index, node) in nodes.enumerated() {
            size += 2 + node.id.encodedSize
            size += node.element.map { ByteWriter.bytesSize($0.count) } ?? 0
            if anchor(of: index) == .named, let after = node.after { size += after.encodedSize }
        }
        return size
    }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(nodes.count))
        for (index, node) in nodes.enumerated() {
            node.id.encode(into: &writer)
            let anchor = anchor(of: index)
            writer.writeInteger(anchor.rawValue)
            if anchor == .named, let after = node.after { after.encode(into: &writer) }
            writer.writeBool(node.element != nil)
            if let element = node.element { writer.writeBytes(element) }
        }
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ReplicatedGrowableArray {
        var result = ReplicatedGrowableArray()
        let count = try reader.readCount(limit: reader.remaining / 20)
        result.nodes.reserveCapacity(count)
        var known: Set<ElementID> = []
        for _ in 0..<count {
            let id = try ElementID.decode(from: &reader)
            var after: ElementID?
            switch Anchor(rawValue: try reader.readInteger()) {
            case .front: break
            case .previous:
                guard let last = result.nodes.last else {
                    throw MalformedBytes("an element behind one that is not there")
                }
                after = last.id
            case .named: after = try ElementID.decode(from: &reader)
            case nil: throw MalformedBytes("an unknown place of an element")
            }
            guard known.insert(id).inserted, after.map({ known.contains($0) && $0 < id }) ?? true
            else { throw MalformedBytes("an element twice, or older than the one before it") }
            let element =
                try reader.readBool() ? try reader.readBytes(limit: Limits.valueBytesMax) : nil
            result.nodes.append(Node(id: id, after: after, element: element))
        }
        return result
    }
}

extension ReplicatedGrowableArray.ElementID {
    fileprivate var encodedSize: Int { timestamp.encodedSize + dot.encodedSize }
    fileprivate func encode(into writer: inout ByteWriter) {
        timestamp.encode(into: &writer)
        dot.encode(into: &writer)
    }
    fileprivate static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Self {
        let timestamp = try CausalCoding.decodeTimestamp(from: &reader)
        return Self(timestamp: timestamp, dot: try CausalCoding.decodeDot(from: &reader))
    }
}
