import Exploration
import Foundation

/// Shows how far a shrink is, on standard error: one line that is drawn over on a terminal, a line
/// for each step that helped otherwise.
final class ShrinkView: @unchecked Sendable {
    // Calls come from the task that shrinks, `finish` from that of the command: the lock orders
    // them.
    private let lock = NSLock()
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var hasLine = false

    func show(_ progress: ShrinkProgress) {
        lock.withLock {
            guard isTerminal || progress.hasHelped else { return }
            let size = progress.size
            let line =
                "run \(progress.runs) of at most \(progress.budget): "
                + "\(size.faults + size.actions) faults and actions, \(size.regions) regions, "
                + "\(size.clients) clients, \(size.duration) (\(progress.reduction))"
            write(isTerminal ? "\r\u{1B}[2K\(line)" : line + "\n")
            hasLine = isTerminal
        }
    }

    func finish() {
        lock.withLock {
            if hasLine { write("\r\u{1B}[2K") }
            hasLine = false
        }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
