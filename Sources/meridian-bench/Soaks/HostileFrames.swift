import Determinism
import NIOCore
import Replication
import Wire

/// Makes bytes that no honest node, client or operator would send: random ones, truncated and
/// oversized frames, replays, and frames that are right but for a few changes.
///
/// Frames that ask for something do so of the group `victim` alone: what a node is asked to do
/// with a valid token it does, and no check could tell the harm from what was asked.
struct HostileFrames {
    private var random: RandomStream
    private let victim: GroupID
    private let hello: Hello

    /// What is sent by somebody who says `hello` first.
    init(seed: UInt64, hello: Hello, victim: GroupID) {
        random = RandomStream(seed: seed, name: "hostile/\(hello.role)")
        self.hello = hello
        self.victim = victim
    }

    /// Whether to open with an honest Hello now.
    mutating func opensHonestly() -> Bool { random.chance(0.75) }

    /// The honest Hello.
    var greeting: [UInt8] { Self.bytes(.hello, Envelope(), hello.encoded) }

    /// What to send before, or instead of, a Hello.
    mutating func opening() -> [UInt8] {
        switch random.index(6) {
        case 0: return randomBytes(1 + random.index(200))
        case 1: return honestFrame()
        case 2: return mutated(greeting)
        case 3: return truncated(greeting)
        case 4: return oversized()
        case _: return Self.bytes(.hello, Envelope(), wrongHello().encoded)
        }
    }

    /// What to send after a Hello was accepted, before the connection is given up.
    mutating func burst() -> [[UInt8]] {
        var frames = (0..<random.index(8)).map { _ in next() }
        // What follows a frame that was cut off would be taken for the rest of it.
        frames.append(random.chance(0.2) ? truncated(honestFrame()) : next())
        return frames
    }

    private mutating func next() -> [UInt8] {
        switch random.index(9) {
        case 0: return honestFrame()
        case 1: return mutated(honestFrame(), from: Frame.prefixBytes + 3)
        case 2: return oversized()
        case 3: return Self.bytes(type, envelope(), safeTag() + randomBytes(random.index(100)))
        case 4:
            // A known type that is out of place here, or one that nobody knows.
            let other = FrameType(rawValue: UInt8(truncatingIfNeeded: random.next()))
            if other == .controlRequest { return greeting }
            return Self.bytes(other, envelope(), randomBytes(random.index(40)))
        case 5:
            return Self.bytes(type, envelope(due: Int64(bitPattern: random.next())), payload())
        case 6: return Self.bytes(type, envelope(), truncated(payload()))
        case 7: return Self.bytes(type, envelope(), payload() + randomBytes(random.index(20)))
        case _: return Self.bytes(type, envelope(), extreme(payload()))
        }
    }

    // MARK: Honest parts

    private var type: FrameType {
        switch hello.role {
        case .peer: .peerMessage
        case .client: .clientRequest
        case .control: .controlRequest
        }
    }

    private mutating func envelope(due: Int64 = 0) -> Envelope {
        Envelope(scope: victim.index, request: random.next(), trace: random.next(), due: due)
    }

    private mutating func honestFrame() -> [UInt8] {
        Self.bytes(type, envelope(), payload())
    }

    private mutating func payload() -> [UInt8] {
        switch hello.role {
        case .client: return clientRequest().encoded
        case .peer: return peerMessage()
        case .control:
            // A status, or a page of the final state: what else operators ask is obeyed.
            var writer = ByteWriter()
            writer.writeInteger(UInt8(random.chance(0.5) ? 1 : 7))
            writer.writeInteger(UInt16(truncatingIfNeeded: random.below(4)))
            writer.writeVarint(number())
            return writer.bytes
        }
    }

    private mutating func clientRequest() -> ClientRequest {
        let operations: [Replication.Operation] = [
            .read, .write(randomBytes(random.index(300))), .delete,
            .compareAndSet(expected: [1], new: [2]), .append([9]), .increment(.max),
            .call(.session(.login(user: "u", device: "", address: ""))),
            .call(.session(.validate(token: randomBytes(random.index(300))))),
            .call(.session(.endAll(token: randomBytes(random.index(60))))),
        ]
        let client = ClientID(rawValue: number())
        guard random.chance(0.98) else {
            return ClientRequest(client: client, sequence: 1, command: .openSession)
        }
        return ClientRequest(
            client: client, session: random.chance(0.5) ? 0 : number(), sequence: number(),
            firstUnanswered: number(),
            command: .operate(
                Key(randomBytes(1 + random.index(40))), operations[random.index(operations.count)],
                context: VersionVector()))
    }

    /// In the form of the strategies' messages: a tag, then numbers, flags and byte strings.
    private mutating func peerMessage() -> [UInt8] {
        var writer = ByteWriter()
        writer.writeInteger(UInt8(random.below(16)))
        for _ in 0..<(2 + random.index(6)) { writer.writeVarint(number()) }
        switch random.index(3) {
        case 0: writer.writeBool(random.chance(0.5))
        case 1: writer.writeBytes(randomBytes(random.index(60)))
        case _:
            for _ in 0..<random.index(4) {
                writer.writeVarint(number())
                writer.writeVarint(number())
                writer.writeBytes(clientRequest().encoded)
            }
        }
        return writer.bytes
    }

    /// Small, large or extreme.
    private mutating func number() -> UInt64 {
        switch random.index(8) {
        case 0: .max
        case 1: UInt64(Int64.max)
        case 2: random.next() >> random.below(64)
        case _: random.below(20)
        }
    }

    // MARK: What is wrong with them

    private mutating func wrongHello() -> Hello {
        var wrong = hello
        switch random.index(4) {
        case 0: wrong.token = "wrong"
        case 1: wrong.major = UInt16(truncatingIfNeeded: random.next())
        case 2: wrong.member = MemberID(packed: random.next())
        case _: wrong.token = String(repeating: "t", count: random.index(5000))
        }
        return wrong
    }

    /// A first byte with which an operator's request is none that would be obeyed.
    private mutating func safeTag() -> [UInt8] {
        hello.role == .control ? [UInt8(9 + random.below(247))] : []
    }

    private mutating func oversized() -> [UInt8] {
        [UInt8(1 + random.below(255)), 0xFF, 0xFF, 0xFF] + randomBytes(30)
    }

    private mutating func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func truncated(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix(random.index(bytes.count + 1)))
    }

    /// Changes some bytes, none before `start` except the length's.
    private mutating func mutated(_ bytes: [UInt8], from start: Int = 0) -> [UInt8] {
        var bytes = bytes
        guard start < bytes.count else { return bytes }
        for _ in 0...random.index(3) {
            let index = start + random.index(bytes.count - start)
            // The tag of an operator's request stays: there are others that would be obeyed.
            let isTag = index == Frame.prefixBytes + Frame.headerBytes
            if hello.role == .control, isTag { continue }
            bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    private mutating func extreme(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let first = hello.role == .control ? 1 : 0
        guard bytes.count > first else { return bytes }
        let start = first + random.index(bytes.count - first)
        let fill: UInt8 = [0x00, 0x7F, 0x80, 0xFF][random.index(4)]
        for index in start..<min(bytes.count, start + 1 + random.index(9)) { bytes[index] = fill }
        return bytes
    }

    private static func bytes(
        _ type: FrameType, _ envelope: Envelope, _ payload: [UInt8]
    ) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeFrame(type, envelope, payload: payload)
        return Array(buffer.readableBytesView)
    }
}
