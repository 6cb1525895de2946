import Foundation

/// Shows how far a check is, from its second second on.
final class CheckView: @unchecked Sendable {
    // Calls come from all threads that check: the lock orders them.
    private let lock = NSLock()
    private let isQuiet: Bool
    private var due = Date() + 1
    private var line = StatusLine()

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ done: Int, of total: Int) {
        lock.withLock {
            guard !isQuiet, Date() >= due else { return }
            due = Date() + (line.isTerminal ? 0.2 : 10)
            line.show("checked \(done) of \(total) keys")
        }
    }

    func clear() { lock.withLock { line.clear() } }
}
