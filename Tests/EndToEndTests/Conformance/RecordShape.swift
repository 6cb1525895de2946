import Foundation
import Recording

/// What a record is made of, whatever the values: its files, the members of their rows, the kinds
/// of events and what each says.
struct RecordShape: Equatable {
    /// The members of the rows of each file, by the file's name; none for files of another form.
    var files: [String: Set<String>] = [:]
    /// What each kind of event says.
    var events: [String: Set<String>] = [:]

    /// The shape of the record in `folder`. What nodes leave there is no part of it.
    init(of folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name != "nodes" {
            let path = folder + "/" + name
            files[name] = []
            if name.hasSuffix(".json") {
                try add(Self.object(contentsOf: path), to: name)
            } else if name.hasSuffix(".jsonl") {
                for line in try String(contentsOfFile: path, encoding: .utf8)
                    .split(separator: "\n")
                {
                    try add(Self.object(line), to: name)
                }
            }
        }
    }

    private mutating func add(_ row: [String: Any], to file: String) {
        files[file, default: []].formUnion(row.keys)
        guard file == RecordFolder.File.events.rawValue, let kind = row["kind"] as? String else {
            return
        }
        let fields = row["fields"] as? [String: Any] ?? [:]
        events[kind, default: []].formUnion(fields.keys)
    }

    private static func object(contentsOf path: String) throws -> [String: Any] {
        try object(String(contentsOfFile: path, encoding: .utf8)[...])
    }

    private static func object(_ text: Substring) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }
}
