import Determinism
import Replication

/// What a replica held of a key at the end: a line of `final.jsonl`. A key with several concurrent
/// values has a row for each.
public struct FinalRow: Hashable, Sendable {
    /// The data type.
    public var dataType: String
    /// The node, by name.
    public var node: String
    /// The key.
    public var key: String
    /// The version that wrote the value.
    public var version: Version
    /// The value; ``HistoryValue/null``: deleted.
    public var value: HistoryValue
    /// A digest of the whole value as stored, padding included: 16 hexadecimal digits; `nil` for
    /// a deleted key.
    public var digest: String?

    /// A row with these parts.
    public init(
        dataType: String, node: String, key: String, version: Version, value: HistoryValue,
        digest: String?
    ) {
        self.dataType = dataType
        self.node = node
        self.key = key
        self.version = version
        self.value = value
        self.digest = digest
    }

    /// The rows of a replica's entry. `token` takes the padding off a stored value.
    public static func rows(
        _ entry: FinalEntry, dataType: String, node: String, token: ([UInt8]) -> String
    ) -> [FinalRow] {
        entry.values.map { stored in
            let value: HistoryValue
            switch stored.value {
            case .none: value = .null
            case .some(.bytes(let bytes)): value = .text(token(bytes))
            case .some(.integer(let number)): value = .integer(number)
            case .some(.list(let elements)), .some(.set(let elements)):
                value = .list(tokens: elements.map(token))
            case .some(.map(let fields)):
                value = .list(
                    tokens: fields.map { field in
                        token(field.field) + "=" + token(field.content)
                    })
            }
            return FinalRow(
                dataType: dataType, node: node, key: entry.key.text, version: stored.version,
                value: value, digest: stored.value.map(digest))
        }
    }

    /// The digest of a stored value that rows carry.
    public static func digest(_ value: Value) -> String {
        let digits = String(stableHash(of: value.encoded), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    func write(into writer: inout JSONWriter) {
        writer.openObject()
        writer.name("data_type")
        writer.text(dataType)
        writer.name("node")
        writer.text(node)
        writer.name("key")
        writer.text(key)
        writer.name("version")
        writer.text(VersionText.text(version))
        writer.name("value")
        writer.value(value.json)
        writer.name("digest")
        writer.value(.optional(digest))
        writer.closeObject()
        writer.newline()
    }

    init(row: RowReader) throws(MalformedRow) {
        let text = try row.text("version")
        guard let version = VersionText.version(text) else {
            throw MalformedRow("\"version\" must be a version such as 3.17, not \"\(text)\"")
        }
        guard let value = HistoryValue(json: try row.value("value")) else {
            throw MalformedRow("\"value\" must be null, a token, a number or an array of tokens")
        }
        self.init(
            dataType: try row.text("data_type"), node: try row.text("node"),
            key: try row.text("key"), version: version, value: value,
            digest: try row.optionalText("digest"))
    }
}
