/// Up to `limit` of `candidates` that someone who wrote `word` may have meant, nearest first and,
/// at the same distance, in the order of `candidates`: for "did you mean …".
///
/// Near is a Damerau-Levenshtein distance (optimal string alignment, case ignored) of at most a
/// third of the longer of the two, at least 1; a candidate that starts with `word` (from two
/// letters on) is near as well. Words past 256 characters match nothing.
public func closestMatches(
    to word: String, in candidates: [String], limit: Int = 3
) -> [String] {
    let wanted = Array(word.lowercased().unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= 256 else { return [] }
    var found: [(distance: Int, position: Int)] = []
    for (position, candidate) in candidates.enumerated() {
        let letters = Array(candidate.lowercased().unicodeScalars)
        guard letters.count <= 256 else { continue }
        let bound = max(1, max(wanted.count, letters.count) / 3)
        let isPrefix = wanted.count >= 2 && letters.starts(with: wanted)
        let distance = editDistance(wanted, letters)
        if distance <= bound {
            found.append((distance, position))
        } else if isPrefix {
            found.append((bound, position))
        }
    }
    found.sort { ($0.distance, $0.position) < ($1.distance, $1.position) }
    return found.prefix(limit).map { candidates[$0.position] }
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn
/// `first` into `second`, no letter being touched twice.
private func editDistance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: second.count + 1)
    var previous = Array(0...second.count)
    for (row, letter) in first.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(second.count + 1)
        for (column, other) in second.enumerated() {
            let replaced = previous[column] + (letter == other ? 0 : 1)
            var best = min(replaced, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                best = min(best, beforePrevious[column - 1] + 1)
            }
            current.append(best)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[second.count]
}
