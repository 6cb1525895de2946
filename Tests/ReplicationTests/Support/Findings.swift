import Synchronization
import Testing

/// Records an issue if a claim does not hold, or a finding where they are gathered. Costs nothing
/// while it holds, unlike `#expect`, which matters for claims that are checked after every step.
func claim(
    _ holds: Bool, _ claim: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard !holds else { return }
    if let findings = Findings.current {
        findings.append(claim())
    } else {
        Issue.record(Comment(rawValue: claim()), sourceLocation: sourceLocation)
    }
}

/// Claims that did not hold in a run that is made to see whether they do.
///
/// Clusters stand still once there is one: what follows from a broken state tells nothing more.
final class Findings: Sendable {
    @TaskLocal static var current: Findings?

    private let texts = Mutex<[String]>([])

    /// What was found in a run.
    static func of(_ run: () throws -> Void) -> [String] {
        let findings = Findings()
        $current.withValue(findings) {
            do { try run() } catch { findings.append("an error: \(error)") }
        }
        return findings.texts.withLock { $0 }
    }

    /// Whether something was found already.
    static var areEnough: Bool { current.map { !$0.texts.withLock(\.isEmpty) } ?? false }

    func append(_ text: String) { texts.withLock { $0.append(text) } }
}
