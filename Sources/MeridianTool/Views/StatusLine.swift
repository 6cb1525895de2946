import Foundation

/// How far something is, on standard error: on a terminal one line that is drawn over, otherwise
/// line after line. Whoever holds it sees to it that calls do not overlap.
struct StatusLine {
    let isTerminal = isatty(STDERR_FILENO) == 1
    private var isShown = false

    mutating func show(_ text: String) {
        write(isTerminal ? "\r\u{1B}[2K\(text)" : text + "\n")
        isShown = isTerminal
    }

    /// Leaves a terminal as if there had been no line.
    mutating func clear() {
        if isShown { write("\r\u{1B}[2K") }
        isShown = false
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
