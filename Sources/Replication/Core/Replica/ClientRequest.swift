import Determinism

/// What a client sends to a node for one group.
///
/// A repeat of a request carries the same client, session and sequence, so that a strategy that
/// keeps sessions applies it once (Ongaro, "Consensus: Bridging Theory and Practice", 6.3).
public struct ClientRequest: Hashable, Sendable {
    /// Who asks.
    public var client: ClientID
    /// The session that ``Command/openSession`` answered with; 0 for none.
    public var session: UInt64
    /// The number of the request within its client, from 1; a repeat keeps it.
    public var sequence: UInt64
    /// Every answer to a sequence below this has reached the client and may be forgotten.
    public var firstUnanswered: UInt64
    /// What is asked.
    public var command: Command

    /// What a request asks.
    public enum Command: Hashable, Sendable {
        /// Begins a session; the answer is ``ClientReply/Outcome/sessionOpened(_:)``.
        case openSession
        /// Works on a key; the key of a transaction, whose steps have their own, is empty.
        /// `context`: the versions that the client has read, for strategies in
        /// which a write supersedes only what its client had read.
        indirect case operate(Key, Operation, context: VersionVector)
    }

    /// A request with these parts.
    public init(
        client: ClientID, session: UInt64 = 0, sequence: UInt64, firstUnanswered: UInt64 = 0,
        command: Command
    ) {
        self.client = client
        self.session = session
        self.sequence = sequence
        self.firstUnanswered = firstUnanswered
        self.command = command
    }

    /// Whether the request changes nothing, not even by opening a session.
    public var isRead: Bool {
        switch command {
        case .openSession: false
        case .operate(_, let operation, _): !operation.isUpdate
        }
    }
}

extension ClientRequest: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        var size =
            ByteWriter.varintSize(client.rawValue) + ByteWriter.varintSize(session)
            + ByteWriter.varintSize(sequence) + ByteWriter.varintSize(firstUnanswered) + 1
        if case .operate(let key, let operation, let context) = command {
            size += key.encodedSize + operation.encodedSize + context.encodedSize
        }
        return size
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeVarint(client.rawValue)
        writer.writeVarint(session)
        writer.writeVarint(sequence)
        writer.writeVarint(firstUnanswered)
        switch command {
        case .openSession: writer.writeInteger(UInt8(1))
        case .operate(let key, let operation, let context):
            writer.writeInteger(UInt8(2))
            key.encode(into: &writer)
            operation.encode(into: &writer)
            context.encode(into: &writer)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ClientRequest {
        let client = ClientID(rawValue: try reader.readVarint())
        let session = try reader.readVarint()
        let sequence = try reader.readVarint()
        let firstUnanswered = try reader.readVarint()
        let command: Command
        switch try reader.readInteger(UInt8.self) {
        case 1: command = .openSession
        case 2:
            let key = try Key.decode(from: &reader)
            let operation = try Operation.decode(from: &reader)
            command = .operate(
                key, operation, context: try VersionVector.decode(from: &reader))
        case let tag: throw MalformedBytes("client command \(tag) is unknown")
        }
        return ClientRequest(
            client: client, session: session, sequence: sequence,
            firstUnanswered: firstUnanswered, command: command)
    }
}
