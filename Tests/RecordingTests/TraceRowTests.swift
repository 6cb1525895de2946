import Determinism
import Foundation
import Recording
import Testing

/// The trace of a run on disk.
@Suite struct TraceRowTests {
    private func withRecord(_ body: (RecordFolder) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "meridian-trace-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try RecordFolder.create(at: path)
        try folder.write(plan: "name: x\n")
        try folder.write(
            RunInformation(
                meridian: "", toolchain: "", latencyData: "", commandLine: [], engine: .virtual,
                scenario: "x", seed: 1, host: [], startedAt: ""))
        try body(folder)
    }

    private let rows = [
        TraceRow(
            .request, sent: Instant(nanoseconds: -5), received: .zero,
            from: TraceRow.clients(of: "us-east-1"), to: "us-east-1", dataType: "default",
            says: "write k1 = \"c1.1\"", bytes: 131),
        TraceRow(
            .message, sent: Instant(nanoseconds: 7), wasHeld: true, from: "us-east-1",
            to: "eu-west-1/a/1", dataType: "default", says: "append term 2, entry 5, commit 4",
            bytes: 99, isKeepAlive: true),
        TraceRow(
            .reply, sent: Instant(nanoseconds: 9), received: Instant(nanoseconds: 11),
            from: "us-east-1", to: TraceRow.clients(of: "us-east-1"), dataType: "default",
            says: "write k1 → done", bytes: 60),
    ]

    @Test func whatIsWrittenIsRead() throws {
        try withRecord { folder in
            #expect(!folder.hasTrace)
            try folder.write(trace: rows)
            #expect(folder.hasTrace)
            #expect(try folder.readTrace() == rows)
            // A trace made again takes the place of the old one.
            try folder.write(trace: rows.dropFirst())
            #expect(try folder.readTrace() == Array(rows.dropFirst()))
        }
    }

    @Test func theFileHasItsSchemaAndARowALine() throws {
        try withRecord { folder in
            try folder.write(trace: rows)
            let text = String(decoding: try folder.bytes(of: .trace), as: UTF8.self)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines[0] == #"{"schema":"meridian.trace/1"}"#)
            #expect(
                lines[2] == """
                    {"kind":"message","sent_ns":7,"received_ns":null,"held":true,\
                    "from":"us-east-1","to":"eu-west-1/a/1","data_type":"default",\
                    "says":"append term 2, entry 5, commit 4","bytes":99,"keep_alive":true}
                    """)
        }
    }

    @Test func damageIsTold() throws {
        try withRecord { folder in
            let good = "{\"schema\":\"meridian.trace/1\"}\n" + rows[0].json.line + "\n"
            for bad in [
                good + rows[1].json.line.dropLast(20), good + "{\"kind\":\"rumour\"}\n",
                "{\"schema\":\"meridian.trace/2\"}\n", "{\"schema\":\"meridian.events/1\"}\n",
            ] {
                try folder.replace(.trace, with: Array(bad.utf8))
                #expect(throws: RecordError.self, "\(bad)") { try folder.readTrace() }
            }
        }
    }
}
