import Determinism
import Geography
import Testing

@testable import Replication

/// Bytes in and out, and members that say things no sound member would.
@Suite struct RaftCodingTests {
    /// Draws messages of every kind, mostly with plausible and sometimes with absurd numbers.
    struct Source {
        var random: RandomStream

        mutating func number() -> UInt64 {
            switch random.index(6) {
            case 0: Term.numberMax - 1 - random.below(3)
            case 1: random.below(1 << 40)
            case _: random.below(12)
            }
        }
        mutating func term() -> Term { Term(number()) }
        mutating func index() -> LogIndex { LogIndex(number()) }
        mutating func flag() -> Bool { random.chance(0.5) }
        mutating func member() -> MemberID {
            testMember(random.index(6), incarnation: UInt32(random.index(3)))
        }
        mutating func payload() -> [UInt8] {
            switch random.index(6) {
            case 0:
                (0..<random.index(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            case 1:
                LogEntry.Payload.membership(
                    Membership(
                        voters: (0..<random.index(5)).map { _ in member() },
                        learners: (0..<random.index(2)).map { _ in member() })
                ).encoded
            case 2: LogEntry.Payload.openSession.encoded
            case 3: LogEntry.Payload.noOperation.encoded
            case _:
                LogEntry.Payload.command(
                    LogCommand(
                        session: number(), sequence: number(), firstUnanswered: number(),
                        key: Key("k\(random.index(3))"), operation: operation())
                ).encoded
            }
        }
        mutating func operation() -> Operation {
            switch random.index(7) {
            case 0: .read
            case 1: .write(bytes("v"))
            case 2: .delete
            case 3: .compareAndSet(expected: flag() ? nil : bytes("v"), new: bytes("w"))
            case 4: .append(bytes("x"))
            case 5: .transaction([.init(.read, Key("k")), .init(.append(bytes("x")), Key("l"))])
            case _: .increment(Int64(truncatingIfNeeded: random.next()))
            }
        }
        mutating func request() -> ClientRequest {
            ClientRequest(
                client: ClientID(rawValue: random.next()), session: number(),
                sequence: number(), firstUnanswered: number(),
                command: flag()
                    ? .openSession
                    : .operate(Key("k"), operation(), context: VersionVector()))
        }
        mutating func body() -> RaftMessage.Body {
            switch random.index(14) {
            case 0:
                .vote(
                    VoteRequest(
                        term: term(), lastIndex: index(), lastTerm: term(), isPreVote: flag(),
                        isTransfer: flag()))
            case 1:
                .voteReply(VoteReply(term: term(), isPreVote: flag(), isGranted: flag()))
            case 2, 3:
                .append(
                    AppendRequest(
                        term: term(), previousIndex: index(), previousTerm: term(),
                        commitIndex: index(),
                        entries: (0..<random.index(4)).map { _ in
                            LogEntry(term: term(), time: number(), payload: payload())
                        }))
            case 4:
                .appendReply(
                    AppendReply(
                        term: term(),
                        result: flag()
                            ? .matched(index())
                            : .rejected(
                                previous: index(), hintIndex: index(), hintTerm: term())))
            case 5:
                .heartbeat(
                    Heartbeat(
                        term: term(), commitIndex: index(), round: number(),
                        confirmsReads: flag()))
            case 6:
                .heartbeatReply(
                    HeartbeatReply(term: term(), round: number(), confirmsReads: flag()))
            case 7:
                .snapshot(
                    SnapshotChunk(
                        term: term(), lastIndex: index(), lastTerm: term(),
                        totalBytes: number(), offset: number(), bytes: payload()))
            case 8:
                .snapshotReply(
                    SnapshotReply(
                        term: term(), lastIndex: index(), nextOffset: number(), isGap: flag()))
            case 9: .timeoutNow(term())
            case 10: .join(member())
            case 11: .forward(random.next(), request())
            case 12:
                .forwardAdministration(
                    random.next(), flag() ? .remove(member()) : .addLearner(member()))
            case _:
                .forwardReply(
                    random.next(),
                    ClientReply(.done(nil), version: .sequence(epoch: 1, index: number())))
            }
        }
    }

    @Test("Every message is read back as it was written, and knows its size")
    func messages() throws {
        var source = Source(random: RandomStream(seed: 1, name: "messages"))
        for _ in 0..<3000 {
            let message = RaftMessage(source.body())
            let bytes = message.encoded
            #expect(bytes.count == message.encodedSize)
            #expect(try RaftMessage.decoded(bytes) == message)
        }
    }

    @Test("Every record is read back as it was written, and knows its size")
    func records() throws {
        var source = Source(random: RandomStream(seed: 2, name: "records"))
        for _ in 0..<500 {
            let entries = (0..<3).map { _ in
                LogEntry(term: source.term(), time: source.number(), payload: source.payload())
            }
            for record in [
                RaftRecord(
                    .hardState(
                        HardState(
                            term: source.term(), vote: source.flag() ? source.member() : nil))),
                RaftRecord(.entries(after: source.index(), entries)),
                RaftRecord(.checkpointPart(source.payload(), isLast: source.flag())),
            ] {
                let bytes = record.encoded
                #expect(bytes.count == record.encodedSize)
                #expect(try RaftRecord.decoded(bytes) == record)
            }
        }
    }

    @Test("Truncated, changed and random bytes are refused or read, and never crash")
    func malformed() {
        var source = Source(random: RandomStream(seed: 3, name: "malformed"))
        var refused = 0
        for _ in 0..<5000 {
            var bytes = RaftMessage(source.body()).encoded
            switch source.random.index(3) {
            case 0: bytes.removeLast(1 + source.random.index(bytes.count))
            case 1:
                bytes[source.random.index(bytes.count)] = UInt8(
                    truncatingIfNeeded: source.random.next())
            case _:
                bytes = (0..<source.random.index(60)).map { _ in
                    UInt8(truncatingIfNeeded: source.random.next())
                }
            }
            do { _ = try RaftMessage.decoded(bytes) } catch { refused += 1 }
            do { _ = try RaftRecord.decoded(bytes) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test("A count that the bytes cannot hold is refused before memory is taken")
    func absurdCounts() {
        var writer = ByteWriter()
        writer.writeInteger(UInt8(3))
        for number in [1, 0, 0, 0] as [UInt64] { writer.writeVarint(number) }
        writer.writeVarint(65_000)
        #expect(throws: MalformedBytes.self) { try RaftMessage.decoded(writer.bytes) }
    }

    @Test("A hostile member cannot crash another", arguments: 1...20 as ClosedRange<UInt64>)
    func hostileMessages(seed: UInt64) throws {
        var source = Source(random: RandomStream(seed: seed, name: "hostile"))
        let options: [String: OptionValue] =
            seed % 2 == 0
            ? ["snapshot_at": .size(300), "reads": .choice("lease")]
            : ["snapshot_at": .size(300), "prevote": .toggle(false)]
        var probe = try RaftProbe(3, options: options)
        var handle: UInt64 = 0
        for step in 0..<2000 {
            if step % 250 == 0 { probe.elect() }
            handle += 1
            switch source.random.index(12) {
            case 0: probe.wait(source.random.span(in: .zero...(.milliseconds(400))))
            case 1: probe.settle()
            case 2: probe.ask(source.operation(), sequence: handle)
            case 3: probe.give(.connected(source.member()))
            case 4: probe.give(.disconnected(source.member()))
            case 5:
                probe.give(
                    .administer(
                        .promote(source.member()),
                        RequestHandle(connection: 2, request: handle)))
            case _:
                var message = RaftMessage(source.body())
                if source.flag() {
                    // As a member would that knows the term and the log.
                    message = plausible(message, probe.raft, &source)
                }
                guard let decoded = try? RaftMessage.decoded(message.encoded) else { continue }
                probe.give(.message(decoded, from: source.member()))
            }
            #expect(probe.raft.commitIndex <= probe.raft.log.lastIndex)
            #expect(probe.raft.machine.appliedIndex == probe.raft.commitIndex)
            _ = probe.raft.view
            if step % 500 == 499 {
                // What was persisted meanwhile can be taken over again.
                probe = try probe.restarted()
            }
        }
    }

    private func plausible(
        _ message: RaftMessage, _ raft: Raft, _ source: inout Source
    ) -> RaftMessage {
        let last = raft.log.lastIndex
        let near = LogIndex(
            last.rawValue + source.random.below(3) - min(1, last.rawValue))
        switch message.body {
        case .append(var request):
            request.term = raft.term
            request.previousIndex = near
            request.previousTerm = raft.log.term(at: near) ?? raft.term
            request.commitIndex = near
            for index in request.entries.indices { request.entries[index].term = raft.term }
            return RaftMessage(.append(request))
        case .appendReply(var reply):
            reply.term = raft.term
            if case .matched = reply.result { reply.result = .matched(near) }
            return RaftMessage(.appendReply(reply))
        case .heartbeat(var heartbeat):
            heartbeat.term = raft.term
            return RaftMessage(.heartbeat(heartbeat))
        case .heartbeatReply(var reply):
            reply.term = raft.term
            return RaftMessage(.heartbeatReply(reply))
        case .snapshot(var chunk):
            chunk.term = raft.term
            chunk.offset = 0
            chunk.totalBytes = UInt64(chunk.bytes.count)
            return RaftMessage(.snapshot(chunk))
        case .snapshotReply(var reply):
            reply.term = raft.term
            return RaftMessage(.snapshotReply(reply))
        case .timeoutNow: return RaftMessage(.timeoutNow(raft.term))
        case .voteReply(var reply):
            reply.term = reply.isPreVote ? raft.term.next : raft.term
            return RaftMessage(.voteReply(reply))
        case .vote, .join, .forward, .forwardAdministration, .forwardReply: return message
        }
    }

    @Test("Messages are told apart for the network model")
    func kinds() {
        let request = ClientRequest(
            client: ClientID(rawValue: 1), sequence: 1,
            command: .operate(Key("k"), .read, context: VersionVector()))
        #expect(RaftMessage(.forward(1, request)).kind == .read)
        #expect(RaftMessage(appendRequest(1, terms: [1])).kind == .write)
        #expect(RaftMessage(appendRequest(1)).kind == .other)
        let quiet = RaftMessage(
            .heartbeat(
                Heartbeat(term: Term(1), commitIndex: .zero, round: 1, confirmsReads: false)))
        #expect(quiet.isKeepAlive && quiet.kind == .other)
        let confirming = RaftMessage(
            .heartbeat(
                Heartbeat(term: Term(1), commitIndex: .zero, round: 1, confirmsReads: true)))
        #expect(!confirming.isKeepAlive && confirming.kind == .read)
    }

    @Test("Options that cannot work are refused, and say what would")
    func options() throws {
        let wrong: [(String, OptionValue)] = [
            ("heartbeat", .duration(.seconds(10))), ("heartbeat", .duration(.zero)),
            ("election_timeout", .durationRange(.seconds(1)...(.seconds(1)))),
            ("election_timeout", .durationRange(.zero...(.seconds(1)))),
            ("reads", .choice("guess")), ("prevote", .integer(1)), ("snapshot_at", .size(0)),
            ("session_timeout", .duration(.zero)), ("commit_timeout", .duration(.zero)),
            ("learners", .regions((0..<3).map { RegionID(index: $0) })),
        ]
        for (name, value) in wrong {
            #expect(throws: InvalidOption.self) {
                _ = try RaftProbe(3, options: [name: value])
            }
        }
        let names = Raft.strategy.options.map(\.name)
        #expect(Set(names).count == names.count)
        for option in Raft.strategy.options { #expect(option.help.count > 20) }
    }
}
