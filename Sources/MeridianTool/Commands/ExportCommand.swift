import ArgumentParser
import Foundation
import Meridian
import Recording

/// `meridian export`: a history in the forms that other tools read.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the history of a record for other tools.",
        discussion: """
            edn is what Jepsen records, an event for each invocation and each completion, and what \
            Jepsen's checkers read; csv is a table with a row for each operation; jsonl is the \
            history.jsonl of records. A file in any form that 'meridian check' reads can be \
            exported, too.

            EXAMPLE
              meridian export runs/first-outage-20260101T000000Z --format edn --out history.edn
              meridian export runs/mine --format csv > history.csv
            """)

    @Argument(help: "The folder of a record, or a file with a history.", completion: .file())
    var record: String

    @Option(help: "edn, csv or jsonl.")
    var format: HistoryExport.Format

    @Option(help: "The file to write, which must not exist; by default standard output.")
    var out: String?

    func run() throws {
        let history = try reportingErrors { try Meridian.history(at: record) }
        let export = HistoryExport(history, as: format)
        try reportingErrors {
            guard let out else {
                return try export.write { try FileHandle.standardOutput.write(contentsOf: $0) }
            }
            let descriptor = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw RecordError.inaccessible(path: out, reason: String(cString: strerror(errno)))
            }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            do {
                try export.write { try file.write(contentsOf: $0) }
            } catch {
                throw RecordError.inaccessible(path: out, reason: error.localizedDescription)
            }
        }
    }
}

extension HistoryExport.Format: ExpressibleByArgument {}
