#if PlantedBugs
    import Foundation
    import GRDB
    import Replication
    import Testing

    @testable import Storage

    /// The mistake of the journal: a record is believed though its checksum does not match.
    @Suite struct TornRecordTests {
        /// The records of a database whose last byte on disk was changed; `nil` if it is refused.
        private func recordsAfterDamage() throws -> [[UInt8]]? {
            let scratch = try Scratch()
            guard case .opened(let journal, _) = try Journal.open(configuration(scratch.path))
            else { throw CancellationError() }
            var writer = Writer(journal)
            writer.write(0, 3)
            #expect(writer.waitForAll())
            journal.close()
            let database = try DatabaseQueue(path: scratch.path)
            try database.write { database in
                let row = try Row.fetchOne(
                    database, sql: "SELECT id, content FROM journal ORDER BY id DESC")
                guard let row, case .blob(var content) = (row[1] as DatabaseValue).storage else {
                    throw CancellationError()
                }
                content[content.count - 1] ^= 1
                try database.execute(
                    sql: "UPDATE journal SET content = ? WHERE id = ?",
                    arguments: [content, row[0] as DatabaseValue])
            }
            try database.close()
            guard
                case .opened(let again, let recovered) = try Journal.open(
                    configuration(scratch.path))
            else { return nil }
            again.close()
            #expect(mismatch(recovered) != nil)
            return recovered.groups.first?.records
        }

        @Test func aTornRecordIsReadBackOnlyByMistake() throws {
            let wrong = try PlantedBug.planting(.tornRecordAccepted, recordsAfterDamage)
            #expect(wrong?.count == 3)
            #expect(try PlantedBug.planting(nil, recordsAfterDamage) == nil)
        }
    }
#endif
