import Determinism
import Foundation
import NIOCore
import Replication
import Testing

@testable import Wire

/// Random, truncated, changed and spliced bytes through everything that reads frames: each is
/// read or refused, never more, and what is read is written back the same.
///
/// `MERIDIAN_FUZZ_INPUTS` sets how many inputs each seed makes; `scripts/coverage` shows which lines of
/// the codec they reach.
struct CodecFuzzTests {
    static let inputs =
        ProcessInfo.processInfo.environment["MERIDIAN_FUZZ_INPUTS"].flatMap(Int.init) ?? 2_000

    @Test(arguments: 1...8)
    func anyBytesAreReadOrRefused(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "codec fuzz")
        var read = 0
        var refused = 0
        for _ in 0..<Self.inputs {
            var reader = FrameReader(
                frameBytesMax: random.chance(0.5) ? Limits.helloBytesMax : Limits.frameBytesMax)
            var bytes = stream(&random)
            if random.chance(0.7) { change(&bytes, &random) }
            do {
                // What arrives comes in pieces of any size.
                while !bytes.isEmpty {
                    let count = min(bytes.count, 1 + random.index(200))
                    reader.append(ByteBuffer(bytes: bytes.prefix(count)))
                    bytes.removeFirst(count)
                    while let frame = try reader.next() {
                        read += 1
                        try check(frame)
                    }
                }
                #expect(reader.pendingBytes <= Limits.frameBytesMax + Frame.prefixBytes)
            } catch {
                refused += 1
            }
        }
        #expect(read > 0, "no input was ever whole: seed \(seed)")
        #expect(refused > 0, "no input was ever refused: seed \(seed)")
    }

    /// Reads a frame's payload as whatever it may be.
    private func check(_ frame: Frame) throws(MalformedBytes) {
        switch frame.type {
        case .hello: try check(Hello.self, frame.payload)
        case .refused: try check(Refusal.self, frame.payload)
        case .clientRequest: try check(ClientRequest.self, frame.payload)
        case .clientReply: try check(ClientReply.self, frame.payload)
        case .peerMessage: try check(Note.self, frame.payload)
        case .controlReply: try check(GroupView.self, frame.payload)
        case _: break
        }
    }

    /// What was read is written and read again to the same bytes.
    private func check<Form: ByteCodable>(
        _ type: Form.Type, _ bytes: [UInt8]
    ) throws(MalformedBytes) {
        let first = try Form.decoded(bytes).encoded
        let second = try Form.decoded(first).encoded
        #expect(first == second)
    }

    // MARK: Inputs

    /// A few frames, one after another.
    private func stream(_ random: inout RandomStream) -> [UInt8] {
        var buffer = ByteBuffer()
        for _ in 0...random.index(3) {
            let (type, payload) = frame(&random)
            let envelope = Envelope(
                scope: UInt16(truncatingIfNeeded: random.next()), request: random.next(),
                trace: random.next(), due: Int64(bitPattern: random.next()))
            buffer.writeFrame(type, envelope, payload: payload)
        }
        return Array(buffer.readableBytesView)
    }

    private func frame(_ random: inout RandomStream) -> (FrameType, [UInt8]) {
        let member = MemberID(packed: random.next())
        switch random.index(8) {
        case 0: return (.hello, Hello(.peer, member: member, token: text(&random)).encoded)
        case 1: return (.refused, Refusal(.token, text(&random)).encoded)
        case 2, 3:
            let request = ClientRequest(
                client: ClientID(rawValue: random.next()), session: random.next() >> 40,
                sequence: random.next() >> 50, firstUnanswered: random.next() >> 55,
                command: random.chance(0.1)
                    ? .openSession
                    : .operate(
                        Key(noise(&random, 1...40)), operation(&random),
                        context: vector(&random)))
            return (.clientRequest, request.encoded)
        case 4, 5:
            return (
                .clientReply,
                ClientReply(
                    outcome(&random), version: version(&random), context: vector(&random)
                ).encoded
            )
        case 6:
            let note = Note(
                .conflictResolved,
                [
                    .init("key", .key(Key(noise(&random, 1...9)))), .init("m", .member(member)),
                    .init("t", .text(text(&random))), .init("f", .flag(true)),
                    .init("n", .number(Int64(bitPattern: random.next()))),
                    .init("v", .version(.sequence(epoch: 1, index: random.next()))),
                ])
            return (.peerMessage, note.encoded)
        case _:
            return (FrameType(rawValue: UInt8(random.index(256))), noise(&random, 0...300))
        }
    }

    private func operation(_ random: inout RandomStream) -> Replication.Operation {
        switch random.index(7) {
        case 0: .read
        case 1: .write(noise(&random, 0...200))
        case 2: .delete
        case 3: .compareAndSet(expected: noise(&random, 0...9), new: noise(&random, 0...9))
        case 4: .append(noise(&random, 0...99))
        case 5: .transaction((0...random.index(5)).map { _ in step(&random) })
        case _: .increment(Int64(bitPattern: random.next()))
        }
    }

    private func step(
        _ random: inout RandomStream
    ) -> Replication.Operation.MicroOperation {
        let key = Key(noise(&random, 0...40))
        return switch random.index(3) {
        case 0: .init(.read, key)
        case 1: .init(.write(noise(&random, 0...99)), key)
        case _: .init(.append(noise(&random, 0...99)), key)
        }
    }

    private func outcome(_ random: inout RandomStream) -> ClientReply.Outcome {
        switch random.index(6) {
        case 0: .values([.bytes(noise(&random, 0...99)), .integer(-1), .list([[1], []])])
        case 1: .done(.integer(Int64(bitPattern: random.next())))
        case 2: .mismatch(actual: .bytes(noise(&random, 0...20)))
        case 3: .sessionOpened(random.next())
        case 4: .transaction(reads: [nil, .bytes(noise(&random, 0...99)), .list([[1], []])])
        case _:
            .failed(
                ServiceError(
                    .noLeader, text(&random), isIndefinite: true,
                    hint: NodeID(packed: UInt32(truncatingIfNeeded: random.next()))))
        }
    }

    private func version(_ random: inout RandomStream) -> Version? {
        switch random.index(3) {
        case 0: nil
        case 1: .sequence(epoch: random.next(), index: random.next())
        case _:
            .causal(
                dot: Dot(member: MemberID(packed: random.next()), counter: random.next()),
                context: vector(&random), timestamp: .zero)
        }
    }

    private func vector(_ random: inout RandomStream) -> VersionVector {
        var vector = VersionVector()
        for _ in 0..<random.index(4) {
            vector[MemberID(packed: random.next())] = random.next() >> 20
        }
        return vector
    }

    private func text(_ random: inout RandomStream) -> String {
        String(decoding: noise(&random, 0...30).map { 32 + $0 % 90 }, as: UTF8.self)
    }

    private func noise(_ random: inout RandomStream, _ counts: ClosedRange<Int>) -> [UInt8] {
        let count = counts.lowerBound + random.index(counts.count)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// Cuts, flips, inserts, repeats, or overwrites with numbers that lie at edges.
    private func change(_ bytes: inout [UInt8], _ random: inout RandomStream) {
        for _ in 0...random.index(4) {
            guard !bytes.isEmpty else { return }
            let place = random.index(bytes.count)
            switch random.index(5) {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes[place] ^= 1 << UInt8(random.index(8))
            case 2: bytes.insert(contentsOf: noise(&random, 1...8), at: place)
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(64), at: place)
            case _:
                let edge: [UInt8] = random.chance(0.5) ? [0xFF, 0xFF, 0xFF, 0xFF] : [0, 0, 0, 0]
                for (offset, byte) in edge.enumerated() where place + offset < bytes.count {
                    bytes[place + offset] = byte
                }
            }
        }
    }
}
