import Determinism

extension Operation {
    /// One step of a transaction: what is done with one key. Elle (Kingsbury and Alvaro, VLDB 2020)
    /// and Jepsen call it so.
    ///
    /// The steps of a transaction take effect in their order, all or none, and a read sees the
    /// steps before it.
    public struct MicroOperation: Hashable, Sendable {
        /// The key, of 1 to ``Limits/keyBytesMax`` bytes.
        public var key: Key
        /// What is done with it.
        public var action: Action

        /// What a step does.
        public enum Action: Hashable, Sendable {
            /// Reads the value.
            case read
            /// Replaces a register's value.
            case write([UInt8])
            /// Adds an element at the end of a list, which is created if absent.
            case append([UInt8])
        }

        /// The step that does `action` with `key`.
        public init(_ action: Action, _ key: Key) {
            self.key = key
            self.action = action
        }

        /// Whether the step changes nothing.
        public var isRead: Bool { action == .read }

        /// How many bytes the value takes that the step brings.
        public var valueByteCount: Int {
            switch action {
            case .read: 0
            case .write(let bytes), .append(let bytes): bytes.count
            }
        }
    }

    /// Why a transaction under `key`, which must be empty, is not even looked at, in a sentence for
    /// the client; `nil` if it is.
    ///
    /// Bounds are ``Limits/transactionStepsMax``, ``Limits/transactionBytesMax`` and, in each step,
    /// those of a key and a value.
    package static func problem(with steps: [MicroOperation], under key: Key) -> String? {
        guard key.bytes.isEmpty else {
            return "a transaction under the key \(key.text); its steps have keys of their own"
        }
        guard !steps.isEmpty, steps.count <= Limits.transactionStepsMax else {
            return "a transaction of \(steps.count) steps, 1 to \(Limits.transactionStepsMax) "
                + "are allowed"
        }
        for step in steps {
            guard !step.key.bytes.isEmpty, step.key.bytes.count <= Limits.keyBytesMax else {
                return "a key of \(step.key.bytes.count) bytes, 1 to \(Limits.keyBytesMax) are "
                    + "allowed"
            }
            guard step.valueByteCount <= Limits.valueBytesMax else {
                return "a value of \(step.valueByteCount) bytes, at most \(Limits.valueBytesMax)"
            }
        }
        let size = steps.reduce(0) { $0 + $1.encodedSize }
        guard size <= Limits.transactionBytesMax else {
            return "a transaction of \(size) bytes, at most \(Limits.transactionBytesMax)"
        }
        return nil
    }
}

extension Operation.MicroOperation: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int {
        switch action {
        case .read: 1 + key.encodedSize
        case .write(let bytes), .append(let bytes):
            1 + key.encodedSize + ByteWriter.bytesSize(bytes.count)
        }
    }

    /// Appends the encoding: the number of the operation that the step is like, and its parts.
    public func encode(into writer: inout ByteWriter) {
        switch action {
        case .read:
            writer.writeInteger(UInt8(1))
            key.encode(into: &writer)
        case .write(let bytes):
            writer.writeInteger(UInt8(2))
            key.encode(into: &writer)
            writer.writeBytes(bytes)
        case .append(let bytes):
            writer.writeInteger(UInt8(5))
            key.encode(into: &writer)
            writer.writeBytes(bytes)
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> Operation.MicroOperation {
        let tag = try reader.readInteger(UInt8.self)
        guard tag == 1 || tag == 2 || tag == 5 else {
            throw MalformedBytes("step \(tag) of a transaction is unknown")
        }
        let key = try Key.decode(from: &reader)
        if tag == 1 { return Self(.read, key) }
        let bytes = try reader.readBytes(limit: Limits.valueBytesMax)
        return Self(tag == 2 ? .write(bytes) : .append(bytes), key)
    }
}

extension Operation {
    /// Takes the steps of a transaction from the front of `reader`. Throws before more than the
    /// bounds allow is read.
    static func decodeSteps(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> [MicroOperation] {
        let count = try reader.readCount(limit: Limits.transactionStepsMax)
        guard count > 0 else { throw MalformedBytes("a transaction without steps") }
        let start = reader.remaining
        var steps: [MicroOperation] = []
        steps.reserveCapacity(count)
        for _ in 0..<count {
            steps.append(try MicroOperation.decode(from: &reader))
            guard start - reader.remaining <= Limits.transactionBytesMax else {
                throw MalformedBytes(
                    "a transaction of more than \(Limits.transactionBytesMax) bytes")
            }
        }
        return steps
    }
}
