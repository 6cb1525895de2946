import Determinism
import NIOCore
import Replication

/// Collects frames for one connection until they are flushed together: one system call for all
/// that a turn of the event loop had to say.
package struct FrameWriter: Sendable {
    private var buffer = ByteBuffer()
    private var scratch = ByteWriter()
    /// A scratch area that grew larger is given back.
    private static let scratchBytesMax = 65_536
    /// How many frames wait to be flushed.
    package private(set) var frameCount = 0

    /// A writer with nothing in it.
    package init() {}

    /// Whether nothing waits to be flushed.
    package var isEmpty: Bool { frameCount == 0 }
    /// How many bytes wait to be flushed.
    package var byteCount: Int { buffer.readableBytes }

    /// Adds a frame and returns how many bytes it takes. Throws, and adds nothing, if it is
    /// larger than a frame may be.
    @discardableResult
    package mutating func write(
        _ type: FrameType, _ envelope: Envelope, payload: [UInt8]
    ) throws(MalformedBytes) -> Int {
        let size = Frame.headerBytes + payload.count
        guard size <= Limits.frameBytesMax else {
            throw MalformedBytes(
                "a frame of \(size) bytes, at most \(Limits.frameBytesMax) allowed")
        }
        buffer.writeFrame(type, envelope, payload: payload)
        frameCount += 1
        return Frame.prefixBytes + size
    }

    /// Adds a frame with the encoding of `payload`.
    @discardableResult
    package mutating func write(
        _ type: FrameType, _ envelope: Envelope, encoding payload: any ByteCodable
    ) throws(MalformedBytes) -> Int {
        scratch.bytes.removeAll(keepingCapacity: scratch.bytes.capacity <= Self.scratchBytesMax)
        payload.encode(into: &scratch)
        return try write(type, envelope, payload: scratch.bytes)
    }

    /// Everything that waits, and an empty writer.
    package mutating func take() -> ByteBuffer {
        frameCount = 0
        defer { buffer = ByteBuffer() }
        return buffer
    }
}
