import Determinism

/// Who uses a narrow link next: a queue for each priority, in front of the link.
///
/// Urgent frames go first, but none waits for ever. The order between the queues is strict
/// priority with deficit counters:
///
/// - Of the queues that are not empty the most urgent is served.
/// - What it sends earns each less urgent queue that waits a credit: an eighth of the bytes for
///   `normal`, a sixteenth for `low`. A queue whose credit pays for its next piece is served
///   before its turn, and pays. An empty queue keeps no credit.
///
/// So a class that is overtaken all the time still gets about a ninth (`normal`) or a seventeenth
/// (`low`) of what the others get, in which its protocol can go on living: heartbeats, retries and
/// acknowledgements arrive, if late. Counters of bytes rather than of frames make the shares right
/// whatever the sizes are (M. Shreedhar, G. Varghese: Efficient fair queueing using deficit round
/// robin, SIGCOMM 1995); classes that differ in urgency, with a guaranteed minimum for the lower
/// ones, are those of RFC 2474 and RFC 3246.
///
/// Frames are sent in pieces of at most ``pieceBytes`` bytes, so that an urgent frame waits for a
/// piece of what is under way and not for a megabyte of it. Frames of one priority keep their
/// order.
struct BandwidthManager: Sendable {
    /// A frame that waits, or of which a part has left.
    struct Waiting: Sendable {
        var ticket: LinkTicket
        var bytes: Int
        var kind: MessageKind
        var isKeepAlive: Bool
        var priority: TrafficPriority
        /// When it was offered.
        var since: Instant
        /// Bytes that have not left.
        var remaining: Int
    }

    /// The most bytes of one frame that leave in one piece: a packet of Ethernet.
    static let pieceBytes = 1500

    private struct Queue {
        var frames: [Waiting] = []
        var first = 0
        var bytes = 0
        /// In sixteenths of a byte.
        var credit = 0

        var isEmpty: Bool { first == frames.count }
        var nextPiece: Int { min(BandwidthManager.pieceBytes, frames[first].remaining) }
    }

    private var queues = Array(repeating: Queue(), count: TrafficPriority.allCases.count)
    /// The number of frames that wait.
    private(set) var count = 0

    /// What a queue earns, in sixteenths, for each byte that a more urgent one sends.
    private static let earnings = [0, 2, 1]

    /// The bytes that wait with `priority`.
    func bytes(of priority: TrafficPriority) -> Int { queues[Int(priority.rawValue)].bytes }

    /// Puts a frame behind all others of its priority.
    mutating func append(_ frame: Waiting) {
        let index = Int(frame.priority.rawValue)
        queues[index].frames.append(frame)
        queues[index].bytes += frame.remaining
        count += 1
    }

    /// Puts frames, which are in the order of their offers, before all others of their priorities.
    mutating func prepend(_ frames: [Waiting]) {
        for index in queues.indices {
            let own = frames.filter { Int($0.priority.rawValue) == index }
            if own.isEmpty { continue }
            queues[index].frames.replaceSubrange(0..<queues[index].first, with: own)
            queues[index].first = 0
            queues[index].bytes += own.reduce(0) { $0 + $1.remaining }
        }
        count += frames.count
    }

    /// Whose turn it is; `nil` if nothing waits.
    private var turn: Int? {
        guard let urgent = queues.firstIndex(where: { !$0.isEmpty }) else { return nil }
        let paying = queues.indices.first { index in
            index > urgent && !queues[index].isEmpty
                && queues[index].credit >= queues[index].nextPiece * 16
        }
        return paying ?? urgent
    }

    /// The frame whose turn it is, without taking it.
    var next: Waiting? { turn.map { queues[$0].frames[queues[$0].first] } }

    /// Sends the next piece: its bytes, its frame, and whether that was the frame's last piece. The
    /// frame then waits no more.
    mutating func sendPiece() -> (bytes: Int, frame: Waiting, isLast: Bool)? {
        guard let index = turn else { return nil }
        let bytes = queues[index].nextPiece
        let isOvertaking = queues[..<index].contains { !$0.isEmpty }
        if isOvertaking { queues[index].credit -= bytes * 16 }
        for lower in queues.indices where lower > index && !queues[lower].isEmpty {
            queues[lower].credit += bytes * Self.earnings[lower]
        }
        let first = queues[index].first
        queues[index].bytes -= bytes
        queues[index].frames[first].remaining -= bytes
        let frame = queues[index].frames[first]
        if frame.remaining == 0 { dropFirst(of: index) }
        return (bytes, frame, frame.remaining == 0)
    }

    /// Takes the next frame out whole, as if it had not begun to leave.
    mutating func takeNext() -> Waiting? {
        guard let index = turn else { return nil }
        let frame = queues[index].frames[queues[index].first]
        queues[index].bytes -= frame.remaining
        dropFirst(of: index)
        return frame
    }

    private mutating func dropFirst(of index: Int) {
        count -= 1
        queues[index].first += 1
        if queues[index].isEmpty {
            queues[index] = Queue()
        } else if queues[index].first > 256, queues[index].first * 2 > queues[index].frames.count {
            queues[index].frames.removeFirst(queues[index].first)
            queues[index].first = 0
        }
    }

    /// Forgets everything that waits; how many of the frames were no keep-alives.
    mutating func removeAll() -> Int {
        var forgotten = 0
        for index in queues.indices {
            for frame in queues[index].frames[queues[index].first...] where !frame.isKeepAlive {
                forgotten += 1
            }
            queues[index] = Queue()
        }
        count = 0
        return forgotten
    }
}
