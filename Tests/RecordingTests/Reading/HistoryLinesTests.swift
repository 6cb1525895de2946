import Determinism
import Replication
import Testing

@testable import Recording

/// The short way from a line to a row gives what the long way gives, or leaves it to it.
@Suite struct HistoryLinesTests {
    private static func line(_ operation: HistoryOperation) -> [UInt8] {
        var writer = JSONWriter()
        operation.write(into: &writer)
        return writer.bytes
    }

    private static func drawn(_ index: Int, _ random: inout RandomStream) -> HistoryOperation {
        let functions: [HistoryFunction] = [
            .read, .write, .delete, .cas, .append, .increment, .add, .remove, .enqueue, .dequeue,
            .acquire, .release, .txn, .service("login"),
        ]
        func scalar(_ random: inout RandomStream) -> HistoryValue {
            let texts = ["c1.2", "c03.1", "x", "", "é\n\"", "c4294967295.7"]
            switch random.index(4) {
            case 0: return .null
            case 1: return .integer(Int64(random.index(1_000)) - 500)
            case 2: return .integer(random.chance(0.5) ? .max : .min)
            case _: return .text(texts[random.index(texts.count)])
            }
        }
        func list(_ random: inout RandomStream) -> HistoryValue {
            .list((0..<random.index(4)).map { _ in scalar(&random) })
        }
        let function = functions[random.index(functions.count)]
        let value: HistoryValue
        switch function {
        case .cas: value = .pair(from: scalar(&random), to: scalar(&random))
        case .txn:
            value = .transaction(
                (0..<random.index(4)).map { _ in
                    let part = MicroOperation.Function.allCases[random.index(3)]
                    let seen = part == .read && random.chance(0.5) ? list(&random) : scalar(&random)
                    return MicroOperation(part, "k\(random.index(3))", seen)
                })
        case _: value = random.chance(0.3) ? list(&random) : scalar(&random)
        }
        var operation = HistoryOperation(
            index: index, process: random.index(9), client: UInt64(random.index(9)),
            session: random.chance(0.1) ? .max : 4, region: "eu-central-1", attempts: 1,
            function: function, dataType: "default",
            key: random.chance(0.1) ? nil : "k\(random.index(5))", value: value,
            planned: Instant(nanoseconds: -3), invoked: Instant(nanoseconds: 10))
        operation.outcome = HistoryOperation.Outcome.allCases[random.index(3)]
        if operation.outcome != .info { operation.completed = Instant(nanoseconds: 20) }
        if random.chance(0.2) { operation.error = "timeout" }
        if random.chance(0.3) { operation.result = scalar(&random) }
        if random.chance(0.5) {
            operation.version = .sequence(epoch: 3, index: UInt64(random.index(100)))
        }
        if random.chance(0.2) {
            operation.context[MemberID(NodeID(region: RegionID(index: 2)))] = 4
        }
        return operation
    }

    @Test(arguments: 0..<10)
    func everyOperationComesBack(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "lines")
        let operations = (0..<300).map { Self.drawn($0, &random) }
        let bytes = operations.flatMap(Self.line)
        let read = try HistoryFile(bytes: bytes, path: "history.jsonl")
        #expect(read.format == .jsonLines)
        #expect(read.history == operations)
        let withSchema = RecordSchema.history.firstLine + bytes
        #expect(try HistoryLines.read(withSchema, path: "h").history == operations)
    }

    @Test func usualLinesGoTheShortWay() {
        var random = RandomStream(seed: 1, name: "lines")
        var usual = 0
        for index in 0..<300 {
            let bytes = Self.line(Self.drawn(index, &random)).dropLast()
            Array(bytes).withUnsafeBufferPointer { buffer in
                var parser = HistoryLineParser(buffer)
                var tables = HistoryTables()
                if parser.row(0..<buffer.count, &tables) != nil { usual += 1 }
            }
        }
        #expect(usual > 150)
    }

    /// A line with another byte in it gives the same operation or the same error either way.
    @Test(arguments: 0..<20)
    func bothWaysAgreeAboutChangedLines(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "changed")
        for index in 0..<200 {
            var bytes = Array(Self.line(Self.drawn(index, &random)).dropLast())
            let place = random.index(bytes.count)
            bytes[place] = UInt8(32 + random.index(95))
            let long = try? HistoryOperation(
                row: RowReader(row: JSONParser.parse(bytes)))
            bytes.withUnsafeBufferPointer { buffer in
                var parser = HistoryLineParser(buffer)
                var history = History()
                guard let row = parser.row(0..<buffer.count, &history.tables) else { return }
                history.append(row)
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(history[0] == long, "seed \(seed): \(text)")
            }
        }
    }

    @Test func aLastLineThatIsCutOffIsTold() throws {
        var random = RandomStream(seed: 3, name: "cut")
        let operations = (0..<3).map { Self.drawn($0, &random) }
        let bytes = RecordSchema.history.firstLine + operations.flatMap(Self.line)
        let cut = try HistoryLines.read(bytes.dropLast(20), path: "h")
        #expect(cut.history == Array(operations.dropLast()))
        #expect(cut.cutOff != nil)
    }

    @Test func whatIsNoHistoryIsRefusedWithItsPlace() {
        for (text, reason) in [
            ("{\"schema\":\"meridian.events/1\"}\n", "meridian.events/1"),
            ("{\"index\":0}\n", "h:1:"), ("{\"index\":0\n", "h:1: column"),
        ] {
            let error = #expect(throws: RecordError.self) {
                try HistoryFile(bytes: Array(text.utf8), path: "h")
            }
            #expect(error?.description.contains(reason) == true)
        }
    }
}

extension HistoryLines {
    fileprivate static func read(
        _ bytes: ArraySlice<UInt8>, path: String
    ) throws(RecordError) -> (history: History, cutOff: RecordError?) {
        try read(Array(bytes), path: path)
    }
}
