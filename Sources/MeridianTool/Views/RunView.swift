import Conduct
import Determinism
import Foundation
import Recording
import Reporting
import Scenarios
import Workloads

/// Shows a run as it goes: one panel that is drawn over when standard output is a terminal, a
/// line whenever something changes otherwise.
final class RunView: @unchecked Sendable {
    // Calls come from the run's event loop, and `finish` after the run: the lock orders them.
    private let lock = NSLock()
    private let isQuiet: Bool
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var linesShown = 0
    private var lastState = ""

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ progress: RunProgress) {
        guard !isQuiet else { return }
        lock.withLock {
            let panel = ProgressPanel(progress)
            if isTerminal {
                draw(panel.lines)
            } else {
                log(panel)
            }
        }
    }

    func finish() {
        lock.withLock {
            if linesShown > 0 { write("\u{1B}[\(linesShown)A\u{1B}[J") }
            linesShown = 0
        }
    }

    private func draw(_ lines: [String]) {
        var text = linesShown > 0 ? "\u{1B}[\(linesShown)A" : ""
        for line in lines { text += "\u{1B}[2K\(line)\n" }
        if lines.count < linesShown { text += "\u{1B}[J" }
        linesShown = lines.count
        write(text)
    }

    private func log(_ panel: ProgressPanel) {
        let faults = panel.faults.isEmpty ? "" : ", faults: " + panel.faults.joined(separator: ", ")
        let state = panel.phase + faults
        guard state != lastState else { return }
        lastState = state
        write("\(decimal(max(0, panel.elapsed.seconds), places: 1)) s  \(state)\n")
    }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

extension ProgressPanel {
    init(_ progress: RunProgress) {
        self.init(
            phase: progress.phase, elapsed: progress.elapsed, duration: progress.duration,
            faults: progress.faults, leaders: progress.leaders,
            rows: progress.regions.map { region in
                let sample = region.sample
                let seconds = sample?.interval.seconds ?? 1
                return Row(
                    region: region.name, nodes: "\(region.nodesUp)/\(region.nodeCount)",
                    okPerSecond: Double(sample?.ok ?? 0) / max(0.001, seconds),
                    notOk: (sample?.fail ?? 0) + (sample?.info ?? 0), p50: sample?.latency?.p50,
                    p99: sample?.latency?.p99, open: region.tally.open)
            })
    }
}
