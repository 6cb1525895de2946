import Determinism

/// Everything that a member must remember, in the place of all its records so far.
struct PrimaryBackupCheckpoint: Sendable {
    var configuration: Configuration
    var sealed: Term
    var state: StateCopy
    /// The log after the last entry applied.
    var tail: [LogEntry]
    var setAside: [SetAsideWrite]
    /// The checkpoint of the failover manager, where the node is one of it.
    var manager: [UInt8]?

    private static let version: UInt8 = 1

    init(
        configuration: Configuration, sealed: Term, state: StateCopy, tail: [LogEntry],
        setAside: [SetAsideWrite], manager: [UInt8]?
    ) {
        self.configuration = configuration
        self.sealed = sealed
        self.state = state
        self.tail = tail
        self.setAside = setAside
        self.manager = manager
    }

    var encoded: [UInt8] {
        var writer = ByteWriter(
            capacity: 64 + configuration.encodedSize + state.sizeEstimate + setAside.allSize
                + tail.reduce(0) { $0 + $1.encodedSize } + (manager?.count ?? 0))
        writer.writeInteger(Self.version)
        configuration.encode(into: &writer)
        sealed.encode(into: &writer)
        state.encode(into: &writer)
        writer.writeVarint(UInt64(tail.count))
        for entry in tail { entry.encode(into: &writer) }
        setAside.encodeAll(into: &writer)
        writer.writeBool(manager != nil)
        if let manager { writer.writeBytes(manager) }
        return writer.bytes
    }

    /// Reads a checkpoint; `empty` is the state machine without any entry applied.
    init(_ bytes: [UInt8], empty: LogStateMachine) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let version: UInt8 = try reader.readInteger()
        guard version == Self.version else {
            throw MalformedBytes("a primary-backup checkpoint of version \(version)")
        }
        configuration = try Configuration.decode(from: &reader)
        sealed = try Term.decode(from: &reader)
        state = try StateCopy(from: &reader, empty: empty)
        tail = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 3)) {
            tail.append(try LogEntry.decode(from: &reader))
        }
        setAside = try [SetAsideWrite].decodeAll(from: &reader)
        manager = try reader.readBool() ? try reader.readBytes() : nil
    }
}

/// The state as of the last entry applied, with the epochs of the log that led to it: what a
/// member is given that cannot be brought up to date by entries.
struct StateCopy: Sendable {
    var machine: LogStateMachine
    var history: EpochHistory

    var sizeEstimate: Int { machine.encodedSizeEstimate + history.encodedSize }

    init(machine: LogStateMachine, history: EpochHistory) {
        self.machine = machine
        self.history = history.through(machine.appliedIndex)
    }

    func encode(into writer: inout ByteWriter) {
        history.encode(into: &writer)
        machine.encode(into: &writer)
    }

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: sizeEstimate)
        encode(into: &writer)
        return writer.bytes
    }

    /// Reads a copy; `empty` is the state machine without any entry applied.
    init(from reader: inout ByteReader, empty: LogStateMachine) throws(MalformedBytes) {
        history = try EpochHistory.decode(from: &reader)
        machine = empty
        try machine.load(from: &reader)
    }
}
