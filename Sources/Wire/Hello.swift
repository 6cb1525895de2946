import Determinism
import Replication

/// The protocol's version. Another major version is refused; a minor one only adds.
package enum ProtocolVersion {
    /// Differs when older programs could misunderstand.
    package static let major: UInt16 = 1
    /// Grows when something is added that older programs skip.
    package static let minor: UInt16 = 0
}

/// How a connection opens, both ways: who speaks, and that it may.
package struct Hello: Hashable, Sendable {
    /// The part that the speaker plays.
    package enum Role: UInt8, CaseIterable, Hashable, Sendable {
        /// A node that sends its messages over this connection; an accepting node answers as one.
        case peer = 1
        /// A client.
        case client = 2
        /// An operator, or the program that conducts a run.
        case control = 3
    }

    /// The major version that the speaker uses.
    package var major: UInt16
    /// The minor version that the speaker uses.
    package var minor: UInt16
    /// The speaker's part.
    package var role: Role
    /// Who the speaker is, if it is a node.
    package var member: MemberID?
    /// What shows that the speaker belongs to the run: the run's token, or the control token.
    package var token: String

    /// A Hello of this version with these parts.
    package init(_ role: Role, member: MemberID? = nil, token: String) {
        major = ProtocolVersion.major
        minor = ProtocolVersion.minor
        self.role = role
        self.member = member
        self.token = token
    }

    /// "MRDN", which opens every Hello.
    package static let magic: UInt32 = 0x4D52_444E
    /// The longest token, in bytes.
    package static let tokenBytesMax = 256

    /// Whether the token is `expected`, in a time that does not depend on where they differ.
    package func hasToken(_ expected: String) -> Bool {
        let mine = Array(token.utf8)
        let theirs = Array(expected.utf8)
        var difference = mine.count ^ theirs.count
        for index in mine.indices {
            difference |= Int(mine[index] ^ (index < theirs.count ? theirs[index] : 0))
        }
        return difference == 0
    }
}

extension Hello: ByteCodable {
    package var encodedSize: Int { 18 + ByteWriter.bytesSize(token.utf8.count) }

    package func encode(into writer: inout ByteWriter) {
        writer.writeInteger(Self.magic)
        writer.writeInteger(major)
        writer.writeInteger(minor)
        writer.writeInteger(role.rawValue)
        writer.writeBool(member != nil)
        writer.writeInteger(member?.packed ?? 0)
        writer.writeString(token)
    }

    /// Takes a Hello. One of another major version is returned with what this version can read
    /// of it, so that it can be refused by name.
    package static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Hello {
        guard try reader.readInteger(UInt32.self) == magic else {
            throw MalformedBytes("no Hello: it does not open with 'MRDN'")
        }
        let major: UInt16 = try reader.readInteger()
        let minor: UInt16 = try reader.readInteger()
        guard major == ProtocolVersion.major else {
            var hello = Hello(.client, token: "")
            hello.major = major
            hello.minor = minor
            return hello
        }
        let number: UInt8 = try reader.readInteger()
        guard let role = Role(rawValue: number) else {
            throw MalformedBytes("role \(number) is unknown")
        }
        let hasMember = try reader.readBool()
        let packed: UInt64 = try reader.readInteger()
        let token = try reader.readString(limit: tokenBytesMax)
        var hello = Hello(role, member: hasMember ? MemberID(packed: packed) : nil, token: token)
        hello.minor = minor
        return hello
    }
}

/// Why a connection was not accepted.
package struct Refusal: Error, Hashable, Sendable {
    /// The kinds of reasons; the numbers are part of the protocol.
    package enum Reason: UInt16, CaseIterable, Hashable, Sendable {
        /// What was sent is not a Hello.
        case malformed = 1
        /// The major versions differ.
        case version = 2
        /// The token is not the run's.
        case token = 3
        /// The node has no part in this run, or should have named itself.
        case stranger = 4
        /// The answer came from another node, or another life of it, than was expected.
        case unexpectedNode = 5
        /// The node has as many connections as it can hold.
        case full = 6
        /// The node is stopping.
        case stopping = 7
        /// The Hello did not come in time.
        case late = 8
        /// Connections are being refused, by a fault that was injected.
        case refusing = 9
    }

    /// The kind of reason; `nil` for one that this version does not know.
    package var reason: Reason?
    /// What was wrong, in a sentence a person can act on.
    package var message: String

    /// A refusal with these parts.
    package init(_ reason: Reason?, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension Refusal: ByteCodable {
    package var encodedSize: Int { 2 + ByteWriter.bytesSize(message.utf8.count) }

    package func encode(into writer: inout ByteWriter) {
        writer.writeInteger(reason?.rawValue ?? 0)
        writer.writeString(message)
    }

    package static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> Refusal {
        let reason = Reason(rawValue: try reader.readInteger())
        return Refusal(reason, try reader.readString(limit: Limits.helloBytesMax))
    }
}
