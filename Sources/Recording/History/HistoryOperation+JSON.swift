import Determinism
import Replication

extension HistoryOperation {
    /// Appends the operation as one line of JSON.
    func write(into writer: inout JSONWriter) {
        func optional(_ name: StaticString, _ instant: Instant?) {
            writer.plainName(name)
            if let instant { writer.integer(instant.nanoseconds) } else { writer.null() }
        }
        func optional(_ name: StaticString, _ text: String?) {
            writer.plainName(name)
            if let text { writer.text(text) } else { writer.null() }
        }
        writer.openObject()
        writer.plainName("index")
        writer.integer(Int64(index))
        writer.plainName("process")
        writer.integer(Int64(process))
        writer.plainName("client")
        writer.integer(Int64(clamping: client))
        writer.plainName("session")
        writer.integer(Int64(bitPattern: session))
        writer.plainName("region")
        writer.text(region)
        optional("served_by", servedBy)
        writer.plainName("attempts")
        writer.integer(Int64(attempts))
        writer.plainName("f")
        writer.text(function.name)
        writer.plainName("data_type")
        writer.text(dataType)
        optional("key", key)
        writer.plainName("value")
        value.write(into: &writer)
        if let result {
            writer.plainName("result")
            result.write(into: &writer)
        }
        writer.plainName("planned_ns")
        writer.integer(planned.nanoseconds)
        optional("invoke_ns", invoked)
        optional("complete_ns", completed)
        writer.plainName("type")
        writer.text(outcome.rawValue)
        optional("error", error)
        optional("version", version.map { VersionText.text($0) })
        optional("context", context.entries.isEmpty ? nil : VersionText.text(context))
        writer.closeObject()
        writer.newline()
    }

    /// The operation of a line.
    init(row: RowReader) throws(MalformedRow) {
        let function = HistoryFunction(name: try row.text("f"))
        let value =
            function == .txn
            ? try Self.transaction(row) : try Self.value(row, "value", isPair: function == .cas)
        self.init(
            index: Int(try row.unsigned("index")), process: Int(try row.integer("process")),
            client: try row.unsigned("client"),
            session: UInt64(bitPattern: try row.integer("session")),
            region: try row.text("region"), function: function,
            dataType: try row.text("data_type"), key: try row.optionalText("key"),
            value: value ?? .null,
            planned: Instant(nanoseconds: try row.time("planned_ns")),
            invoked: try row.optionalTime("invoke_ns").map(Instant.init(nanoseconds:)))
        servedBy = try row.optionalText("served_by")
        attempts = Int(try row.unsigned("attempts"))
        result = try Self.value(row, "result", isPair: false)
        completed = try row.optionalTime("complete_ns").map(Instant.init(nanoseconds:))
        let type = try row.text("type")
        guard let outcome = Outcome(rawValue: type) else {
            throw MalformedRow("\"type\" must be ok, fail or info, not \"\(type)\"")
        }
        self.outcome = outcome
        error = try row.optionalText("error")
        if let text = try row.optionalText("version") {
            guard let version = VersionText.version(text) else {
                throw MalformedRow("\"version\" must be a version such as 3.17, not \"\(text)\"")
            }
            self.version = version
        }
        if let text = try row.optionalText("context") {
            guard let context = VersionText.vector(text) else {
                throw MalformedRow("\"context\" must be a version vector, not \"\(text)\"")
            }
            self.context = context
        }
        if outcome != .info, invoked != nil, completed == nil {
            throw MalformedRow("\"complete_ns\" is missing though \"type\" is \(type)")
        }
        if let invoked, let completed, completed < invoked {
            throw MalformedRow("\"complete_ns\" is before \"invoke_ns\"")
        }
    }

    private static func transaction(_ row: RowReader) throws(MalformedRow) -> HistoryValue? {
        guard let json = row.row["value"] else { return nil }
        let steps = json.elements?.map { MicroOperation(json: $0) } ?? [nil]
        let known = steps.compactMap { $0 }
        guard known.count == steps.count else {
            throw MalformedRow("\"value\" of a txn must be an array of steps: function, key, value")
        }
        return .transaction(known)
    }

    private static func value(
        _ row: RowReader, _ name: String, isPair: Bool
    ) throws(MalformedRow) -> HistoryValue? {
        guard let json = row.row[name] else { return nil }
        guard let value = HistoryValue(json: json, isPair: isPair) else {
            throw MalformedRow("\"\(name)\" must be null, a token, a number or an array of tokens")
        }
        return value
    }
}
