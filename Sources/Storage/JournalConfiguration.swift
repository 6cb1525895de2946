import Determinism
import Replication

/// Which database a node opens, and as whom.
package struct JournalConfiguration: Sendable {
    /// Where the database file is, or is to be. Its directory must exist.
    package var path: String
    /// The member that a new database is made for. An existing one names its own member, which
    /// must be a life of the same node.
    package var member: MemberID
    /// The token of the run; a database of another run is foreign.
    package var runToken: String
    /// The name of a registered SQLite file system to use instead of the default one, for the
    /// injection of faults. Needs an SQLite that understands URI file names.
    package var vfs: String?
    /// The disk under the database, if its file system is ``NodeDisk/fileSystem`` and records are
    /// to be damaged.
    package var disk: NodeDisk?
    /// How many records to damage before the database is read.
    package var damages = 0
    /// How many pages of 4 KiB the write-ahead log collects before they are moved to where they
    /// belong: a commit waits for that now and then, the longer the more there are.
    package var logPagesMax = 1000

    /// The database at `path`.
    package init(path: String, member: MemberID, runToken: String, vfs: String? = nil) {
        self.path = path
        self.member = member
        self.runToken = runToken
        self.vfs = vfs
    }

    /// What stands for the run's token in the database: two checksums of it.
    var tokenDigest: [UInt8] {
        var writer = ByteWriter()
        let token = Array(runToken.utf8)
        writer.writeInteger(Checksum.of(token, seed: Checksum.seed(3)))
        writer.writeInteger(Checksum.of(token, seed: Checksum.seed(4)))
        return writer.bytes
    }

    /// What SQLite is told to open.
    var databaseName: String {
        guard let vfs else { return path }
        return "file:" + escaped(path) + "?vfs=" + escaped(vfs)
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                result.unicodeScalars.append(UnicodeScalar(byte))
            case _:
                let digits = String(byte, radix: 16)
                result += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return result
    }
}

/// What opening a database came to.
package enum JournalOpening {
    /// The database may be used; this is what it holds.
    case opened(Journal, RecoveredJournal)
    /// The database is this node's, and part of what it held is lost. Nothing in it may be used:
    /// move it aside and come back as a new member.
    case damaged(reason: String)
    /// The file is somebody else's: another program's, another node's, another run's, or of a
    /// newer version. It was not touched.
    case foreign(reason: String)
}

/// Why a database could not be opened, though nothing is wrong with what it holds.
package enum JournalError: Error, Hashable, CustomStringConvertible {
    /// Another process has it open.
    case inUse(path: String)
    /// The operating system refused: no permission, no space, a failing disk.
    case inputOutput(String)

    package var description: String {
        switch self {
        case .inUse(let path):
            "\(path) is in use by another process; every node needs a database of its own"
        case .inputOutput(let reason): reason
        }
    }
}

/// What a database held when it was opened.
package struct RecoveredJournal: Sendable {
    /// Whose database it is.
    package var member: MemberID
    /// Whether the database was made just now.
    package var isNew: Bool
    /// Whether the node that used it last ended it in good order.
    package var wasClosed: Bool
    /// The groups that have records or a checkpoint, in order.
    package var groups: [RecoveredGroup]
}

/// What a database held of one group.
package struct RecoveredGroup: Sendable {
    /// The group.
    package var group: GroupID
    /// The last checkpoint.
    package var checkpoint: [UInt8]?
    /// The checkpoint stands for every record up to this position.
    package var checkpointThrough: JournalPosition
    /// The records behind the checkpoint, in order and without gaps.
    package var records: [[UInt8]]

    /// The position of the last record.
    package var last: JournalPosition {
        JournalPosition(rawValue: checkpointThrough.rawValue + UInt64(records.count))
    }
}
