import Determinism
import Recording

/// A trace as a sequence diagram: a picture in SVG that needs nothing else, legible on light and
/// dark backgrounds.
///
/// A line for each participant, an arrow for each message, slanted by the time that it took; a ×
/// where one was lost or held. Faults are shaded over those they strike.
public struct SequenceDiagram: Sendable {
    private let selection: TraceSelection
    private let title: String
    private let layout: SequenceLayout

    /// The rendering of `selection` under `title`; `participants` says in which order they stand.
    public init(_ selection: TraceSelection, participants: [String], title: String) {
        self.selection = selection
        self.title = title
        layout = SequenceLayout(selection, participants: participants)
    }

    /// The picture.
    public var svg: String {
        let height = layout.bottom + 84
        let size = "\(Int(layout.width))\" height=\"\(Int(height))"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" \
            viewBox="0 0 \(Int(layout.width)) \(Int(height))">
            <style>\(Self.style)</style>
            <defs>\(Self.heads)</defs>
            <rect class="ground" width="100%" height="100%"/>
            \((heading + shades + lifelines + happenings + arrows + legend).joined(separator: "\n"))
            </svg>

            """
    }

    private var heading: [String] {
        [
            text(20, 26, title, "title"),
            text(
                20, 44,
                "time runs downwards, stretched where much happens; seconds on the left", "dim"),
        ]
    }

    private var legend: [String] {
        let base = layout.bottom + 52
        return [
            line(20, base - 4, 50, base - 4, "message", head: true),
            text(56, base, "members", "dim"),
            line(130, base - 4, 160, base - 4, "client", head: true),
            text(166, base, "clients", "dim"),
            line(240, base - 4, 270, base - 4, "alive", head: true),
            text(276, base, "keep-alive", "dim"),
            cross(360, base - 4, "lost"), text(370, base, "lost", "dim"),
            cross(414, base - 4, "held"), text(424, base, "held", "dim"),
        ] + (selection.remark.map { [text(20, base + 18, $0, "dim")] } ?? [])
    }

    private var lifelines: [String] {
        layout.participants.flatMap { participant -> [String] in
            guard let x = layout.column(participant) else { return [] }
            let lines = participant.split(separator: " ").map(String.init)
            let names =
                lines.count == 3 ? ["\(lines[0]) \(lines[1])", lines[2]] : [participant]
            var result = [line(x, layout.top - 8, x, layout.bottom, "life")]
            for (index, name) in names.enumerated() {
                let above = Double(names.count - 1 - index) * 14
                result.append(text(x, layout.top - 16 - above, name, "name", anchor: "middle"))
                let below = Double(index) * 14
                result.append(text(x, layout.bottom + 16 + below, name, "name", anchor: "middle"))
            }
            return result
        }
    }

    /// The faults in force, over those that they strike.
    private var shades: [String] {
        selection.faults.enumerated().flatMap { index, fault -> [String] in
            let start = fault.start.map(layout.height) ?? layout.top
            let end = fault.end.map(layout.height) ?? layout.bottom
            let width = 40 + Double(index % 3) * 8
            let name = "\(fault.id) \(fault.kind)" + (fault.start == nil ? ", before" : "")
            return layout.participants.filter(fault.strikes).flatMap { participant -> [String] in
                guard let x = layout.column(participant) else { return [] }
                return [
                    """
                    <rect class="fault" x="\(at(x - width / 2))" y="\(at(start))" \
                    width="\(at(width))" height="\(at(max(2, end - start)))"/>
                    """,
                    text(x - width / 2 - 3, start + 10, name, "alarm", anchor: "end"),
                ]
            }
        }
    }

    private var happenings: [String] {
        selection.events.enumerated().flatMap { index, event -> [String] in
            let y = layout.happened[index]
            let what = EventText.text(event)
            let isFault = event.kind == .faultStarted || event.kind == .faultEnded
            let time = text(SequenceLayout.gutter - 8, y, seconds(event.time), "dim", anchor: "end")
            guard let x = event.node.flatMap(layout.column) else {
                let place = event.node.map { "\($0): " } ?? ""
                return [
                    time,
                    line(
                        SequenceLayout.gutter, y + 3, layout.width - 10, y + 3,
                        isFault ? "strike" : "rule"),
                    label(SequenceLayout.gutter, y, place + what, isFault ? "alarm" : "event"),
                ]
            }
            return [
                time, "<circle class=\"mark\" cx=\"\(at(x))\" cy=\"\(at(y - 4))\" r=\"4\"/>",
                label(x + 8, y, what, "event"),
            ]
        }
    }

    private var arrows: [String] {
        var result: [String] = []
        // Labels stand above all lines.
        var labels: [String] = []
        for (index, row) in selection.rows.enumerated() {
            guard let start = layout.column(row.from), let end = layout.column(row.to) else {
                continue
            }
            let y = layout.sent[index]
            result += arrow(row, from: start, y, to: end, layout.received[index])
            labels.append(
                text(SequenceLayout.gutter - 8, y, seconds(row.sent), "dim", anchor: "end"))
            labels.append(label(start, y - 3, row.says, "says", to: end < start ? -1 : 1, row))
        }
        return result + labels
    }

    private func arrow(
        _ row: TraceRow, from start: Double, _ y: Double, to end: Double, _ received: Double?
    ) -> [String] {
        let kind: String
        switch row.kind {
        case .message: kind = row.isKeepAlive ? "alive" : "message"
        case .request, .reply: kind = "client"
        }
        if let received {
            let way = line(
                start, y, end, received, row.wasHeld ? kind + " waited" : kind, head: true)
            return row.wasHeld
                ? [way, cross(start + (end < start ? -10 : 10), y, "held")] : [way]
        }
        let reach = row.wasHeld ? 0.12 : 0.6
        let x = start + (end - start) * reach
        let fate = row.wasHeld ? "held" : "lost"
        return [line(start, y, x, y + 8 * reach, kind + " waited"), cross(x, y + 8 * reach, fate)]
    }

    // MARK: Parts

    /// A label that begins at `x` and goes right, or left if `direction` is negative; cut where
    /// the picture ends. All of it is shown by a tooltip.
    private func label(
        _ x: Double, _ y: Double, _ words: String, _ style: String, to direction: Double = 1,
        _ row: TraceRow? = nil
    ) -> String {
        let room = direction < 0 ? x - SequenceLayout.gutter : layout.width - x - 14
        let count = max(8, Int(room / 5.9))
        let cut = words.count > count ? words.prefix(count - 1) + "…" : words[...]
        var tip = words
        if let row {
            tip = "\(row.from) → \(row.to): \(words) (\(row.dataType), received: \(row.fateText))"
        }
        return text(
            x + 8 * direction, y, String(cut), style, anchor: direction < 0 ? "end" : "start",
            tip: tip)
    }

    private func text(
        _ x: Double, _ y: Double, _ words: String, _ style: String, anchor: String = "start",
        tip: String? = nil
    ) -> String {
        let title = tip.map { "<title>\($0.escapedForXML)</title>" } ?? ""
        return "<text class=\"\(style)\" x=\"\(at(x))\" y=\"\(at(y))\" text-anchor=\"\(anchor)\">"
            + "\(words.escapedForXML)\(title)</text>"
    }

    private func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String,
        head: Bool = false
    ) -> String {
        let kind = style.prefix { $0 != " " }
        let end = head ? " marker-end=\"url(#\(kind)-head)\"" : ""
        return "<line class=\"\(style)\" x1=\"\(at(x1))\" y1=\"\(at(y1))\" x2=\"\(at(x2))\" "
            + "y2=\"\(at(y2))\"\(end)/>"
    }

    private func cross(_ x: Double, _ y: Double, _ style: String) -> String {
        let (left, right, above, below) = (at(x - 4), at(x + 4), at(y - 4), at(y + 4))
        return "<path class=\"\(style)\" d=\"M\(left) \(above)L\(right) \(below)"
            + "M\(left) \(below)L\(right) \(above)\"/>"
    }

    private func at(_ number: Double) -> String { decimal(number, places: 1) }
}
