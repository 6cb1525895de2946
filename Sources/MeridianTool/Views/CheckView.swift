import Dispatch
import Foundation
import Meridian

/// Shows how far the checks of a history are, once they have taken a second.
final class CheckView: @unchecked Sendable {
    // Calls come from all threads that check, and from the timer: the lock orders them.
    private let lock = NSLock()
    private let isQuiet: Bool
    private var timer: (any DispatchSourceTimer)?
    private var line = StatusLine()
    private var latest: CheckProgress?

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ progress: CheckProgress) {
        guard !isQuiet else { return }
        lock.withLock {
            latest = progress
            if timer == nil { start() }
        }
    }

    /// Leaves a terminal as if nothing had been shown; nothing is from now on, until told again.
    func clear() {
        lock.withLock {
            timer?.cancel()
            timer = nil
            line.clear()
        }
    }

    private func start() {
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + 1, repeating: line.isTerminal ? 0.2 : 10)
        timer.setEventHandler { [weak self] in self?.draw() }
        timer.resume()
        self.timer = timer
    }

    private func draw() {
        lock.withLock {
            guard timer != nil, let latest else { return }
            let keys = latest.total == 0 ? "" : ": \(latest.done) of \(latest.total) keys"
            line.show("checking \(latest.model)\(keys)")
        }
    }
}
