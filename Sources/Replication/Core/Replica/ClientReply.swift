import Determinism

/// What a node answers to a ``ClientRequest``.
public struct ClientReply: Hashable, Sendable {
    /// What came of it.
    public var outcome: Outcome
    /// The version written, or the version of the value read; with several values, of the one
    /// that the last writer wrote. Of a transaction that wrote, that of all it wrote.
    public var version: Version?
    /// The versions that the answer reflects, for the client's next write of this key.
    public var context: VersionVector

    /// What came of a request.
    public enum Outcome: Hashable, Sendable {
        /// A read: no value (absent), one, or several concurrent ones.
        case values([Value])
        /// An update took effect. For `increment` the new reading.
        case done(Value?)
        /// A transaction took effect. For each of its reads, in order, what it saw; `nil`: no value.
        case transaction(reads: [Value?])
        /// A compare-and-set did not take effect: the actual value differed.
        case mismatch(actual: Value?)
        /// A session was opened, with this number.
        case sessionOpened(UInt64)
        /// A service answered.
        indirect case called(ServiceAnswer)
        /// The request failed; the error says whether it definitely did not take effect.
        case failed(ServiceError)
    }

    /// An answer with these parts.
    @inlinable
    @inline(__always)
    public init(
        _ outcome: Outcome, version: Version? = nil, context: VersionVector = VersionVector()
    ) {
        self.outcome = outcome
        self.version = version
        self.context = context
    }

    /// The answer that the request failed.
    public static func failed(_ error: ServiceError) -> ClientReply {
        ClientReply(.failed(error))
    }
}

/// Why a node did not do what a client asked.
public struct ServiceError: Error, Hashable, Sendable {
    /// The kind of error.
    public var code: Code
    /// What happened, in a sentence a person can act on.
    public var message: String
    /// Whether the request may nevertheless have taken effect, now or later.
    public var isIndefinite: Bool
    /// Who could answer instead, where the node knows.
    public var hint: NodeID?

    /// The kinds of errors; the numbers are part of the protocol.
    public enum Code: UInt16, CaseIterable, Hashable, Sendable {
        /// The strategy or value type does not support the operation.
        case unsupported = 1
        /// The request breaks a limit or has the wrong type for its key.
        case invalid = 2
        /// The node has no part in the group.
        case notMember = 3
        /// There is no leader that could take the request.
        case noLeader = 4
        /// Too few members accepted in time.
        case consensusNotAchieved = 5
        /// The session is unknown or has expired; the request was not applied by this attempt.
        case sessionExpired = 6
        /// The node has too much to do.
        case overloaded = 7
        /// The node is recovering and does not serve yet.
        case recovering = 8
        /// The node's disk failed or is full.
        case storage = 9
        /// An administrator's command cannot be carried out now.
        case refused = 10
        /// Leadership changed while the request was under way.
        case leadershipLost = 11
        /// Other regions, which may know, did not answer in time.
        case regionsSilent = 12
    }

    /// An error with these parts.
    public init(_ code: Code, _ message: String, isIndefinite: Bool, hint: NodeID? = nil) {
        self.code = code
        self.message = message
        self.isIndefinite = isIndefinite
        self.hint = hint
    }
}

extension ServiceError: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { 8 + ByteWriter.bytesSize(message.utf8.count) }
    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeInteger(code.rawValue)
        writer.writeBool(isIndefinite)
        writer.writeBool(hint != nil)
        writer.writeInteger(hint?.packed ?? 0)
        writer.writeString(message)
    }
    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ServiceError {
        let number: UInt16 = try reader.readInteger()
        guard let code = Code(rawValue: number) else {
            throw MalformedBytes("error code \(number) is unknown")
        }
        let isIndefinite = try reader.readBool()
        let hasHint = try reader.readBool()
        let packed: UInt32 = try reader.readInteger()
        return ServiceError(
            code, try reader.readString(), isIndefinite: isIndefinite,
            hint: hasHint ? NodeID(packed: packed) : nil)
    }
}

extension ClientReply: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        var size = 2 + (version?.encodedSize ?? 0) + context.encodedSize
        switch outcome {
        case .values(let values):
            size += ByteWriter.varintSize(UInt64(values.count))
            size += values.reduce(0) { $0 + $1.encodedSize }
        case .done(let value), .mismatch(let value): size += 1 + (value?.encodedSize ?? 0)
        case .transaction(let reads):
            size += ByteWriter.varintSize(UInt64(reads.count))
            size += reads.reduce(0) { $0 + 1 + ($1?.encodedSize ?? 0) }
        case .sessionOpened: size += 8
        case .called(let answer): size += answer.encodedSize
        case .failed(let error): size += error.encodedSize
        }
        return size
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        func writeOptional(_ value: Value?) {
            writer.writeBool(value != nil)
            value?.encode(into: &writer)
        }
        switch outcome {
        case .values(let values):
            writer.writeInteger(UInt8(1))
            writer.writeVarint(UInt64(values.count))
            for value in values { value.encode(into: &writer) }
        case .done(let value):
            writer.writeInteger(UInt8(2))
            writeOptional(value)
        case .mismatch(let value):
            writer.writeInteger(UInt8(3))
            writeOptional(value)
        case .sessionOpened(let session):
            writer.writeInteger(UInt8(4))
            writer.writeInteger(session)
        case .failed(let error):
            writer.writeInteger(UInt8(5))
            error.encode(into: &writer)
        case .transaction(let reads):
            writer.writeInteger(UInt8(6))
            writer.writeVarint(UInt64(reads.count))
            for value in reads { writeOptional(value) }
        case .called(let answer):
            writer.writeInteger(UInt8(7))
            answer.encode(into: &writer)
        }
        writer.writeBool(version != nil)
        version?.encode(into: &writer)
        context.encode(into: &writer)
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ClientReply {
        let outcome: Outcome
        switch try reader.readInteger(UInt8.self) {
        case 1:
            var values: [Value] = []
            for _ in 0..<(try reader.readCount(limit: 65_536)) {
                values.append(try Value.decode(from: &reader))
            }
            outcome = .values(values)
        case 2: outcome = .done(try reader.readBool() ? try Value.decode(from: &reader) : nil)
        case 3:
            outcome = .mismatch(
                actual: try reader.readBool() ? try Value.decode(from: &reader) : nil)
        case 4: outcome = .sessionOpened(try reader.readInteger())
        case 5: outcome = .failed(try ServiceError.decode(from: &reader))
        case 6:
            let count = try reader.readCount(limit: Limits.transactionStepsMax)
            var reads: [Value?] = []
            reads.reserveCapacity(count)
            for _ in 0..<count {
                reads.append(try reader.readBool() ? try Value.decode(from: &reader) : nil)
            }
            outcome = .transaction(reads: reads)
        case 7: outcome = .called(try ServiceAnswer.decode(from: &reader))
        case let tag: throw MalformedBytes("client outcome \(tag) is unknown")
        }
        let version = try reader.readBool() ? try Version.decode(from: &reader) : nil
        return ClientReply(
            outcome, version: version, context: try VersionVector.decode(from: &reader))
    }
}
