/// Writes the files of a record that grow while a run goes on.
///
/// Operations may be handed over in the order in which they end; they are written in the order of
/// their index, so one that is under way holds back those after it until it ends. Used from one
/// thread at a time.
public final class RecordWriter {
    private let history: LineFile
    private let events: LineFile
    private let samples: LineFile
    /// Begun with its first row: most records have none.
    private var replication: LineFile?
    private let folder: RecordFolder
    private var writer = JSONWriter(capacity: 1024)
    private var nextIndex = 0
    private var waiting: [Int: HistoryOperation] = [:]

    init(folder: RecordFolder) throws(RecordError) {
        self.folder = folder
        history = try LineFile(path: folder.path(of: .history), schema: .history)
        events = try LineFile(path: folder.path(of: .events), schema: .events)
        samples = try LineFile(path: folder.path(of: .samples), schema: .samples)
    }

    /// How many operations wait for one before them.
    public var heldBack: Int { waiting.count }

    /// Adds an operation that has ended or was given up. Each index from 0 on must come once.
    public func append(_ operation: HistoryOperation) throws(RecordError) {
        guard operation.index == nextIndex else {
            waiting[operation.index] = operation
            return
        }
        try write(operation)
        nextIndex += 1
        while let next = waiting.removeValue(forKey: nextIndex) {
            try write(next)
            nextIndex += 1
        }
    }

    /// Adds an event.
    public func append(_ event: RecordedEvent) throws(RecordError) {
        writer.removeAll()
        event.write(into: &writer)
        try events.append(writer.bytes)
    }

    /// Adds a sample.
    public func append(_ sample: Sample) throws(RecordError) {
        writer.removeAll()
        sample.write(into: &writer)
        try samples.append(writer.bytes)
    }

    /// Adds a row of the replication log.
    public func append(_ row: ReplicationRow) throws(RecordError) {
        writer.removeAll()
        writer.value(row.json)
        writer.newline()
        let file: LineFile
        if let replication {
            file = replication
        } else {
            file = try LineFile(path: folder.path(of: .replication), schema: .replication)
            replication = file
        }
        try file.append(writer.bytes)
    }

    /// Hands everything that can be written to the system.
    public func flush() throws(RecordError) {
        try history.flush()
        try events.flush()
        try samples.flush()
        try replication?.flush()
    }

    /// Writes what was held back, though operations before it are missing, and closes the files.
    public func close() throws(RecordError) {
        for index in waiting.keys.sorted() {
            if let operation = waiting.removeValue(forKey: index) { try write(operation) }
        }
        try history.close()
        try events.close()
        try samples.close()
        try replication?.close()
    }

    private func write(_ operation: HistoryOperation) throws(RecordError) {
        writer.removeAll()
        operation.write(into: &writer)
        try history.append(writer.bytes)
    }
}
