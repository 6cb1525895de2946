import Consistency
import Reporting
import Scenarios

extension HistoryVerdict {
    /// The verdict for people: a line for each check, and each violation explained.
    public var text: String {
        var lines = ["\(path): \(operations) operations (\(format))" + skippedText]
        for finding in findings {
            let name =
                findings.contains { $0.dataType != finding.dataType }
                ? "\(finding.dataType): " : ""
            lines.append("  \(name)\(finding.summary)")
            for violation in finding.result.violations.prefix(Self.violationsMax) {
                lines += violation.lines.map { "    " + $0 }
            }
            let more = finding.result.violations.count - Self.violationsMax
            if more > 0 { lines.append("    and \(more) more keys") }
        }
        return lines.joined(separator: "\n")
    }

    private static let violationsMax = 5

    private var skippedText: String {
        skipped == 0 ? "" : ", \(skipped) lines or events that are no client's left out"
    }
}

extension HistoryVerdict.Finding {
    fileprivate var summary: String {
        let checked = "\(kind.rawValue), \(result.checked) operations"
        switch result.verdict {
        case .valid where result.checked == 0:
            return "\(model.rawValue): unknown, there is no operation to check"
        case .valid: return "\(model.rawValue): valid (\(checked))"
        case .invalid: return "\(model.rawValue): INVALID (\(checked))"
        case .unknown:
            return "\(model.rawValue): unknown (\(checked)): \(result.reason ?? "undecided")"
        }
    }
}

extension Violation {
    fileprivate var lines: [String] {
        var lines = [reason]
        if let shortestPrefix, let shownBy {
            lines.append(
                "shown by the first \(shortestPrefix) operations, up to the return of operation "
                    + "\(shownBy)")
        }
        if !prefix.isEmpty {
            let tail = prefix.suffix(12).map(String.init).joined(separator: " ")
            let dots = prefix.count > 12 ? "… " : ""
            lines.append("longest order found (\(prefix.count) operations): \(dots)\(tail)")
        }
        if operations.count > 1 {
            let named = operations.prefix(12).map(String.init).joined(separator: " ")
            lines.append("operations that cannot be ordered: \(named)")
        }
        return lines
    }
}
