import Determinism
import Recording

/// Where everything of a ``SequenceDiagram`` stands.
///
/// Participants stand side by side, time runs downwards. It is stretched: whatever is sent has a
/// line of its own for its label, and between two moments the distance grows with the logarithm
/// of the time, so that a failover of seconds and a hop of a millisecond fit one picture.
struct SequenceLayout {
    /// Who is shown, from left to right.
    let participants: [String]
    /// Where the lines of the participants begin, below their names.
    let top: Double
    /// Where they end.
    private(set) var bottom: Double
    /// The horizontal distance between participants.
    let spacing: Double
    /// The width of the picture.
    let width: Double
    /// The heights of the rows' sending and receiving, and of the events.
    private(set) var sent: [Double]
    private(set) var received: [Double?]
    private(set) var happened: [Double]
    /// Moments and their heights, both growing.
    private var scale: [(time: Instant, height: Double)] = []

    /// The space on the left for times, and that on the right for labels.
    static let gutter = 92.0
    static let margin = 130.0
    /// What a label needs from the one above it.
    static let lineHeight = 15.0

    private enum Item {
        case send(Int)
        case receive(Int)
        case event(Int)

        /// Of what happens at the same moment, events come first and receiving last.
        var rank: Int {
            switch self {
            case .event: 0
            case .send: 1
            case .receive: 2
            }
        }
    }

    init(_ selection: TraceSelection, participants all: [String]) {
        let seen = Set(selection.rows.flatMap { [$0.from, $0.to] })
        participants = all.filter(seen.contains)
        spacing = max(150, min(240, 1100 / Double(max(1, participants.count))))
        width = Self.gutter + spacing * Double(max(1, participants.count) - 1) + 60 + Self.margin
        top = 110
        bottom = top
        sent = Array(repeating: 0, count: selection.rows.count)
        received = Array(repeating: nil, count: selection.rows.count)
        happened = Array(repeating: 0, count: selection.events.count)
        place(Self.items(of: selection))
        bottom += 24
    }

    /// Where the line of a participant is; `nil` if it is not shown.
    func column(_ participant: String) -> Double? {
        participants.firstIndex(of: participant).map {
            Self.gutter + 60 + spacing * Double($0)
        }
    }

    /// The height of a moment: between those of what happened just before and after it.
    func height(_ instant: Instant) -> Double {
        guard let after = scale.firstIndex(where: { $0.time >= instant }) else { return bottom }
        return after == 0 ? top : scale[after].height
    }

    private static func items(of selection: TraceSelection) -> [(time: Instant, item: Item)] {
        var items: [(time: Instant, item: Item)] = []
        for (index, row) in selection.rows.enumerated() {
            items.append((row.sent, .send(index)))
            if let received = row.received { items.append((received, .receive(index))) }
        }
        for (index, event) in selection.events.enumerated() {
            items.append((event.time, .event(index)))
        }
        return items.indices.sorted { left, right in
            let (one, other) = (items[left], items[right])
            return (one.time, one.item.rank, left) < (other.time, other.item.rank, right)
        }.map { items[$0] }
    }

    private mutating func place(_ items: [(time: Instant, item: Item)]) {
        var height = top
        var label = top
        var last = items.first?.time ?? .zero
        for (time, item) in items {
            let milliseconds = (time - last).milliseconds
            if milliseconds > 0 {
                height += min(36, 3 + 6 * DeterministicMath.log(1 + milliseconds))
            }
            last = time
            switch item {
            case .send(let index):
                height = max(height, label + Self.lineHeight)
                label = height
                sent[index] = height
            case .receive(let index): received[index] = height
            case .event(let index):
                height = max(height, label + Self.lineHeight)
                label = height
                happened[index] = height
            }
            scale.append((time, height))
        }
        bottom = height
    }
}
