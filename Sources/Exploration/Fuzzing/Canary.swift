import Determinism
import Recording

/// Spoils a record so that whatever its scenario expects must fail: a check on the checks.
///
/// One read gets a value that nobody wrote, every replica forgets a key, and the members no longer
/// agree. A fuzz run that does not report its canaries cannot be trusted with anything else.
enum Canary {
    static let token = "canary"

    static func spoil(_ contents: inout RecordContents) {
        if let read = contents.history.indices.last(where: {
            contents.history[$0].function == .read && contents.history[$0].outcome == .ok
        }) {
            contents.history[read].value = .text(token)
        }
        let written = contents.history.last {
            $0.function == .write && $0.outcome == .ok && $0.key != nil
        }
        if let key = written?.key { contents.final.removeAll { $0.key == key } }
        contents.events = contents.events.map { event in
            guard var finding = Convergence(event), finding.converged else { return event }
            finding.converged = false
            return finding.event
        }
    }
}
