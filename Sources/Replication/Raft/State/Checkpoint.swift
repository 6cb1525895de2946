import Determinism

/// What stands for all records of a journal: everything that a member must remember.
struct Checkpoint: Sendable {
    var hardState: HardState
    var hasBelonged: Bool
    /// The membership as of the last entry applied.
    var membership: Membership
    var machine: LogStateMachine
    /// The log after the last entry applied.
    var tail: [LogEntry]

    private static let version: UInt8 = 1

    var encoded: [UInt8] {
        var writer = ByteWriter(
            capacity: 64 + membership.encodedSize + machine.encodedSizeEstimate
                + tail.reduce(0) { $0 + $1.encodedSize })
        writer.writeInteger(Self.version)
        hardState.encode(into: &writer)
        writer.writeBool(hasBelonged)
        membership.encode(into: &writer)
        machine.encode(into: &writer)
        writer.writeVarint(UInt64(tail.count))
        for entry in tail { entry.encode(into: &writer) }
        return writer.bytes
    }

    /// Reads a checkpoint; `empty` is the state machine without any entry applied.
    init(_ bytes: [UInt8], empty: LogStateMachine) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let version: UInt8 = try reader.readInteger()
        guard version == Self.version else {
            throw MalformedBytes("a raft checkpoint of version \(version)")
        }
        hardState = try HardState.decode(from: &reader)
        hasBelonged = try reader.readBool()
        membership = try Membership.decode(from: &reader)
        machine = empty
        try machine.load(from: &reader)
        tail = []
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 3)) {
            tail.append(try LogEntry.decode(from: &reader))
        }
    }

    init(
        hardState: HardState, hasBelonged: Bool, membership: Membership,
        machine: LogStateMachine, tail: [LogEntry]
    ) {
        self.hardState = hardState
        self.hasBelonged = hasBelonged
        self.membership = membership
        self.machine = machine
        self.tail = tail
    }
}

/// What a leader sends to a member that is too far behind for its log: the applied state and the
/// membership that goes with it.
struct Snapshot: Sendable {
    var membership: Membership
    var machine: LogStateMachine

    private static let version: UInt8 = 1

    var encoded: [UInt8] {
        var writer = ByteWriter(
            capacity: 16 + membership.encodedSize + machine.encodedSizeEstimate)
        writer.writeInteger(Self.version)
        membership.encode(into: &writer)
        machine.encode(into: &writer)
        return writer.bytes
    }

    init(membership: Membership, machine: LogStateMachine) {
        self.membership = membership
        self.machine = machine
    }

    /// Reads a snapshot; `empty` is the state machine without any entry applied.
    init(_ bytes: [UInt8], empty: LogStateMachine) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let version: UInt8 = try reader.readInteger()
        guard version == Self.version else {
            throw MalformedBytes("a raft snapshot of version \(version)")
        }
        membership = try Membership.decode(from: &reader)
        machine = empty
        try machine.load(from: &reader)
    }
}
