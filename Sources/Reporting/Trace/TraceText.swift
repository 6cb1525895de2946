import Determinism
import Recording

/// A trace as text: a line for each message, with what happened in the run at its place.
public struct TraceText: Sendable {
    private let selection: TraceSelection

    /// The rendering of `selection`.
    public init(_ selection: TraceSelection) { self.selection = selection }

    /// The whole text, without a line break at its end.
    public var text: String { lines.joined(separator: "\n") }

    /// The lines, a heading first.
    public var lines: [String] {
        let rows = selection.rows
        let senders = width(rows.map(\.from), "FROM")
        let receivers = width(rows.map(\.to), "TO")
        let groups = width(rows.map(\.dataType), "DATA")
        func line(
            _ sent: String, _ received: String, _ from: String, _ to: String, _ group: String,
            _ says: String
        ) -> String {
            [
                padded(sent, 11, right: true), padded(received, 11, right: true),
                padded(from, senders), padded(to, receivers), padded(group, groups), says,
            ].joined(separator: "  ")
        }
        var result = [line("SENT S", "RECEIVED S", "FROM", "TO", "DATA", "WHAT")]
        var events = selection.events[...]
        for row in rows {
            while let event = events.first, event.time <= row.sent {
                events.removeFirst()
                result.append(describe(event))
            }
            result.append(
                line(
                    seconds(row.sent), row.fateText, row.from, row.to, row.dataType,
                    row.says + (row.wasHeld && row.received != nil ? "  [was held]" : "")))
        }
        result += events.map(describe)
        if let remark = selection.remark { result.append("… \(remark)") }
        return result
    }

    private func describe(_ event: RecordedEvent) -> String {
        let place = event.node.map { "\($0): " } ?? ""
        return padded(seconds(event.time), 11, right: true)
            + "  ── \(place)\(EventText.text(event))"
    }

    private func width(_ texts: [String], _ heading: String) -> Int {
        texts.reduce(heading.count) { max($0, $1.count) }
    }

    private func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return right ? padding + text : text + padding
    }
}

/// An instant in seconds, to the microsecond.
func seconds(_ instant: Instant) -> String {
    let microseconds = instant.nanoseconds / 1000
    let digits = String(microseconds.magnitude % 1_000_000)
    return (microseconds < 0 ? "-" : "") + "\(microseconds.magnitude / 1_000_000)."
        + String(repeating: "0", count: 6 - digits.count) + digits
}

extension TraceRow {
    /// When it was received, or why it was not.
    var fateText: String { received.map(seconds) ?? (wasHeld ? "held" : "lost") }
}
