import Determinism
import Scenarios

/// One way of making a scenario smaller.
///
/// It proposes; the ``Shrinker`` throws away what is not valid or not smaller, and tries the rest.
/// Proposals that take away most come first.
package struct Reduction: Sendable {
    /// What it does, for whoever watches.
    package let name: String
    /// What it proposes.
    let candidates: @Sendable (ShrinkCandidate) -> [ShrinkCandidate]

    /// All of them, in the order in which they are tried: what makes further runs cheap first,
    /// what only makes the file shorter last.
    package static let all: [Reduction] = [
        faultsAndActions, liveness, regions, end, beginning, gaps, nodes, dataTypes, clients, rates,
        keys,
        operations, transactions, faultDurations, partitions, targets, faultParts, links, linkParts,
        surroundings,
        options, members, workloadDetails, roundTimes, roundNumbers, names,
    ]
}

/// Ranges of `count` things to take out, large before small: all, halves, quarters, down to one
/// by one (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
func chunks(of count: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var size = count
    while size > 0 {
        // The last first: what comes early is more often the cause of what comes late.
        var upper = count
        while upper > 0 {
            result.append(max(0, upper - size)..<upper)
            upper -= size
        }
        size = size == 1 ? 0 : (size + 1) / 2
    }
    return result
}

/// Numbers to try in place of `number`, none below `least`: from the smallest on.
func smaller(than number: Int, least: Int = 1) -> [Int] {
    var result: [Int] = []
    for candidate in [least, number / 10, number / 4, number / 2, number * 3 / 4]
    where candidate >= least && candidate < number && !result.contains(candidate) {
        result.append(candidate)
    }
    return result
}

/// Shorter spans to try in place of `span`, each as round as can be.
func shorter(than span: TimeSpan) -> [TimeSpan] {
    var result: [TimeSpan] = []
    for divisor: Int64 in [8, 4, 2] {
        let candidate = rounded(span / divisor)
        if candidate >= shortest, candidate < span, !result.contains(candidate) {
            result.append(candidate)
        }
    }
    return result
}

/// The shortest span that is tried: what is shorter says no more to a person.
let shortest = TimeSpan.milliseconds(100)

/// `span` rounded down to whole seconds, halves or tenths, whichever is not above a quarter of it,
/// or to a tenth in any case; never to nothing.
func rounded(_ span: TimeSpan) -> TimeSpan {
    if span <= shortest { return span }
    for unit in [1_000, 500, 100] {
        let unit = TimeSpan.milliseconds(unit).nanoseconds
        if unit * 4 <= span.nanoseconds {
            return TimeSpan(nanoseconds: span.nanoseconds / unit * unit)
        }
    }
    return TimeSpan(nanoseconds: span.nanoseconds / shortest.nanoseconds * shortest.nanoseconds)
}
