import Determinism
import NIOCore
import Replication
import Wire

/// Makes bytes that no honest node, client or operator would send: random ones, truncated and
/// oversized frames, replays, and frames that are right but for a few changes.
struct HostileFrames {
    private var random: RandomStream
    /// Honest frames to start from.
    private var corpus: [Frame]

    init(seed: UInt64, corpus: [Frame]) {
        random = RandomStream(seed: seed, name: "hostile")
        self.corpus = corpus
    }

    /// What to send before, or instead of, a Hello.
    mutating func opening(_ hello: Hello) -> [UInt8] {
        switch random.index(6) {
        case 0: return randomBytes(random.index(200))
        case 1: return bytes(of: corpus[random.index(corpus.count)])
        case 2: return mutated(bytes(of: Frame(.hello, payload: hello.encoded)))
        case 3: return truncated(bytes(of: Frame(.hello, payload: hello.encoded)))
        case 4:
            var hello = hello
            switch random.index(4) {
            case 0: hello.token = "wrong"
            case 1: hello.major = UInt16(truncatingIfNeeded: random.next())
            case 2: hello.member = MemberID(packed: random.next())
            case _: hello.token = String(repeating: "t", count: random.index(5000))
            }
            return bytes(of: Frame(.hello, payload: hello.encoded))
        case _: return [0xFF, 0xFF, 0xFF, 0xFF] + randomBytes(50)
        }
    }

    /// What to send after a Hello was accepted.
    mutating func next() -> [UInt8] {
        var frame = corpus[random.index(corpus.count)]
        switch random.index(10) {
        case 0: return bytes(of: frame)
        case 1: return mutated(bytes(of: frame))
        case 2: return truncated(bytes(of: frame))
        case 3:
            frame.payload = randomBytes(random.index(100))
            return bytes(of: frame)
        case 4:
            frame.type = FrameType(rawValue: UInt8(truncatingIfNeeded: random.next()))
            return bytes(of: frame)
        case 5:
            frame.envelope = Envelope(
                scope: UInt16(truncatingIfNeeded: random.next() >> random.below(64)),
                request: random.next(), trace: random.next(),
                due: Int64(bitPattern: random.next()) >> Int64(random.below(64)))
            return bytes(of: frame)
        case 6:
            frame.payload = truncated(frame.payload)
            return bytes(of: frame)
        case 7:
            frame.payload += randomBytes(random.index(20))
            return bytes(of: frame)
        case 8:
            return [UInt8(random.below(255)), 0xFF] + randomBytes(30)
        case _:
            // Extreme numbers where numbers stand.
            frame.payload = extreme(frame.payload)
            return bytes(of: frame)
        }
    }

    private func bytes(of frame: Frame) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeFrame(frame.type, frame.envelope, payload: frame.payload)
        return Array(buffer.readableBytesView)
    }

    private mutating func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func truncated(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix(random.index(bytes.count + 1)))
    }

    private mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return bytes }
        for _ in 0...random.index(3) {
            bytes[random.index(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    private mutating func extreme(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return bytes }
        let start = random.index(bytes.count)
        let fill: UInt8 = [0x00, 0x7F, 0x80, 0xFF][random.index(4)]
        for index in start..<min(bytes.count, start + 1 + random.index(9)) { bytes[index] = fill }
        return bytes
    }
}
