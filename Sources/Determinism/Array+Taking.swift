extension Array {
    /// Hands over every element in order and empties the array, which keeps its memory.
    ///
    /// Elements are moved out, not copied: from the back, for which the array is turned round
    /// first where there are several.
    @inlinable
    package mutating func takeAll(_ take: (consuming Element) -> Void) {
        if count > 1 { reverse() }
        while let element = popLast() { take(element) }
    }
}
