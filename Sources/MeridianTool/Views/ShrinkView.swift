import Exploration
import Foundation

/// Shows how far a shrink is: each run on a terminal, each step that helped otherwise.
final class ShrinkView: @unchecked Sendable {
    // Calls come from the task that shrinks, `finish` from that of the command: the lock orders
    // them.
    private let lock = NSLock()
    private var line = StatusLine()

    func show(_ progress: ShrinkProgress) {
        lock.withLock {
            guard line.isTerminal || progress.hasHelped else { return }
            let size = progress.size
            line.show(
                "run \(progress.runs) of at most \(progress.budget): "
                    + "\(size.faults + size.actions) faults and actions, \(size.regions) regions, "
                    + "\(size.clients) clients, \(size.duration) (\(progress.reduction))")
        }
    }

    func finish() { lock.withLock { line.clear() } }
}
