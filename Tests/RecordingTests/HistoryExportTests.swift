import Determinism
import Replication
import Testing

@testable import Recording

/// What is exported can be read again, and says the same to a checker.
@Suite struct HistoryExportTests {
    private static let operations: [HistoryOperation] = {
        let values: [(HistoryFunction, HistoryValue, HistoryOperation.Outcome)] = [
            (.write, "c1.1", .ok), (.read, "c1.1", .ok), (.read, .null, .info),
            (.cas, .pair(from: nil, to: "a \"quoted\", text"), .fail),
            (.increment, -4, .info), (.read, .list(["a", 3, nil]), .ok),
            (
                .txn,
                .transaction([
                    MicroOperation(.append, "x", "c2.1"),
                    MicroOperation(.read, "y", .list(["c2.0", "c2.1"])),
                    MicroOperation(.write, "z", 4),
                ]), .ok
            ),
            (.txn, .transaction([MicroOperation(.append, "x", "c2.2")]), .info),
            (.dequeue, "c1.9", .ok), (.service("login"), "line\nbreak", .ok),
        ]
        return values.enumerated().map { index, part in
            var operation = HistoryOperation(
                index: index, process: index, client: UInt64(index), session: UInt64(index),
                region: "", attempts: 1, function: part.0, dataType: "default",
                key: part.0 == .txn ? nil : "k\(index % 2)", value: part.1,
                planned: Instant(nanoseconds: Int64(index * 10)),
                invoked: Instant(nanoseconds: Int64(index * 10)))
            operation.outcome = part.2
            if part.2 != .info {
                operation.completed = Instant(nanoseconds: Int64(index * 10 + 15))
            }
            if part.2 == .fail { operation.error = "mismatch" }
            return operation
        }
    }()

    private func exported(_ format: HistoryExport.Format) -> [UInt8] {
        var bytes: [UInt8] = []
        HistoryExport(History(Self.operations), as: format).write { bytes += $0 }
        return bytes
    }

    @Test(arguments: [HistoryExport.Format.edn, .jsonLines])
    func whatIsExportedIsReadAgain(_ format: HistoryExport.Format) throws {
        let file = try HistoryFile(bytes: exported(format), path: "h")
        #expect(file.format.rawValue == format.rawValue)
        #expect(file.history == Self.operations)
    }

    /// At the same instant an invocation comes before a return: they are concurrent.
    @Test func eventsOfTheSameInstantStayConcurrent() throws {
        let first = Self.operations[0]
        var second = Self.operations[1]
        second.invoked = first.completed
        second.completed = first.completed.map { $0 + TimeSpan(nanoseconds: 5) }
        var bytes: [UInt8] = []
        HistoryExport(History([first, second]), as: .edn).write { bytes += $0 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.map { $0.contains(":type :invoke") } == [true, true, false, false])
    }

    @Test func tablesHaveARowForEachOperation() {
        let lines = String(decoding: exported(.csv), as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == Self.operations.count + 2)
        #expect(lines[0].hasPrefix("index,process,client"))
        #expect(lines[4].contains(#""[null,""a \""quoted\"", text""]""#))
        #expect(lines[10].contains("\"line\nbreak\""))
    }
}
