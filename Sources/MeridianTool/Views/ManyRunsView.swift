import Foundation

/// Shows how many runs of how many are done.
final class ManyRunsView: @unchecked Sendable {
    // Calls come from all threads that run something: the lock orders them.
    private let lock = NSLock()
    private let isQuiet: Bool
    private var line = StatusLine()
    private var due = Date()

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ done: Int, of total: Int) {
        guard !isQuiet else { return }
        lock.withLock {
            guard Date() >= due else { return }
            due = Date(timeIntervalSinceNow: line.isTerminal ? 0.2 : 10)
            line.show("\(done) of \(total) runs")
        }
    }

    /// Leaves a terminal as if nothing had been shown.
    func clear() { lock.withLock { line.clear() } }
}
