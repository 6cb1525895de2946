import Foundation

/// Tells from a file's first bytes, without SQLite, whether it is a node's database at all.
enum FileIdentity {
    private static let headerBytes = 100
    private static let signature = Array("SQLite format 3".utf8) + [0]

    /// Why the file at `path` must not be touched, or `nil` if it is a database of a version that
    /// this node can read.
    static func objection(toFileAt path: String) throws -> String? {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let header = [UInt8](try file.read(upToCount: headerBytes) ?? Data())
        guard header.count == headerBytes, Array(header.prefix(16)) == signature else {
            return "\(path) is not a node's database; move it away or choose another path"
        }
        let application = word(header, 68)
        guard application == JournalDatabase.applicationID else {
            return "\(path) is the database of another program (application id "
                + "\(application)); choose another path"
        }
        let version = word(header, 60)
        guard version == JournalDatabase.schemaVersion else {
            return "\(path) has schema version \(version), and this program reads version "
                + "\(JournalDatabase.schemaVersion) only"
        }
        return nil
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
