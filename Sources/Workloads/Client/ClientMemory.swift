import Replication

/// What a client remembers of the keys it has worked on: which versions it has seen, for
/// strategies in which a write supersedes only what its client had read, and the last value, for
/// the `expected` of a cas.
///
/// Bounded: beyond ``entriesMax`` keys the one that came in first is forgotten, after which the
/// client is as if it had never seen the key.
struct ClientMemory: Sendable {
    /// How many keys a client remembers.
    static let entriesMax = 1024

    private struct Entry: Sendable {
        var context = VersionVector()
        var value: [UInt8]?
    }

    // Looked up by key only; its order never shows.
    private var entries: [UInt64: Entry] = [:]
    private var arrival: [UInt64] = []
    private var oldest = 0

    /// The versions of a key that the client has seen.
    func context(group: Int, key: Int) -> VersionVector {
        entries.isEmpty ? VersionVector() : entries[Self.name(group, key)]?.context ?? .init()
    }

    /// The value, as on the wire, that the client last saw a key hold; `nil` for none.
    func value(group: Int, key: Int) -> [UInt8]? {
        entries.isEmpty ? nil : entries[Self.name(group, key)]?.value
    }

    /// Adds versions that the client has now seen.
    mutating func see(_ context: VersionVector, group: Int, key: Int) {
        if context.entries.isEmpty { return }
        let name = Self.name(group, key)
        makeRoom(for: name)
        entries[name, default: Entry()].context.merge(context)
    }

    /// Takes note of the value that a key holds.
    mutating func see(value: [UInt8]?, group: Int, key: Int) {
        let name = Self.name(group, key)
        makeRoom(for: name)
        entries[name, default: Entry()].value = value
    }

    private mutating func makeRoom(for name: UInt64) {
        if entries[name] != nil { return }
        if arrival.count < Self.entriesMax {
            arrival.append(name)
        } else {
            entries[arrival[oldest]] = nil
            arrival[oldest] = name
            oldest = (oldest + 1) % Self.entriesMax
        }
    }

    private static func name(_ group: Int, _ key: Int) -> UInt64 {
        UInt64(group) << 48 | UInt64(key)
    }
}
