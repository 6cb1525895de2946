/// All ways in which a few operations can overlap, up to what makes no difference.
///
/// Only which operation returned before which other was invoked counts. So invocations without a
/// return in between are one block; an operation lasts from the block of its invocation to the
/// last block that was invoked before it returned, and between two blocks something returned.
/// Each interval order is met once (as in the matrices of Fishburn, 1985).
package enum SmallIntervals {
    /// From its block to a last one; `nil` for one whose outcome is unknown.
    package struct Interval: Hashable, Sendable {
        package var first: Int
        package var last: Int?

        /// Times that agree with the blocks and are close together.
        var closeTimes: (invoked: Int64, returned: Int64?) {
            (Int64(first * 2), last.map { Int64($0 * 2 + 1) })
        }

        /// Times that agree with the blocks; no two operations share one.
        func times(_ index: Int) -> (invoked: Int64, returned: Int64?) {
            (Int64(first * 20 + index), last.map { Int64($0 * 20 + 10 + index) })
        }
    }

    /// Every way for `count` operations of `clients` that do one thing at a time: equal intervals
    /// stand beside each other. A client goes on after an unknown outcome.
    package static func all(count: Int, clients: Int = 3) -> [[Interval]] {
        var found: [[Interval]] = []
        for blocks in stride(from: 1, through: count, by: 1) {
            let kinds = (1...blocks).flatMap { first in
                (first...blocks).map { Interval(first: first, last: $0) }
                    + [Interval(first: first, last: nil)]
            }
            var chosen: [Interval] = []
            func extend(_ from: Int) {
                if chosen.count == count {
                    if isProper(chosen, blocks, clients) { found.append(chosen) }
                    return
                }
                for kind in from..<kinds.count {
                    chosen.append(kinds[kind])
                    extend(kind)
                    chosen.removeLast()
                }
            }
            extend(0)
        }
        return found
    }

    private static func isProper(_ chosen: [Interval], _ blocks: Int, _ clients: Int) -> Bool {
        (1...blocks).allSatisfy { block in
            chosen.contains { $0.first == block }
                && (block == blocks || chosen.contains { $0.last == block })
                && chosen.count { $0.first <= block && block <= $0.last ?? $0.first } <= clients
        }
    }
}
