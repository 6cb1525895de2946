import Foundation

/// The files of a node's database, as the operating system sees them.
package enum DatabaseFiles {
    /// Gives a damaged database another name, `<path>.damaged-1` or the first number that is
    /// free, so that it can be looked at later and a new one can be made. Returns the new name.
    package static func moveAside(_ path: String) throws -> String {
        let manager = FileManager.default
        var number = 1
        while suffixes.contains(where: {
            manager.fileExists(atPath: "\(path).damaged-\(number)\($0)")
        }) {
            number += 1
        }
        let target = "\(path).damaged-\(number)"
        // The database itself goes first: without it, what is left is found damaged again, while
        // the database without its log would pass for an older state.
        for suffix in suffixes where manager.fileExists(atPath: path + suffix) {
            try manager.moveItem(atPath: path + suffix, toPath: target + suffix)
        }
        JournalDatabase.synchroniseDirectory(of: path)
        return target
    }

    private static let suffixes = ["", "-journal", "-shm", "-wal"]
}
