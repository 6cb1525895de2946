import NIOCore
import Replication

/// What a frame is. The numbers are the protocol's; a number that is missing here is skipped and
/// counted by its receiver.
package struct FrameType: RawRepresentable, Hashable, Sendable {
    /// The type byte.
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The first frame of a connection, both ways; the payload is a ``Hello``.
    package static let hello = FrameType(rawValue: 1)
    /// The answer to a Hello that is not accepted, then the end; the payload is a ``Refusal``.
    package static let refused = FrameType(rawValue: 2)
    /// A message of a replication group; the payload is the strategy's.
    package static let peerMessage = FrameType(rawValue: 3)
    /// A client's question; the payload is a `ClientRequest`.
    package static let clientRequest = FrameType(rawValue: 4)
    /// The answer to a client; the payload is a `ClientReply`.
    package static let clientReply = FrameType(rawValue: 5)
    /// An operator's question; the payload is the host's `ControlRequest`.
    package static let controlRequest = FrameType(rawValue: 6)
    /// The answer to an operator; the payload is the host's `ControlReply`.
    package static let controlReply = FrameType(rawValue: 7)
    /// A measurement of a link; no payload.
    package static let probe = FrameType(rawValue: 8)
    /// The answer to a probe; the payload is the probe's one-way delay.
    package static let probeReply = FrameType(rawValue: 9)
}

/// What precedes every payload: 26 bytes.
package struct Envelope: Hashable, Sendable {
    /// The replication group or service that the frame is for.
    package var scope: UInt16
    /// Ties an answer to its question, within a connection.
    package var request: UInt64
    /// Ties together all frames that one operation caused; 0 for none.
    package var trace: UInt64
    /// When the frame arrives, in nanoseconds on the host's monotonic clock: its receiver must
    /// not look at it earlier. In an answer to a client: when it was sent. 0 for at once.
    package var due: Int64

    /// How many bytes an envelope takes.
    package static let byteCount = 26

    /// An envelope with these parts.
    package init(scope: UInt16 = 0, request: UInt64 = 0, trace: UInt64 = 0, due: Int64 = 0) {
        self.scope = scope
        self.request = request
        self.trace = trace
        self.due = due
    }
}

/// A frame as it was received.
package struct Frame: Hashable, Sendable {
    /// What it is.
    package var type: FrameType
    /// What it is for.
    package var envelope: Envelope
    /// What it says.
    package var payload: [UInt8]

    /// A frame with these parts.
    package init(_ type: FrameType, _ envelope: Envelope = Envelope(), payload: [UInt8] = []) {
        self.type = type
        self.envelope = envelope
        self.payload = payload
    }

    /// How many bytes stand before a frame and are not counted in its length.
    package static let prefixBytes = 4
    /// How many bytes of a frame are not payload: the type and the envelope.
    package static let headerBytes = 1 + Envelope.byteCount
}

extension ByteBuffer {
    /// Appends a frame. Its payload must fit the limits; the writer checks that.
    package mutating func writeFrame(
        _ type: FrameType, _ envelope: Envelope, payload: some Collection<UInt8>
    ) {
        let length = Frame.headerBytes + payload.count
        reserveCapacity(minimumWritableBytes: Frame.prefixBytes + length)
        writeMultipleIntegers(
            UInt32(length), type.rawValue, envelope.scope, envelope.request, envelope.trace,
            envelope.due)
        writeBytes(payload)
    }
}
