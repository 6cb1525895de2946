extension Array {
    /// Hands over every element in order and empties the array, which keeps its memory. Elements
    /// are moved, not copied.
    @inlinable
    package mutating func takeAll(_ take: (consuming Element) -> Void) {
        turnRound()
        while let element = popLast() { take(element) }
    }

    /// Puts the elements into the opposite order, by moving them; `reverse()` copies them.
    @inlinable
    package mutating func turnRound() {
        if count < 2 { return }
        withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var low = base
            var high = base + (buffer.count - 1)
            while low < high {
                let element = low.move()
                low.moveInitialize(from: high, count: 1)
                high.initialize(to: element)
                low += 1
                high -= 1
            }
        }
    }
}
