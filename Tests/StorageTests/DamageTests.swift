import Determinism
import Foundation
import Replication
import Testing

@testable import Storage

/// Whatever happens to the files: the journal opens with a prefix of what was written, or says
/// that they are damaged or foreign. It never yields anything else, and never crashes.
@Suite struct DamageTests {
    private static let checkpointBytes = 40_000

    /// Makes a database with a checkpoint and records of two groups, as a killed process leaves
    /// it: with its log. Returns the files' content.
    private static func makeFiles(logPagesMax: Int) throws -> [String: Data] {
        let scratch = try Scratch()
        var settings = configuration(scratch.path)
        settings.logPagesMax = logPagesMax
        guard case .opened(let journal, _) = try Journal.open(settings) else {
            throw CancellationError()
        }
        var writer = Writer(journal)
        for round in 0..<60 {
            writer.write(0, 3)
            if round % 4 == 0 { writer.write(3, 2) }
            if round == 20 { writer.checkpoint(0, bytes: checkpointBytes) }
            guard writer.waitForAll() else { throw CancellationError() }
        }
        var files: [String: Data] = [:]
        for suffix in ["", "-wal"] {
            files[suffix] = try Data(contentsOf: URL(fileURLWithPath: scratch.path + suffix))
        }
        journal.close()
        return files
    }

    private enum Result { case whole, prefix, refused }

    private func reopen(_ files: [String: Data], _ scratch: borrowing Scratch) throws -> Result {
        for suffix in ["-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: scratch.path + suffix)
        }
        for (suffix, content) in files {
            try content.write(to: URL(fileURLWithPath: scratch.path + suffix))
        }
        switch try Journal.open(configuration(scratch.path)) {
        case .damaged, .foreign: return .refused
        case .opened(let journal, let recovered):
            journal.close()
            #expect(mismatch(recovered, checkpointBytes: Self.checkpointBytes) == nil)
            let last = recovered.groups.map { $0.last.rawValue }
            return last == [180, 30] ? .whole : .prefix
        }
    }

    @Test(arguments: [10, 100_000])
    func theUntouchedFilesAreWhole(logPagesMax: Int) throws {
        let scratch = try Scratch()
        #expect(try reopen(try Self.makeFiles(logPagesMax: logPagesMax), scratch) == .whole)
    }

    @Test func aTruncatedLogLeavesAPrefix() throws {
        let files = try Self.makeFiles(logPagesMax: 100_000)
        let log = try #require(files["-wal"])
        let scratch = try Scratch()
        var prefixes = 0
        for step in 0..<150 {
            var torn = files
            torn["-wal"] = log.prefix(log.count * step / 150)
            if try reopen(torn, scratch) == .prefix { prefixes += 1 }
        }
        #expect(prefixes > 100)
    }

    @Test func aFlippedByteInTheLogIsNeverReadPast() throws {
        let files = try Self.makeFiles(logPagesMax: 100_000)
        let log = try #require(files["-wal"])
        let scratch = try Scratch()
        var random = RandomStream(seed: 1, name: "flips")
        let frame = 24 + 4096
        var refused = 0
        for _ in 0..<200 {
            var flipped = files
            let offset = random.index(log.count)
            flipped["-wal"]?[log.startIndex + offset] ^= UInt8(1 + random.index(255))
            let result = try reopen(flipped, scratch)
            // Acknowledged commits may be missing only if the flip was in the last of them.
            if result == .prefix { #expect(offset > log.count - 20 * frame) }
            if result == .refused { refused += 1 }
        }
        #expect(refused > 150)
    }

    @Test(arguments: [10, 100_000])
    func damageToTheDatabaseIsNoticed(logPagesMax: Int) throws {
        let files = try Self.makeFiles(logPagesMax: logPagesMax)
        let database = try #require(files[""])
        let scratch = try Scratch()
        var random = RandomStream(seed: 2, name: "flips")
        for round in 0..<250 {
            var changed = files
            if round % 5 == 0 {
                changed[""] = database.prefix(random.index(database.count))
            } else {
                for _ in 0...random.index(3) {
                    // Flips near the start of a page hit what SQLite steers by.
                    let page = random.index(database.count / 4096) * 4096
                    let offset = page + random.index(random.chance(0.5) ? 32 : 4096)
                    changed[""]?[database.startIndex + offset] ^= UInt8(1 + random.index(255))
                }
            }
            let result = try reopen(changed, scratch)
            #expect(result != .prefix, "round \(round)")
        }
    }

    @Test func aLogWithoutItsDatabaseIsDamage() throws {
        var files = try Self.makeFiles(logPagesMax: 100_000)
        files[""] = nil
        let scratch = try Scratch()
        #expect(try reopen(files, scratch) == .refused)
    }
}
