import Determinism
import Replication
import Testing

@testable import Recording

/// Transactions as histories write them.
struct MicroOperationTests {
    private static let steps = [
        MicroOperation(.read, "x", .list(["c1.1", "c1.2"])), MicroOperation(.read, "q"),
        MicroOperation(.append, "y", .text("c3.4")), MicroOperation(.write, "z", .text("c3.5")),
        MicroOperation(.read, "z", .text("c3.5")),
    ]
    private static let text =
        #"[["r","x",["c1.1","c1.2"]],["r","q",null],["append","y","c3.4"],["w","z","c3.5"],["r","z","c3.5"]]"#

    private func line(_ value: String) -> String {
        #"{"index":0,"process":0,"client":1,"session":1,"region":"a","served_by":null,"attempts":1,"#
            + #""f":"txn","data_type":"default","key":null,"value":\#(value),"planned_ns":0,"#
            + #""invoke_ns":0,"complete_ns":5,"type":"ok","error":null,"version":"1.2","context":null}"#
    }

    private func read(_ line: String) throws -> HistoryOperation {
        try HistoryOperation(row: RowReader(row: JSONParser.parse(line)))
    }

    @Test func aTransactionIsWrittenAsEllesAndReadBack() throws {
        let line = line(Self.text)
        let operation = try read(line)
        #expect(operation.function == .txn && operation.key == nil)
        #expect(operation.value == .transaction(Self.steps))
        var writer = JSONWriter()
        operation.write(into: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == line + "\n")
    }

    @Test(arguments: [
        "{}", #"[["r","x"]]"#, #"[["r","x",null,null]]"#, #"[["x","x",null]]"#,
        #"[["r",5,null]]"#, #"["r","x",null]"#, #"[["r","x",{}]]"#, #"[["r","x",[[1]]]]"#,
        #"[null]"#,
    ])
    func whatIsNoListOfStepsIsRefused(_ value: String) {
        #expect(throws: MalformedRow.self) { try read(line(value)) }
    }

    @Test func aTransactionIsTold() {
        #expect(
            HistoryValue.transaction(Self.steps).summary
                == "x = [c1.1 c1.2], q = nothing, y += c3.4, z := c3.5, z = c3.5"
        )
    }
}
