import Determinism
import Testing

@testable import Replication

/// Sets in the replicated state of `raft`, held against a plain set.
@Suite struct ValueTableSetTests {
    private func value(_ table: ValueTable, _ key: Key) -> Value? { table.value(of: key) }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func aTableDoesWhatASetDoes(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "sets")
        var table = ValueTable(valueType: .set)
        var model: [Key: Set<[UInt8]>] = [:]
        for index in 1...400 as ClosedRange<UInt64> {
            let key = Key("k\(random.index(3))")
            let element = Array("e\(random.index(12))".utf8)
            let operation: Operation
            switch random.index(8) {
            case 0..<4:
                operation = .add(element)
                model[key, default: []].insert(element)
            case 4..<7:
                operation = .remove(element)
                model[key]?.remove(element)
            default:
                operation = .delete
                model[key] = nil
            }
            let reply = table.apply(
                operation, to: key, term: Term(1), index: LogIndex(index))
            #expect(reply.outcome == .done(nil))
            let wanted = model[key].map {
                Value.set($0.sorted { $0.lexicographicallyPrecedes($1) })
            }
            #expect(value(table, key) == wanted)
        }
        // The digest is that of the state, and not of how it came about.
        var fresh = ValueTable(valueType: .set)
        for key in model.keys.sorted() {
            for element in (model[key] ?? []).sorted(by: { $1.lexicographicallyPrecedes($0) }) {
                _ = fresh.apply(
                    .add(element), to: key, term: Term(1), index: LogIndex(1))
            }
        }
        #expect(fresh.digest == table.digest)
        var writer = ByteWriter(capacity: table.encodedSizeEstimate)
        table.encode(into: &writer)
        var reader = ByteReader(writer.bytes)
        var loaded = ValueTable(valueType: .set)
        try loaded.load(from: &reader)
        #expect(loaded.digest == table.digest)
        #expect(loaded.sorted() == table.sorted())
        #expect(loaded.byteCount == table.byteCount)
    }

    @Test func whatIsNoOperationOfASetIsRefused() {
        var table = ValueTable(valueType: .set)
        let key = Key("k")
        for operation in [Operation.append([1]), .write([1]), .put(field: [1], content: [1])] {
            let reply = table.apply(
                operation, to: key, term: Term(1), index: LogIndex(1))
            guard case .failed(let error) = reply.outcome else {
                Issue.record("\(operation) was carried out")
                continue
            }
            #expect(error.code == .unsupported)
        }
    }
}
