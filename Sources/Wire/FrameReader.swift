import Determinism
import NIOCore
import Replication

/// Cuts what arrives on a connection into frames.
///
/// The length of a frame is held against the limit as soon as its four bytes are there, before
/// anything is kept for it; what is kept is never more than has arrived. NIOExtras' decoder for
/// length fields knows no bound below 2 GiB, which is why this type exists.
package struct FrameReader: Sendable {
    /// The largest frame that is accepted: small until the connection's Hello was accepted.
    package var frameBytesMax: Int
    private var buffer = ByteBuffer()

    /// A reader for a new connection.
    package init(frameBytesMax: Int = Limits.helloBytesMax) {
        self.frameBytesMax = frameBytesMax
    }

    /// Takes what arrived.
    package mutating func append(_ arrived: consuming ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = arrived
        } else {
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(arrived)
        }
    }

    /// The next whole frame, or `nil` until more has arrived. After an error the connection is
    /// beyond repair.
    package mutating func next() throws(MalformedBytes) -> Frame? {
        guard
            let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self).map({
                Int($0)
            })
        else { return nil }
        guard length <= frameBytesMax else {
            throw MalformedBytes("a frame of \(length) bytes, at most \(frameBytesMax) allowed")
        }
        guard length >= Frame.headerBytes else {
            throw MalformedBytes(
                "a frame of \(length) bytes, at least \(Frame.headerBytes) needed")
        }
        guard buffer.readableBytes >= Frame.prefixBytes + length else { return nil }
        buffer.moveReaderIndex(forwardBy: Frame.prefixBytes)
        guard
            let (type, scope, request, trace, due) = buffer.readMultipleIntegers(
                as: (UInt8, UInt16, UInt64, UInt64, Int64).self),
            let payload = buffer.readBytes(length: length - Frame.headerBytes)
        else { throw MalformedBytes("a frame shorter than its length") }
        return Frame(
            FrameType(rawValue: type),
            Envelope(scope: scope, request: request, trace: trace, due: due), payload: payload)
    }

    /// How many bytes are kept for a frame that is not whole yet.
    package var pendingBytes: Int { buffer.readableBytes }
}
