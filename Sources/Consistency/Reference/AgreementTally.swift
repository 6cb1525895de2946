/// How many histories were judged by a checker and by its definition, and how.
package struct AgreementTally: Hashable, Sendable {
    /// What the definition says, where the checker says the same.
    package private(set) var valid = 0
    package private(set) var invalid = 0
    /// Where the checker could not tell; what it says besides is right.
    package private(set) var unknown = 0
    /// Those of them that the definition forbids.
    package private(set) var missed = 0
    /// Where they differ.
    package private(set) var differences = 0
    /// The first history about which they differ, in words.
    package private(set) var firstDifference: String?

    /// Nothing compared yet.
    package init() {}

    /// How many histories there were.
    package var histories: Int { valid + invalid + unknown + differences }

    /// Counts a history with what was found about it.
    package mutating func count(_ verdict: CheckVerdict) {
        switch verdict {
        case .valid: valid += 1
        case .invalid: invalid += 1
        case .unknown: unknown += 1
        }
    }

    /// Counts a history that the definition forbids and the checker lets pass, as it may.
    package mutating func countMissed() {
        unknown += 1
        missed += 1
    }

    /// Counts a history about which they differ.
    package mutating func countDifference(_ text: @autoclosure () -> String) {
        differences += 1
        if firstDifference == nil { firstDifference = text() }
    }
}
