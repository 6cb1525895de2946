import Exploration
import Foundation
import Reporting

/// Shows how far a fuzz run is: one line that is drawn over on a terminal, a line every ten
/// seconds otherwise.
final class FuzzView: @unchecked Sendable {
    // Calls come from the tasks that await workers: the lock orders them.
    private let lock = NSLock()
    private let total: UInt64
    private let isQuiet: Bool
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = Date()
    private var shown = Date.distantPast
    private var hasLine = false

    init(total: UInt64, isQuiet: Bool) {
        self.total = total
        self.isQuiet = isQuiet
    }

    /// Seconds since the start.
    var elapsed: Double { Date().timeIntervalSince(started) }

    func show(_ summary: FuzzSummary) {
        guard !isQuiet else { return }
        lock.withLock {
            let now = Date()
            guard now.timeIntervalSince(shown) > (isTerminal ? 0.2 : 10) else { return }
            shown = now
            let rate = Double(summary.runs) / max(0.001, elapsed)
            let line =
                "\(grouped(Int(summary.runs))) of \(grouped(Int(total))) seeds, "
                + "\(decimal(rate, places: 1)) a second, \(grouped(Int(summary.failed))) failed"
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
