/// A line of comma-separated values (RFC 4180), without its end.
package enum CSVLine {
    /// The line with these cells.
    package static func text(_ cells: [String]) -> String {
        cells.map(quoted).joined(separator: ",")
    }

    private static func quoted(_ cell: String) -> String {
        let needsQuotes = cell.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    /// The cells of a line, none of which has a line end; `nil` if a quote is not closed.
    package static func cells(_ line: String) -> [String]? {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var rest = Array(line)[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                cell.append("\"")
                rest.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                cells.append(cell)
                cell = ""
            default: cell.append(character)
            }
        }
        return isQuoted ? nil : cells + [cell]
    }
}
