import Foundation

/// A file of JSON lines that is written while a run goes on.
///
/// Lines are collected and handed to the system in large pieces; ``flush()`` hands over what is
/// there, so that after a crash of the process all that was flushed can be read. What the system
/// was given is not forced to the disk: a record need not survive the host.
public final class LineFile {
    /// Where the file is.
    public let path: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferBytesMax = 1 << 16

    /// Creates the file, which must not exist, and writes the line that names its schema.
    init(path: String, schema: RecordSchema) throws(RecordError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        buffer.reserveCapacity(Self.bufferBytesMax + 4096)
        buffer.append(contentsOf: schema.firstLine)
        try flush()
    }

    deinit {
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
    }

    static func failure(_ path: String) -> RecordError {
        .inaccessible(path: path, reason: String(cString: strerror(errno)))
    }

    /// Appends lines that end with line breaks.
    func append(_ lines: [UInt8]) throws(RecordError) {
        buffer.append(contentsOf: lines)
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    /// Hands everything appended so far to the system.
    public func flush() throws(RecordError) {
        guard descriptor >= 0 else {
            throw .inaccessible(path: path, reason: "was closed already")
        }
        var written = 0
        while written < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Foundation.write(
                    descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let error = Self.failure(path)
                buffer.removeSubrange(..<written)
                throw error
            }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Flushes and closes. Closing twice does nothing.
    public func close() throws(RecordError) {
        guard descriptor >= 0 else { return }
        defer {
            _ = Foundation.close(descriptor)
            descriptor = -1
        }
        try flush()
    }
}
