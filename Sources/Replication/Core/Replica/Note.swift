/// Something worth recording that happened inside a replica: an election, a conflict resolved, a
/// tombstone collected. Notes become lines of `events.jsonl`; nothing in the protocols rests on
/// them.
public struct Note: Hashable, Sendable {
    /// What happened.
    public var kind: Kind
    /// Details, in a fixed order: name and value.
    public var fields: [Field]

    /// The name of what happened; a strategy may add its own.
    public struct Kind: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
        /// The name, in lower case with hyphens.
        public var rawValue: String
        /// The kind named `rawValue`.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The kind with this name.
        public init(stringLiteral name: String) { rawValue = name }

        /// A replica began to seek election. Fields: term, prevote.
        public static let electionStarted: Kind = "election-started"
        /// A replica won an election. Fields: term.
        public static let leaderElected: Kind = "leader-elected"
        /// A leader has committed an entry of its own term, and so all before. Fields: term.
        public static let leaderEstablished: Kind = "leader-established"
        /// A leader gave up leading. Fields: term, why, and if it had a lease, how long ago it last
        /// relied on it or could have: lease-ago, in nanoseconds of its own clock.
        public static let leaderSteppedDown: Kind = "leader-stepped-down"
        /// A replica stopped hearing from its leader. Fields: term, leader.
        public static let leaderLost: Kind = "leader-lost"
        /// A member does not have any more what it had confirmed to have durably. Fields: member,
        /// from, to.
        public static let memberLostEntries: Kind = "member-lost-entries"
        /// A leader put a change of the membership into its log. Fields: term.
        public static let membershipProposed: Kind = "membership-proposed"
        /// The membership changed. Fields: change, member, voters, learners.
        public static let membershipChanged: Kind = "membership-changed"
        /// Two concurrent writes met and one was kept. Fields: key, winner, loser (versions),
        /// rule.
        public static let conflictResolved: Kind = "conflict-resolved"
        /// Two concurrent writes met and both were kept. Fields: key, first, second (versions).
        public static let conflictKept: Kind = "conflict-kept"
        /// A replica sent its state to another. Fields: to, bytes.
        public static let snapshotSent: Kind = "snapshot-sent"
        /// A replica took over another's state. Fields: from, bytes.
        public static let snapshotInstalled: Kind = "snapshot-installed"
        /// A replica without a state found that no other has one, and begins with nothing.
        public static let begunAnew: Kind = "begun-anew"
        /// A client's session expired. Fields: session.
        public static let sessionExpired: Kind = "session-expired"
        /// A deleted key was forgotten. Fields: key.
        public static let tombstoneCollected: Kind = "tombstone-collected"
        /// A write has reached a replica and is applied there; only if that is asked for. Fields:
        /// key, version, bytes, from.
        public static let replicated: Kind = "replicated"
        /// Anti-entropy found and repaired differences. Fields: with, keys.
        public static let repaired: Kind = "repaired"
    }

    /// A detail of a note.
    public struct Field: Hashable, Sendable {
        /// What the detail is, in lower case with hyphens.
        public var name: String
        /// The detail.
        public var value: FieldValue
        /// The detail `name` with `value`.
        public init(_ name: String, _ value: FieldValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a detail.
    public enum FieldValue: Hashable, Sendable {
        /// Text.
        case text(String)
        /// A whole number.
        case number(Int64)
        /// A member of a group.
        case member(MemberID)
        /// A key.
        case key(Key)
        /// A version.
        case version(Version)
        /// Yes or no.
        case flag(Bool)
    }

    /// A note of `kind` with `fields`.
    public init(_ kind: Kind, _ fields: [Field] = []) {
        self.kind = kind
        self.fields = fields
    }
}

extension Note: ByteCodable {
    /// How many bytes ``encode(into:)`` appends.
    public var encodedSize: Int { encodedWithoutSize.count }

    private var encodedWithoutSize: [UInt8] {
        var writer = ByteWriter(capacity: 64)
        encode(into: &writer)
        return writer.bytes
    }

    /// Appends the encoding.
    public func encode(into writer: inout ByteWriter) {
        writer.writeString(kind.rawValue)
        writer.writeVarint(UInt64(fields.count))
        for field in fields {
            writer.writeString(field.name)
            switch field.value {
            case .text(let text):
                writer.writeInteger(UInt8(1))
                writer.writeString(text)
            case .number(let number):
                writer.writeInteger(UInt8(2))
                writer.writeInteger(number)
            case .member(let member):
                writer.writeInteger(UInt8(3))
                member.encode(into: &writer)
            case .key(let key):
                writer.writeInteger(UInt8(4))
                key.encode(into: &writer)
            case .version(let version):
                writer.writeInteger(UInt8(5))
                version.encode(into: &writer)
            case .flag(let flag):
                writer.writeInteger(UInt8(6))
                writer.writeBool(flag)
            }
        }
    }

    /// Takes a value from the front of `reader`.
    public static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Note {
        let kind = Kind(rawValue: try reader.readString(limit: 256))
        var fields: [Field] = []
        for _ in 0..<(try reader.readCount(limit: 64)) {
            let name = try reader.readString(limit: 256)
            let value: FieldValue
            switch try reader.readInteger(UInt8.self) {
            case 1: value = .text(try reader.readString())
            case 2: value = .number(try reader.readInteger())
            case 3: value = .member(try MemberID.decode(from: &reader))
            case 4: value = .key(try Key.decode(from: &reader))
            case 5: value = .version(try Version.decode(from: &reader))
            case 6: value = .flag(try reader.readBool())
            case let tag: throw MalformedBytes("note field \(tag) is unknown")
            }
            fields.append(Field(name, value))
        }
        return Note(kind, fields)
    }
}
