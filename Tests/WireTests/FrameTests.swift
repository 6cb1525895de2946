import Determinism
import NIOCore
import Replication
import Testing

@testable import Wire

@Suite struct FrameTests {
    private static let frames = [
        Frame(.hello, payload: [1, 2, 3]),
        Frame(.peerMessage, Envelope(scope: 65_535, request: .max, trace: 7, due: .min)),
        Frame(
            .clientRequest, Envelope(scope: 3, request: 9, trace: 1, due: 77),
            payload: [UInt8](repeating: 5, count: 3000)),
        Frame(FrameType(rawValue: 200), payload: [0]),
    ]

    private func encoded(_ frames: [Frame]) throws -> ByteBuffer {
        var writer = FrameWriter()
        for frame in frames {
            let size = try writer.write(frame.type, frame.envelope, payload: frame.payload)
            #expect(size == Frame.prefixBytes + Frame.headerBytes + frame.payload.count)
        }
        #expect(writer.frameCount == frames.count)
        let buffer = writer.take()
        #expect(writer.isEmpty && writer.byteCount == 0)
        return buffer
    }

    @Test func theBytesAreThoseOfTheDocument() throws {
        let frame = Frame(
            .clientRequest, Envelope(scope: 0x0102, request: 3, trace: 4, due: 5),
            payload: [0xAA])
        let buffer = try encoded([frame])
        #expect(
            Array(buffer.readableBytesView) == [
                0, 0, 0, 28, 4, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0,
                0, 0, 0, 5, 0xAA,
            ])
    }

    @Test(arguments: [1, 2, 3, 7, 30, 31, 1000, 100_000])
    func framesComeBackHoweverTheyArrive(chunk: Int) throws {
        var buffer = try encoded(Self.frames)
        var reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
        var received: [Frame] = []
        while buffer.readableBytes > 0 {
            let slice = buffer.readSlice(length: min(chunk, buffer.readableBytes))
            reader.append(try #require(slice))
            while let frame = try reader.next() { received.append(frame) }
        }
        #expect(received == Self.frames)
        #expect(reader.pendingBytes == 0)
    }

    @Test func aLengthBeyondTheLimitIsRefusedBeforeItsBytesArrive() {
        var reader = FrameReader()
        reader.append(ByteBuffer(integer: UInt32(Limits.helloBytesMax + 1)))
        #expect(throws: MalformedBytes.self) { try reader.next() }
        reader = FrameReader(frameBytesMax: Limits.frameBytesMax)
        reader.append(ByteBuffer(integer: UInt32.max))
        #expect(throws: MalformedBytes.self) { try reader.next() }
    }

    @Test(arguments: UInt32(0)..<27)
    func aLengthWithoutRoomForTheHeaderIsRefused(length: UInt32) {
        var reader = FrameReader()
        reader.append(ByteBuffer(integer: length))
        #expect(throws: MalformedBytes.self) { try reader.next() }
    }

    @Test func aFrameLargerThanTheLimitIsNotWritten() throws {
        var writer = FrameWriter()
        let payload = [UInt8](repeating: 0, count: Limits.frameBytesMax - Frame.headerBytes + 1)
        #expect(throws: MalformedBytes.self) {
            try writer.write(.peerMessage, Envelope(), payload: payload)
        }
        #expect(writer.isEmpty && writer.byteCount == 0)
        try writer.write(.peerMessage, Envelope(), payload: Array(payload.dropLast()))
        #expect(writer.byteCount == Frame.prefixBytes + Limits.frameBytesMax)
    }

    @Test func randomBytesYieldFramesOrErrorsOnly() {
        var random = RandomStream(seed: 1, name: "bytes")
        for _ in 0..<20_000 {
            var reader = FrameReader()
            for _ in 0...random.index(3) {
                let count = random.index(60)
                var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                // Mostly plausible lengths, so that the rest is looked at too.
                if count >= 4, random.chance(0.8) { bytes.replaceSubrange(0..<3, with: [0, 0, 0]) }
                reader.append(ByteBuffer(bytes: bytes))
                while let frame = try? reader.next() {
                    _ = try? Hello.decoded(frame.payload)
                    _ = try? Refusal.decoded(frame.payload)
                }
            }
            #expect(reader.pendingBytes <= 240)
        }
    }
}
