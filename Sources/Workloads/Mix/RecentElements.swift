import Replication

/// Elements that were added to sets of late, by key: what a client removes or adds again is one of
/// them. They are those of additions that were begun, whatever came of them.
///
/// Bounded: of a key the last ``perKeyMax``, and of keys the last ``keysMax``.
struct RecentElements: Sendable {
    private static let perKeyMax = 8
    private static let keysMax = 4096

    // Looked up by key only; its order never shows.
    private var entries: [UInt64: [[UInt8]]] = [:]
    private var arrival: [UInt64] = []
    private var oldest = 0

    /// Takes note of an element that is added.
    mutating func note(_ element: [UInt8], group: Int, key: Int) {
        let name = Self.name(group, key)
        if entries[name] == nil {
            if arrival.count < Self.keysMax {
                arrival.append(name)
            } else {
                entries[arrival[oldest]] = nil
                arrival[oldest] = name
                oldest = (oldest + 1) % Self.keysMax
            }
        }
        entries[name, default: []].append(element)
        if entries[name, default: []].count > Self.perKeyMax { entries[name]?.removeFirst() }
    }

    /// The element of a key that `choice`, any number from 0, chooses; `nil` if there is none.
    func element(_ choice: Int64, group: Int, key: Int) -> [UInt8]? {
        guard let elements = entries[Self.name(group, key)], !elements.isEmpty else { return nil }
        return elements[Int(choice) % elements.count]
    }

    private static func name(_ group: Int, _ key: Int) -> UInt64 {
        UInt64(group) << 48 | UInt64(key)
    }
}
