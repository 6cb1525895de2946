/// A key with the value that it gets: a write, as messages and journals carry it.
public struct KeyedValue: Hashable, Sendable {
    /// What is written.
    public var key: Key
    /// Its value; `nil`: it is deleted.
    public var value: Value?

    /// The write of `value` to `key`.
    public init(key: Key, value: Value?) {
        self.key = key
        self.value = value
    }

    /// The write that a client asks for with `operation`; `nil` if that is not a write or a delete.
    public init?(_ key: Key, _ operation: Operation) {
        switch operation {
        case .write(let bytes): self.init(key: key, value: .bytes(bytes))
        case .delete: self.init(key: key, value: nil)
        case .read, .compareAndSet, .append, .increment, .add, .remove, .put, .transaction, .call:
            return nil
        }
    }
}

extension KeyedValue: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { key.encodedSize + 1 + (value?.encodedSize ?? 0) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        key.encode(into: &writer)
        writer.writeBool(value != nil)
        value?.encode(into: &writer)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> KeyedValue {
        let key = try Key.decode(from: &reader)
        return KeyedValue(
            key: key, value: try reader.readBool() ? try Value.decode(from: &reader) : nil)
    }
}

/// Registers by key, with their versions and the digest of all: the state of a simple strategy.
public struct RegisterTable: Sendable {
    private var entries: [Key: (value: Value, version: Version)] = [:]
    /// The logical digest of what the registers hold.
    public private(set) var digest = StateDigest()

    /// A table without registers.
    public init() {}

    /// How many keys hold a value.
    public var count: Int { entries.count }

    /// Carries out a write.
    public mutating func apply(_ write: KeyedValue, _ version: Version) {
        if let old = entries.removeValue(forKey: write.key) {
            digest.remove(write.key, old.value.encoded)
        }
        if let value = write.value {
            entries[write.key] = (value, version)
            digest.add(write.key, value.encoded)
        }
    }

    /// What a client that reads `key` is told.
    public func read(_ key: Key) -> ClientReply {
        let held = entries[key]
        return ClientReply(.values(held.map { [$0.value] } ?? []), version: held?.version)
    }

    /// Everything, as ``Replica/finalState()`` gives it.
    public var finalState: [FinalEntry] {
        entries.keys.sorted().compactMap { key in
            entries[key].map { FinalEntry(key: key, values: [($0.value, $0.version)]) }
        }
    }
}
