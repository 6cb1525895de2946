import Determinism

/// One entry of the replicated log.
///
/// The payload stays encoded from the leader's hands to the state machine of every member: it is
/// copied into messages and records as it is.
struct LogEntry: Hashable, Sendable {
    /// The term of the leader that made the entry.
    var term: Term
    /// What the leader's wall clock said, in milliseconds since 1970: the log's time, by which
    /// sessions expire alike everywhere.
    var time: UInt64
    /// A ``Payload``, encoded.
    var payload: [UInt8]

    /// What an entry is about how much memory and disk, in bytes.
    var cost: Int { payload.count + 32 }

    /// What entries say.
    enum Payload: Hashable, Sendable {
        /// Nothing: begins a leader's term.
        case noOperation
        /// Opens the session whose number is the entry's index.
        case openSession
        /// The membership from here on, in effect as soon as it is in a log.
        case membership(Membership)
        /// Works on a key.
        case command(LogCommand)
    }
}

/// An update as the log holds it.
struct LogCommand: Hashable, Sendable {
    /// The client's session; 0 for none, then repeats are not recognised.
    var session: UInt64
    /// The number of the request within its session.
    var sequence: UInt64
    /// Answers to sequences below this may be forgotten.
    var firstUnanswered: UInt64
    /// The key to work on.
    var key: Key
    /// What to do.
    var operation: Operation
}

extension LogEntry: ByteCodable {
    /// The largest payload: a compare-and-set with two values of the largest size, or a
    /// membership.
    static let payloadBytesMax = 2 * Limits.valueBytesMax + Limits.keyBytesMax + 4096

    var encodedSize: Int {
        term.encodedSize + ByteWriter.varintSize(time) + ByteWriter.bytesSize(payload.count)
    }
    func encode(into writer: inout ByteWriter) {
        term.encode(into: &writer)
        writer.writeVarint(time)
        writer.writeBytes(payload)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> LogEntry {
        let term = try Term.decode(from: &reader)
        let time = try reader.readVarint()
        guard time < Term.numberMax else { throw MalformedBytes("a log time of \(time)") }
        return LogEntry(
            term: term, time: time, payload: try reader.readBytes(limit: payloadBytesMax))
    }
}

extension LogEntry.Payload: ByteCodable {
    var encodedSize: Int {
        switch self {
        case .noOperation, .openSession: 1
        case .membership(let membership): 1 + membership.encodedSize
        case .command(let command): 1 + command.encodedSize
        }
    }
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .noOperation: writer.writeInteger(UInt8(1))
        case .openSession: writer.writeInteger(UInt8(2))
        case .membership(let membership):
            writer.writeInteger(Self.membershipTag)
            membership.encode(into: &writer)
        case .command(let command):
            writer.writeInteger(UInt8(4))
            command.encode(into: &writer)
        }
    }
    static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> LogEntry.Payload {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .noOperation
        case 2: return .openSession
        case membershipTag: return .membership(try Membership.decode(from: &reader))
        case 4: return .command(try LogCommand.decode(from: &reader))
        case let tag: throw MalformedBytes("log payload \(tag) is unknown")
        }
    }

    static let membershipTag: UInt8 = 3
}

extension LogEntry {
    /// The membership that the entry brings, if it brings one; every other entry is told by its
    /// first byte alone. Throws if it claims to and is malformed.
    func membership() throws(MalformedBytes) -> Membership? {
        guard payload.first == Payload.membershipTag else { return nil }
        guard case .membership(let membership) = try Payload.decoded(payload) else { return nil }
        return membership
    }
}

extension LogCommand: ByteCodable {
    var encodedSize: Int {
        ByteWriter.varintSize(session) + ByteWriter.varintSize(sequence)
            + ByteWriter.varintSize(firstUnanswered) + key.encodedSize + operation.encodedSize
    }
    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(session)
        writer.writeVarint(sequence)
        writer.writeVarint(firstUnanswered)
        key.encode(into: &writer)
        operation.encode(into: &writer)
    }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> LogCommand {
        let session = try reader.readVarint()
        let sequence = try reader.readVarint()
        let firstUnanswered = try reader.readVarint()
        let key = try Key.decode(from: &reader)
        return LogCommand(
            session: session, sequence: sequence, firstUnanswered: firstUnanswered, key: key,
            operation: try Operation.decode(from: &reader))
    }
}
