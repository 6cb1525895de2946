import Recording
import Replication
import Scenarios
import Workloads

/// Whether what members hold at the end is what clients wrote, byte by byte.
///
/// Histories and reads know values by their tokens alone; a damaged value may still bear the right
/// one. What a client wrote is the token padded to the workload's `value_size`, so the digest of
/// the stored value tells. What a service keeps no client wrote.
struct HeldValues {
    /// What contradicts it, the first of each data type and member, in a sentence.
    private(set) var violations: [String] = []

    /// Looks at the final state in `record`.
    init(_ record: RecordContents, _ plan: Plan) {
        var written: [String: Set<String>] = [:]
        for operation in record.history where operation.invoked != nil {
            for (key, token) in Self.tokens(of: operation) {
                written[operation.dataType + "/" + key, default: []].insert(token)
            }
        }
        let types = Dictionary(
            plan.groups.map { ($0.name, $0.valueType) }, uniquingKeysWith: { first, _ in first })
        let ofServices = Set(plan.serviceDataTypes)
        var seen = Set<String>()
        for row in record.final
        where !ofServices.contains(row.dataType) && !seen.contains(row.dataType + "/" + row.node) {
            let type = types[row.dataType] ?? .register
            guard let problem = Self.problem(of: row, type, written, plan.workload.valueSize)
            else {
                continue
            }
            seen.insert(row.dataType + "/" + row.node)
            violations.append(
                "integrity: at the end \(row.node) held \(row.value.summary) of key \(row.key) "
                    + "(\(row.dataType)), \(problem)")
        }
    }

    private static func problem(
        of row: FinalRow, _ type: ValueType, _ written: [String: Set<String>], _ size: Int
    ) -> String? {
        let tokens: [String]
        let value: Value
        func padded(_ token: String) -> [UInt8] { ValueToken.padded(Array(token.utf8), to: size) }
        switch row.value {
        case .text(let token):
            tokens = [token]
            value = .bytes(padded(token))
        case .list(let elements):
            tokens = elements.compactMap(\.token)
            value =
                switch type {
                case .set: .set(tokens.map(padded))
                case .map: .map(tokens.map { Self.field($0, padded) })
                case .register, .counter, .list: .list(tokens.map(padded))
                }
        case .null, .integer, .pair, .transaction: return nil
        }
        let known = written[row.dataType + "/" + row.key] ?? []
        if let foreign = tokens.first(where: { !known.contains($0) }) {
            return "but no client wrote \(foreign) there"
        }
        return row.digest == FinalRow.digest(value)
            ? nil : "but not the bytes that clients wrote under that name"
    }

    /// A field of a map with its content, which `padded` pads.
    private static func field(_ joined: String, _ padded: (String) -> [UInt8]) -> MapField {
        let field = joined.prefix { $0 != "=" }
        return MapField(Array(field.utf8), padded(String(joined.dropFirst(field.count + 1))))
    }

    /// What an operation may have written, and where.
    private static func tokens(of operation: HistoryOperation) -> [(key: String, token: String)] {
        switch (operation.function, operation.value) {
        case (.write, .text(let token)), (.append, .text(let token)), (.add, .text(let token)),
            (.cas, .pair(_, .text(let token))):
            return operation.key.map { [($0, token)] } ?? []
        case (.txn, .transaction(let steps)):
            return steps.compactMap { step in
                guard step.function != .read, case .text(let token) = step.value else {
                    return nil
                }
                return (step.key, token)
            }
        case _: return []
        }
    }
}
