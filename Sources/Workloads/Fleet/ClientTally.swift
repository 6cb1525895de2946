/// Running figures of a region's clients, for a live view. Sessions being opened do not count.
package struct ClientTally: Hashable, Sendable {
    /// Operations whose planned time has come.
    package var planned = 0
    /// Operations that were sent at least once.
    package var invoked = 0
    /// Operations that took effect.
    package var ok = 0
    /// Operations that did not, definite negatives included.
    package var fail = 0
    /// Definite negative answers, such as a cas that met another value.
    package var negative = 0
    /// Operations of which nobody knows.
    package var info = 0
    /// Operations that ended without having been sent.
    package var neverSent = 0
    /// Requests sent.
    package var attempts = 0
    /// Operations open now.
    package var open = 0

    /// No operations.
    package init() {}

    /// Adds the figures of another region.
    package static func += (left: inout Self, right: Self) {
        left.planned += right.planned
        left.invoked += right.invoked
        left.ok += right.ok
        left.fail += right.fail
        left.negative += right.negative
        left.info += right.info
        left.neverSent += right.neverSent
        left.attempts += right.attempts
        left.open += right.open
    }
}
