/// Coefficients that are not negative and explain measurements best, in the sense of least
/// squares.
///
/// Of the few columns that there are here every subset is tried: the best solution whose
/// coefficients are all positive is the answer (Lawson and Hanson 1974, chapter 23, whose method
/// finds the same subset faster).
enum LeastSquares {
    /// The coefficient of each column; `rows` hold the columns' values and then what was measured.
    /// Columns that cannot be told from others get 0, as does every column when nothing was
    /// measured.
    static func nonNegative(_ rows: [[Double]]) -> [Double] {
        let columns = (rows.first?.count ?? 1) - 1
        var best = Array(repeating: 0.0, count: columns)
        var least = rows.reduce(0) { $0 + square($1[columns]) }
        for subset in 1..<max(1, 1 << columns) {
            let chosen = (0..<columns).filter { subset >> $0 & 1 == 1 }
            guard let found = solve(rows, chosen, target: columns), found.allSatisfy({ $0 > 0 })
            else { continue }
            let rest = rows.reduce(0) { sum, row in
                let explained = zip(chosen, found).reduce(0) { $0 + row[$1.0] * $1.1 }
                return sum + square(row[columns] - explained)
            }
            guard rest < least else { continue }
            least = rest
            best = Array(repeating: 0, count: columns)
            for (column, value) in zip(chosen, found) { best[column] = value }
        }
        return best
    }

    private static func square(_ value: Double) -> Double { value * value }

    /// The solution over the columns `chosen` alone, by the normal equations of scaled columns;
    /// `nil` if they are not independent.
    private static func solve(
        _ rows: [[Double]], _ chosen: [Int], target: Int
    ) -> [Double]? {
        let scales = chosen.map { column in
            rows.reduce(0) { $0 + square($1[column]) }.squareRoot()
        }
        guard scales.allSatisfy({ $0 > 0 }) else { return nil }
        var matrix = chosen.indices.map { row in
            chosen.indices.map { column in
                rows.reduce(0) { $0 + $1[chosen[row]] * $1[chosen[column]] }
                    / (scales[row] * scales[column])
            } + [rows.reduce(0) { $0 + $1[chosen[row]] * $1[target] } / scales[row]]
        }
        for pivot in chosen.indices {
            // What is left of a column once the others explain what they can of it.
            guard matrix[pivot][pivot] > 1e-4 else { return nil }
            for row in chosen.indices where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...chosen.count {
                    matrix[row][column] -= factor * matrix[pivot][column]
                }
            }
        }
        return chosen.indices.map { matrix[$0][chosen.count] / matrix[$0][$0] / scales[$0] }
    }
}
