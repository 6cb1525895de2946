/// Identifies one attempt of one operation, for ever: the place where the fleet keeps the
/// operation, how many operations that place held before, and the attempt's number.
///
/// The engine hands it back with what came of the attempt. ``rawValue`` fits a request number on
/// the wire.
package struct AttemptID: Hashable, Sendable {
    /// All parts in 64 bits: 24 of place, 28 of generation, 12 of attempt.
    package let rawValue: UInt64

    /// The most operations open at a time.
    static let placesMax = 1 << 24
    /// The most attempts of an operation.
    static let attemptsMax = 1 << 12
    private static let generationMask: UInt32 = 1 << 28 - 1

    /// The attempt that ``rawValue`` names; any number names one, if perhaps not an open one.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    init(place: Int, generation: UInt32, attempt: Int) {
        rawValue =
            UInt64(place) << 40 | UInt64(generation & Self.generationMask) << 12
            | UInt64(attempt)
    }

    /// The place where the fleet keeps the operation; many operations use it, one after another.
    package var place: Int { Int(rawValue >> 40) }
    var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 12) & Self.generationMask }
    var attempt: Int { Int(rawValue & 0xFFF) }

    static func following(_ generation: UInt32) -> UInt32 {
        (generation + 1) & generationMask
    }
}
