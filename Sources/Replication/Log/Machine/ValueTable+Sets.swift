import Determinism

/// Sets: elements in order, each once. The digest of a set is that of its elements.
extension ValueTable {
    /// Adds an element to a set, which is created if absent; returns whether there is room for it.
    /// A set that holds it already takes the new version alone.
    mutating func add(_ element: [UInt8], to key: Key, term: Term, index: LogIndex) -> Bool {
        if entries[key] == nil { byteCount += key.bytes.count + Self.overhead }
        var isInserted = false
        func insert(_ stored: inout Stored) -> Bool {
            let place = Self.place(of: element, in: stored.list)
            if place == stored.list.count || stored.list[place] != element {
                let bytes = stored.listBytes + element.count + 8
                guard stored.list.count < Limits.listElementsMax, bytes <= Self.listBytesMax else {
                    return false
                }
                stored.list.insert(element, at: place)
                stored.listBytes = bytes
                isInserted = true
            }
            stored.term = term
            stored.index = index
            return true
        }
        let isRoom = insert(&entries[key, default: Stored(term: term, index: index)])
        if isInserted {
            byteCount += element.count + 8
            digest.add(key, encodingHash: Self.digested(Self.contentHash(element)))
        }
        return isRoom
    }

    /// Removes an element from a set, if it is there.
    mutating func remove(_ element: [UInt8], from key: Key, term: Term, index: LogIndex) {
        func take(_ stored: inout Stored?) -> Bool {
            guard stored != nil else { return false }
            stored?.term = term
            stored?.index = index
            guard let list = stored?.list else { return false }
            let place = Self.place(of: element, in: list)
            guard place < list.count, list[place] == element else { return false }
            stored?.list.remove(at: place)
            stored?.listBytes -= element.count + 8
            return true
        }
        guard take(&entries[key]) else { return }
        byteCount -= element.count + 8
        digest.remove(key, encodingHash: Self.digested(Self.contentHash(element)))
    }

    /// Where `element` is, or would be, among elements in order.
    private static func place(of element: [UInt8], in elements: [[UInt8]]) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].lexicographicallyPrecedes(element) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
