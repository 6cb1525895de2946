import Conduct
import Recording

/// Puts what the director records into the folder of the record.
///
/// Final rows are kept until the end: they are one file, in order of data type, node and key.
final class RecordSink {
    private let folder: RecordFolder
    private let writer: RecordWriter
    private var final: [FinalRow] = []

    /// Starts the files of `folder`.
    init(folder: RecordFolder) throws(RecordError) {
        self.folder = folder
        writer = try folder.makeWriter()
    }

    func add(_ entry: RecordEntry) throws(RecordError) {
        switch entry {
        case .operation(let operation): try writer.append(operation)
        case .event(let event): try writer.append(event)
        case .sample(let sample): try writer.append(sample)
        case .final(let rows): final += rows
        }
    }

    /// Hands what was added to the system, so that a crash leaves it.
    func flush() throws(RecordError) { try writer.flush() }

    /// Writes what was kept and closes the files.
    func close() throws(RecordError) {
        try writer.close()
        final.sort { ($0.dataType, $0.key, $0.node) < ($1.dataType, $1.key, $1.node) }
        try folder.write(final: final)
    }
}
