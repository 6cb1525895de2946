import Exploration
import Foundation
import Reporting

/// Shows how far a fuzz run is: on a terminal one line that is drawn over at least each second,
/// otherwise a line after a second and then every ten, whether runs come to an end or not.
final class FuzzView: @unchecked Sendable {
    // Calls come from the tasks that await workers and from that which waits: the lock orders them.
    private let lock = NSLock()
    private let total: UInt64
    private let isQuiet: Bool
    private let started = Date()
    private var due = Date() + 1
    private var line = StatusLine()
    private var runs = 0
    private var failed = 0

    init(total: UInt64, isQuiet: Bool) {
        self.total = total
        self.isQuiet = isQuiet
    }

    /// Seconds since the start.
    var elapsed: Double { Date().timeIntervalSince(started) }

    func show(_ summary: FuzzSummary) {
        lock.withLock {
            runs = Int(summary.runs)
            failed = Int(summary.failed)
            drawIfDue()
        }
    }

    /// Goes on showing how far it is until the task is cancelled.
    func keepUp() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            lock.withLock { drawIfDue() }
        }
    }

    private func drawIfDue() {
        let now = Date()
        guard !isQuiet, now >= due else { return }
        due = now + (line.isTerminal ? 0.2 : 10)
        let rate = Double(runs) / max(0.001, elapsed)
        line.show(
            "\(grouped(runs)) of \(grouped(Int(total))) seeds, "
                + "\(decimal(rate, places: 1)) a second, \(grouped(failed)) failed")
    }

    /// Shows no more.
    func finish() {
        lock.withLock {
            line.clear()
            due = .distantFuture
        }
    }
}
