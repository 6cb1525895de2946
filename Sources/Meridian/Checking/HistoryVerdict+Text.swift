import Consistency
import Reporting

extension HistoryVerdict {
    /// The verdict for people: a line for each check, and each violation explained.
    public var text: String {
        var lines = ["\(path): \(operations) operations (\(format))" + skippedText]
        for finding in findings {
            let name =
                findings.contains { $0.dataType != finding.dataType }
                ? "\(finding.dataType): " : ""
            lines.append("  \(name)\(finding.summary)")
            lines += finding.result.remarks.map { "    \($0)" }
            for violation in finding.result.violations.prefix(Self.violationsMax) {
                lines += violation.lines(finding.told).map { "    " + $0 }
            }
            let more = finding.result.violations.count - Self.violationsMax
            if more > 0 { lines.append("    and \(more) more keys") }
        }
        return lines.joined(separator: "\n")
    }

    /// Of how many violations operations are told, and of each how many.
    static let violationsMax = 5
    static let operationsMax = 8

    private var skippedText: String {
        skipped == 0 ? "" : ", \(skipped) lines or events that are no client's left out"
    }
}

extension HistoryVerdict.Finding {
    fileprivate var summary: String {
        let what = isOfTransactions ? "transactions" : "operations"
        let checked =
            (isOfTransactions ? "" : "\(kind.rawValue), ") + "\(result.checked) \(what)"
        switch result.verdict {
        case .valid where result.checked == 0:
            return "\(name): unknown, there is no operation to check"
        case .valid: return "\(name): valid (\(checked))"
        case .invalid: return "\(name): INVALID (\(checked))"
        case .unknown:
            return "\(name): unknown (\(checked)): \(result.reason ?? "undecided")"
        }
    }
}

extension Violation {
    fileprivate func lines(_ told: [Int: String]) -> [String] {
        func list(_ indices: some Sequence<Int>) -> [String] {
            indices.map { "  " + (told[$0] ?? "[\($0)]") }
        }
        let most = HistoryVerdict.operationsMax
        var lines = [reason]
        if let shortestPrefix, let shownBy {
            lines.append(
                "The first \(shortestPrefix) operations of it show it, up to the return of:")
            lines += list([shownBy])
        }
        if !prefix.isEmpty {
            let more = prefix.count > most ? ", the last \(most) of them" : ""
            lines.append("The longest order found has \(prefix.count) operations\(more):")
            lines += list(prefix.suffix(most))
        }
        if !operations.isEmpty {
            let more = operations.count > most ? " \(most) of \(operations.count)" : ""
            lines.append(
                prefix.isEmpty
                    ? "The operations that contradict each other:"
                    : "None of these\(more) can come next, and the first had to:")
            lines += list(operations.prefix(most))
        }
        return lines
    }
}
