import Determinism

/// What a link answers to a frame that is offered to it.
public enum LinkVerdict: Hashable, Sendable {
    /// Stamp the frame with this due time and send it now; the receiver holds it until then.
    case due(Instant)
    /// Keep the frame under this ticket until a ``LinkOutput/release(_:due:)`` or a
    /// ``LinkOutput/discard(_:)`` names it or a ``LinkOutput/reset(_:)`` forgets it.
    case held(LinkTicket)
    /// Throw the frame away and tell nobody: on the real network it is lost and its sender does
    /// not know.
    case lost
    /// The link's queue is full: the frame is not taken, and its sender may be told.
    case full
    /// There is no connection: the frame is not taken, and its sender may be told.
    case notConnected
}

/// Names a frame that a link holds. Tickets of one link ascend in the order of the offers; of a
/// link that serves urgent frames first, frames may be released in another order.
public struct LinkTicket: Hashable, Comparable, Sendable {
    /// The frame's number among those that the link has held.
    public var rawValue: UInt64

    /// The ticket numbered `rawValue`.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a link asks of its host.
public enum LinkOutput: Hashable, Sendable {
    /// Stamp the frame kept under this ticket with `due` and send it now.
    case release(LinkTicket, due: Instant)
    /// Throw the frame kept under this ticket away: it vanished on its way.
    case discard(LinkTicket)
    /// The sender now knows that the connection is gone: close its socket if it is still open,
    /// forget every frame kept for this link, and tell the machine.
    case reset(LinkResetReason)
    /// Open a connection now, and report ``Link/connectionOpened(now:into:)`` or
    /// ``Link/connectionFailed(now:into:)``.
    case connect
}

/// Why a connection was given up.
public enum LinkResetReason: String, Hashable, Sendable, Codable {
    /// A frame stayed unacknowledged for as long as the connection timeout.
    case silence
    /// A fault tore the connection down.
    case injected
    /// The other end closed it or died.
    case peerClosed
    /// A newer connection took its place.
    case superseded
}
