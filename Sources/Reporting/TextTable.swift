/// Rows of text in columns, for a terminal.
public struct TextTable {
    /// A column: its heading, and the side its cells keep to.
    public struct Column {
        var heading: String
        var isRight: Bool

        /// A column of words.
        public static func left(_ heading: String) -> Column {
            Column(heading: heading, isRight: false)
        }
        /// A column of numbers.
        public static func right(_ heading: String) -> Column {
            Column(heading: heading, isRight: true)
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    /// An empty table with these columns.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Whether the table has no rows.
    public var isEmpty: Bool { rows.isEmpty }

    /// Adds a row; missing cells are empty.
    public mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The table, a line for the headings and one for each row, without trailing spaces.
    public var text: String {
        let all = [columns.map(\.heading)] + rows
        let widths = columns.indices.map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { row in
            var line = ""
            for (index, column) in columns.enumerated() {
                let cell = index < row.count ? row[index] : ""
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                line += column.isRight ? padding + cell : cell + padding
                line += "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
