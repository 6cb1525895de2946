import Determinism
import Foundation
import Recording
import Replication
import Testing

@Suite struct RecordFolderTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path =
            FileManager.default.temporaryDirectory.path + "/record-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func information() -> RunInformation {
        RunInformation(
            meridian: "0.1.0", toolchain: "Swift 6", latencyData: "aws", commandLine: ["run", "x"],
            engine: .processes, scenario: "s", seed: .max,
            host: [.init("processors", .integer(2))], startedAt: "2026-01-01T00:00:00Z")
    }

    private func operation(_ index: Int) -> HistoryOperation {
        var operation = HistoryOperation(
            index: index, process: index, client: 3, session: 9, region: "us-east-1",
            function: .write, dataType: "default", key: "k\(index)", value: .text("c3-\(index)"),
            planned: Instant(nanoseconds: 5), invoked: Instant(nanoseconds: 6))
        operation.completed = Instant(nanoseconds: 99)
        operation.outcome = .ok
        operation.servedBy = "us-east-1/a/1"
        operation.attempts = 1
        operation.version = .sequence(epoch: 1, index: UInt64(index))
        return operation
    }

    /// One of each, with all that a line can hold.
    private func operations() -> [HistoryOperation] {
        var read = operation(1)
        read.function = .read
        read.value = .list(["a", "b\"\\\n"])
        read.context[MemberID(NodeID(region: RegionID(index: 1)))] = 4
        var cas = operation(2)
        cas.function = .cas
        cas.value = .pair(from: nil, to: "x")
        cas.result = .null
        cas.outcome = .fail
        cas.error = "mismatch: held nothing"
        var unsent = operation(3)
        unsent.invoked = nil
        unsent.completed = nil
        unsent.servedBy = nil
        unsent.version = nil
        unsent.outcome = .fail
        unsent.error = HistoryOperation.Failure.notSent
        var unknown = operation(4)
        unknown.function = .increment
        unknown.value = .integer(-3)
        unknown.completed = nil
        unknown.outcome = .info
        return [operation(0), read, cas, unsent, unknown]
    }

    private func writeAll(_ path: String, complete: Bool = true) throws -> RecordFolder {
        let folder = try RecordFolder.create(at: path)
        var run = information()
        try folder.write(run)
        try folder.write(plan: "name: s\n")
        let writer = try folder.makeWriter()
        for operation in operations().reversed() { try writer.append(operation) }
        #expect(writer.heldBack == 0)
        try writer.append(
            FaultStarted(
                time: Instant(nanoseconds: 7), id: "f1", kind: "kill", targets: ["a/a/1"],
                leadersTaken: [.init(group: "default", node: "a/a/1")], homesTaken: ["a"]
            ).event)
        var sample = Sample(
            time: Instant(nanoseconds: 500), interval: .milliseconds(500), region: "a")
        sample.latency = MillisecondQuantiles(p50: 1, p99: 2.5, max: 3)
        sample.lag = [.init(group: "default", count: 4)]
        sample.leaders = [.init(group: "default", node: "a/a/1")]
        try writer.append(sample)
        try writer.close()
        try folder.write(final: [
            FinalRow(
                dataType: "default", node: "a/a/1", key: "k",
                version: .sequence(epoch: 1, index: 2), value: .text("x"), digest: "00ff"),
            FinalRow(
                dataType: "default", node: "a/a/1", key: "l",
                version: .sequence(epoch: 1, index: 3), value: .null, digest: nil),
        ])
        run.isComplete = complete
        run.wallMilliseconds = 12.5
        try folder.write(run)
        return folder
    }

    @Test func whatIsWrittenReadsBack() throws {
        try withFolder { path in
            _ = try writeAll(path)
            let contents = try RecordFolder.open(at: path).read()
            #expect(contents.history == operations())
            #expect(contents.run.seed == .max)
            #expect(contents.run.isComplete)
            #expect(contents.run.wallMilliseconds == 12.5)
            #expect(contents.plan == "name: s\n")
            #expect(contents.events.count == 1)
            #expect(contents.events.compactMap(FaultStarted.init).first?.homesTaken == ["a"])
            #expect(contents.samples.first?.latency?.p99 == 2.5)
            #expect(contents.samples.first?.lag.first?.count == 4)
            #expect(contents.final.count == 2)
            #expect(contents.final[1].value == .null)
            #expect(contents.truncated.isEmpty)
        }
    }

    @Test func everyFileOpensWithItsSchema() throws {
        try withFolder { path in
            let folder = try writeAll(path)
            for (file, schema) in [
                (RecordFolder.File.history, "history"), (.events, "events"),
                (.samples, "samples"), (.final, "final"),
            ] {
                let text = String(decoding: try folder.bytes(of: file), as: UTF8.self)
                #expect(text.hasPrefix("{\"schema\":\"meridian.\(schema)/1\"}\n"))
            }
        }
    }

    @Test func theSameInputGivesTheSameBytes() throws {
        try withFolder { first in
            try withFolder { second in
                let one = try writeAll(first)
                let other = try writeAll(second)
                for file in [RecordFolder.File.history, .events, .samples, .final, .run] {
                    #expect(try one.bytes(of: file) == other.bytes(of: file))
                }
            }
        }
    }

    @Test func aHistoryLineHasTheKeysOfTheFormat() throws {
        try withFolder { path in
            let folder = try writeAll(path)
            let text = String(decoding: try folder.bytes(of: .history), as: UTF8.self)
            let line = try #require(text.split(separator: "\n").dropFirst().first)
            let names = try JSONParser.parse(String(line)).members?.map(\.name)
            #expect(
                names == [
                    "index", "process", "client", "session", "region", "served_by", "attempts",
                    "f", "data_type", "key", "value", "planned_ns", "invoke_ns", "complete_ns",
                    "type", "error", "version", "context",
                ])
        }
    }

    @Test func operationsAreWrittenInTheOrderOfTheirIndex() throws {
        try withFolder { path in
            let folder = try RecordFolder.create(at: path)
            try folder.write(information())
            try folder.write(plan: "")
            let writer = try folder.makeWriter()
            for index in [2, 0, 3, 5] { try writer.append(operation(index)) }
            #expect(writer.heldBack == 3)
            try writer.flush()
            #expect(try folder.read().history.map(\.index) == [0])
            try writer.append(operation(1))
            #expect(writer.heldBack == 1)
            try writer.close()
            #expect(try folder.read().history.map(\.index) == [0, 1, 2, 3, 5])
        }
    }

    @Test func aRecordIsNotOverwritten() throws {
        try withFolder { path in
            _ = try writeAll(path)
            #expect(throws: RecordError.exists(path: path)) { try RecordFolder.create(at: path) }
        }
    }

    @Test func aFolderWithoutARunIsNoRecord() throws {
        try withFolder { path in
            #expect(throws: RecordError.missing(path: path + "/run.json")) {
                try RecordFolder.open(at: path)
            }
        }
    }

    @Test func anUnfinishedRecordMayEndInTheMiddleOfALine() throws {
        try withFolder { path in
            let folder = try writeAll(path, complete: false)
            let bytes = try folder.bytes(of: .history)
            try folder.replace(.history, with: Array(bytes.dropLast(20)))
            let contents = try folder.read()
            #expect(contents.truncated == ["history.jsonl"])
            #expect(contents.history == Array(operations().dropLast()))
        }
    }

    @Test func aFinishedRecordMayNot() throws {
        try withFolder { path in
            let folder = try writeAll(path)
            let bytes = try folder.bytes(of: .history)
            try folder.replace(.history, with: Array(bytes.dropLast(20)))
            let error = #expect(throws: RecordError.self) { try folder.read() }
            #expect(error?.description.hasPrefix(path + "/history.jsonl:6: column") == true)
        }
    }

    @Test func aNewerSchemaIsRefused() throws {
        try withFolder { path in
            let folder = try writeAll(path)
            try folder.replace(.events, with: Array("{\"schema\":\"meridian.events/2\"}\n".utf8))
            #expect(
                throws: RecordError.unknownSchema(
                    path: path + "/events.jsonl", found: "meridian.events/2",
                    expected: "meridian.events/1")
            ) { try folder.read() }
        }
    }

    @Test(arguments: [
        ("\"type\":\"ok\"", "\"type\":\"yes\"", "\"type\" must be ok, fail or info, not \"yes\""),
        ("\"index\":0,", "", "\"index\" is missing"),
        ("\"index\":0", "\"index\":-1", "\"index\" must not be negative"),
        ("\"version\":\"1.0\"", "\"version\":\"x\"", "\"version\" must be a version"),
        ("\"complete_ns\":99", "\"complete_ns\":1", "\"complete_ns\" is before"),
        ("\"complete_ns\":99", "\"complete_ns\":null", "\"complete_ns\" is missing"),
        (
            "\"planned_ns\":5", "\"planned_ns\":-9223372036854775808",
            "\"planned_ns\" must be nanoseconds"
        ),
        ("\"region\":\"us-east-1\"", "\"region\":5", "\"region\" must be a string"),
    ])
    func aBadLineIsNamed(old: String, new: String, reason: String) throws {
        try withFolder { path in
            let folder = try writeAll(path)
            let text = String(decoding: try folder.bytes(of: .history), as: UTF8.self)
            var lines = text.split(separator: "\n").map(String.init)
            lines[1] = lines[1].replacingOccurrences(of: old, with: new)
            try folder.replace(.history, with: Array(lines.joined(separator: "\n").utf8))
            let error = #expect(throws: RecordError.self) { try folder.read() }
            let text2 = error?.description ?? ""
            #expect(text2.hasPrefix("\(path)/history.jsonl:2: \(reason)"), "\(text2)")
        }
    }

    /// Of a complete run every line counts; of one that was cut off what there is.
    @Test(arguments: [RecordFolder.File.history, .events])
    func aFileWithFewerLinesThanWereWrittenIsRefused(_ file: RecordFolder.File) throws {
        try withFolder { path in
            let folder = try RecordFolder.create(at: path)
            try folder.write(plan: "name: x\n")
            let writer = try folder.makeWriter()
            for operation in operations() { try writer.append(operation) }
            for second in 1...3 {
                try writer.append(
                    RecordedEvent(time: Instant(nanoseconds: Int64(second)), kind: .converged))
            }
            try writer.close()
            try folder.write(final: [])
            var run = information()
            run.isComplete = true
            run.lines = try folder.countLines()
            try folder.write(run)
            #expect(try folder.read().events.count == 3)
            let whole = try String(contentsOfFile: folder.path(of: file), encoding: .utf8)
            let lines = whole.split(separator: "\n", omittingEmptySubsequences: true)
            for text in [
                "", lines.dropLast().joined(separator: "\n") + "\n", whole + lines[1] + "\n",
            ] {
                try folder.replace(file, with: Array(text.utf8))
                #expect(throws: RecordError.self) { try folder.read() }
            }
            run.isComplete = false
            try folder.write(run)
            try folder.replace(
                file, with: Array((lines.dropLast().joined(separator: "\n") + "\n").utf8))
            #expect(try folder.read().history.count >= 4)
        }
    }
}
