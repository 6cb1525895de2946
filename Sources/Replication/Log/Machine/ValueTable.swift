import Determinism

/// The keys of a group with their values: what the replicated commands work on.
///
/// Every function of a command depends on the table and the command alone, so that all members
/// reach the same table from the same log.
struct ValueTable: Sendable {
    /// The type of every value.
    let valueType: ValueType
    /// A digest of what is stored, kept up to date.
    var digest = StateDigest()
    /// About how many bytes the table takes.
    var byteCount = 0
    /// What is stored. Looked up by key only; its order never shows.
    var entries: [Key: Stored] = [:]

    /// The most bytes of one list, so that one message can carry it.
    static let listBytesMax = Limits.messageBytesMax / 2
    /// Why nothing can be added to a list.
    static let isFull =
        "the list is full: at most \(Limits.listElementsMax) elements and \(listBytesMax) bytes"

    /// A value of the group's type in the one field that the type uses.
    struct Stored {
        var term: Term
        var index: LogIndex
        var bytes: [UInt8] = []
        var number: Int64 = 0
        var list: [[UInt8]] = []
        var listBytes = 0
        /// What the digest holds of a register or counter.
        var digested: UInt64 = 0

        var version: Version { .sequence(epoch: term.rawValue, index: index.rawValue) }
    }

    init(valueType: ValueType) { self.valueType = valueType }

    /// The keys that hold a value.
    var count: Int { entries.count }

    /// The answer to a read of `key`.
    func read(_ key: Key) -> ClientReply {
        guard let stored = entries[key] else { return ClientReply(.values([])) }
        return ClientReply(.values([value(of: stored)]), version: stored.version)
    }

    /// Carries out an update that the entry at `index` brings.
    mutating func apply(
        _ operation: Operation, to key: Key, term: Term, index: LogIndex
    ) -> ClientReply {
        let version = Version.sequence(epoch: term.rawValue, index: index.rawValue)
        func invalid(_ message: String) -> ClientReply {
            .failed(ServiceError(.invalid, message, isIndefinite: false))
        }
        switch (operation, valueType) {
        case (.write(let bytes), .register):
            put(Stored(term: term, index: index, bytes: bytes), at: key)
            return ClientReply(.done(nil), version: version)
        case (.compareAndSet(let expected, let new), .register):
            let actual = entries[key]
            guard actual?.bytes == expected else {
                return ClientReply(
                    .mismatch(actual: actual.map { .bytes($0.bytes) }), version: actual?.version)
            }
            put(Stored(term: term, index: index, bytes: new), at: key)
            return ClientReply(.done(nil), version: version)
        case (.increment(let amount), .counter):
            let (sum, overflow) = (entries[key]?.number ?? 0).addingReportingOverflow(amount)
            if overflow { return invalid("the counter would leave the range of 64 bits") }
            put(Stored(term: term, index: index, number: sum), at: key)
            return ClientReply(.done(.integer(sum)), version: version)
        case (.append(let element), .list):
            let count = entries[key]?.list.count ?? 0
            let bytes = (entries[key]?.listBytes ?? 0) + element.count + 8
            guard count < Limits.listElementsMax, bytes <= Self.listBytesMax else {
                return invalid(Self.isFull)
            }
            append(element, to: key, term: term, index: index)
            return ClientReply(.done(nil), version: version)
        case (.add(let element), .set):
            guard add(element, to: key, term: term, index: index) else {
                return invalid(Self.isFull)
            }
            return ClientReply(.done(nil), version: version)
        case (.remove(let element), .set):
            remove(element, from: key, term: term, index: index)
            return ClientReply(.done(nil), version: version)
        case (.transaction(let steps), _): return apply(steps, term: term, index: index)
        case (.delete, _):
            remove(key)
            return ClientReply(.done(nil), version: version)
        case (.read, _): return read(key)
        case (.write, _), (.compareAndSet, _), (.increment, _), (.append, _), (.add, _),
            (.remove, _), (.put, _), (.call, _):
            return .failed(
                ServiceError(
                    .unsupported,
                    "a \(valueType.rawValue) has no \(operation.kind.rawValue)",
                    isIndefinite: false))
        }
    }

    /// Every key with its value and version, sorted by key.
    func sorted() -> [FinalEntry] {
        entries.sorted { $0.key < $1.key }.map {
            FinalEntry(key: $0.key, values: [(value(of: $0.value), $0.value.version)])
        }
    }

    /// The value of `key`, if it has one.
    func value(of key: Key) -> Value? { entries[key].map { value(of: $0) } }

    private func value(of stored: Stored) -> Value {
        switch valueType {
        case .register: .bytes(stored.bytes)
        case .counter: .integer(stored.number)
        case .list: .list(stored.list)
        case .set: .set(stored.list)
        // The strategy does not offer maps.
        case .map: .map([])
        }
    }

    mutating func put(_ stored: consuming Stored, at key: Key) {
        switch valueType {
        case .register: stored.digested = Self.digested(Self.contentHash(stored.bytes))
        case .counter: stored.digested = Self.digested(UInt64(bitPattern: stored.number))
        case .list, .set, .map: break
        }
        account(for: stored, at: key, adding: true)
        if let old = entries.updateValue(stored, forKey: key) {
            account(for: old, at: key, adding: false)
        }
    }

    private mutating func remove(_ key: Key) {
        guard let old = entries.removeValue(forKey: key) else { return }
        account(for: old, at: key, adding: false)
    }

    /// Adds to a list in place: the digest of a list is that of its elements with their
    /// positions, so that the work does not grow with the list.
    mutating func append(
        _ element: [UInt8], to key: Key, term: Term, index: LogIndex
    ) {
        let isNew = entries[key] == nil
        var position = 0
        func extend(_ stored: inout Stored) {
            position = stored.list.count
            stored.list.append(element)
            stored.listBytes += element.count + 8
            stored.term = term
            stored.index = index
        }
        extend(&entries[key, default: Stored(term: term, index: index)])
        if isNew { byteCount += key.bytes.count + Self.overhead }
        byteCount += element.count + 8
        digest.add(key, encodingHash: Self.digested(Self.contentHash(element), at: position))
    }

    static let overhead = 48

    /// What the digest takes for content with this hash, at a position of a list.
    static func digested(_ contentHash: UInt64, at position: Int = 0) -> UInt64 {
        var hasher = StableHasher()
        var rest = position
        while rest >= 0x80 {
            hasher.add(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        hasher.add(UInt8(truncatingIfNeeded: rest))
        hasher.add(bigEndian: contentHash)
        return hasher.hash
    }

    /// A hash of a value's bytes, eight at a time: every member computes it for every write.
    static func contentHash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            var hash = 0x9E37_79B9_7F4A_7C15 ^ UInt64(buffer.count)
            var offset = 0
            while offset + 8 <= buffer.count {
                let word = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                hash = (hash ^ UInt64(littleEndian: word)) &* 0xFF51_AFD7_ED55_8CCD
                hash ^= hash >> 32
                offset += 8
            }
            while offset < buffer.count {
                hash = (hash ^ UInt64(buffer[offset])) &* 0xFF51_AFD7_ED55_8CCD
                hash ^= hash >> 32
                offset += 1
            }
            return mixed(hash)
        }
    }

    private mutating func account(for stored: Stored, at key: Key, adding: Bool) {
        func count(_ hash: UInt64) {
            if adding {
                digest.add(key, encodingHash: hash)
            } else {
                digest.remove(key, encodingHash: hash)
            }
        }
        switch valueType {
        case .register, .counter: count(stored.digested)
        case .set, .map:
            for element in stored.list { count(Self.digested(Self.contentHash(element))) }
        case .list:
            for (position, element) in stored.list.enumerated() {
                count(Self.digested(Self.contentHash(element), at: position))
            }
        }
        let size = key.bytes.count + Self.overhead + stored.bytes.count + stored.listBytes
        byteCount += adding ? size : -size
    }
}

extension ValueTable {
    /// How many bytes ``encode(into:)`` will append, about.
    var encodedSizeEstimate: Int { 16 + byteCount }

    /// Appends every key with its value, in an order that is the same everywhere.
    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(entries.count))
        let ordered = entries.sorted {
            $0.key.stableHash == $1.key.stableHash
                ? $0.key < $1.key : $0.key.stableHash < $1.key.stableHash
        }
        for (key, stored) in ordered {
            key.encode(into: &writer)
            stored.term.encode(into: &writer)
            stored.index.encode(into: &writer)
            value(of: stored).encode(into: &writer)
        }
    }

    /// Takes over what ``encode(into:)`` wrote.
    mutating func load(from reader: inout ByteReader) throws(MalformedBytes) {
        self = ValueTable(valueType: valueType)
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 4)) {
            let key = try Key.decode(from: &reader)
            let term = try Term.decode(from: &reader)
            var stored = Stored(term: term, index: try LogIndex.decode(from: &reader))
            let value = try Value.decode(from: &reader)
            guard value.type == valueType else {
                throw MalformedBytes("a \(value.type.rawValue) among \(valueType.rawValue)s")
            }
            switch value {
            case .bytes(let bytes): stored.bytes = bytes
            case .integer(let number): stored.number = number
            case .map: throw MalformedBytes("a map, which this table does not keep")
            case .list(let list), .set(let list):
                stored.list = list
                stored.listBytes = list.reduce(0) { $0 + $1.count + 8 }
            }
            put(stored, at: key)
        }
    }
}
