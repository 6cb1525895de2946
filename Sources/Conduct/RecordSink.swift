import Recording

/// Takes what the director records, in the order in which it does.
package protocol RecordReceiver: AnyObject {
    /// Adds an entry.
    func add(_ entry: RecordEntry) throws(RecordError)
    /// Takes note that nothing follows.
    func close() throws(RecordError)
}

/// Puts what the director records into the folder of the record.
///
/// Final rows are kept until the end: they are one file, in order of data type, node and key.
package final class RecordSink: RecordReceiver {
    private let folder: RecordFolder
    private let writer: RecordWriter
    private var final: [FinalRow] = []

    /// Starts the files of `folder`.
    package init(folder: RecordFolder) throws(RecordError) {
        self.folder = folder
        writer = try folder.makeWriter()
    }

    package func add(_ entry: RecordEntry) throws(RecordError) {
        switch entry {
        case .operation(let operation): try writer.append(operation)
        case .event(let event): try writer.append(event)
        case .sample(let sample): try writer.append(sample)
        case .replication(let row): try writer.append(row)
        case .final(let rows): final += rows
        }
    }

    /// Adds an operation.
    func append(_ operation: HistoryOperation) throws(RecordError) {
        try writer.append(operation)
    }

    /// Hands what was added to the system, so that a crash leaves it.
    package func flush() throws(RecordError) { try writer.flush() }

    /// Writes what was kept and closes the files.
    package func close() throws(RecordError) {
        try writer.close()
        final.sort { ($0.dataType, $0.key, $0.node) < ($1.dataType, $1.key, $1.node) }
        try folder.write(final: final)
    }
}

/// Keeps what the director records in memory, for a judgement without reading it back; if it is
/// given a sink, everything goes there too.
package final class RecordMemory: RecordReceiver {
    private var history = History()
    private var written = 0
    private var events: [RecordedEvent] = []
    private var samples: [Sample] = []
    private var final: [FinalRow] = []

    private let sink: RecordSink?

    /// Nothing recorded yet.
    package init(sink: RecordSink? = nil) { self.sink = sink }

    package func add(_ entry: RecordEntry) throws(RecordError) {
        switch entry {
        case .operation(let operation):
            history.insert(operation)
            try writeOperations()
            return
        case .event(let event): events.append(event)
        case .sample(let sample): samples.append(sample)
        case .replication: break  // No figure needs it.
        case .final(let rows): final += rows
        }
        try sink?.add(entry)
    }

    /// Hands the sink the operations that are in order.
    private func writeOperations() throws(RecordError) {
        guard let sink else { return }
        while written < history.count {
            try sink.append(history[written])
            written += 1
        }
    }

    package func close() throws(RecordError) {
        history.closeGaps()
        try writeOperations()
        try sink?.close()
        final.sort { ($0.dataType, $0.key, $0.node) < ($1.dataType, $1.key, $1.node) }
    }

    /// What was recorded, as of a run made with `run` from the plan that reads `plan`.
    package func contents(run: RunInformation, plan: String) -> RecordContents {
        RecordContents(
            run: run, plan: plan, history: history, events: events, samples: samples,
            final: final)
    }
}
