import ArgumentParser
import Foundation
import Recording

/// Where records and databases of a benchmark go, and which nodes it starts.
struct Workplace: ParsableArguments {
    @Option(
        help: "The folder in which records are kept while they are needed. Its disk is measured.",
        completion: .directory)
    var folder = "runs"

    @Option(help: "The region-node executable; by default the one beside this program.")
    var node: String?

    /// A path for a new record.
    func newFolder(_ name: String) -> String {
        "\(folder)/\(name)-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    /// What `body` makes of a file that the history is written to, and that is gone thereafter.
    func withFile<Result>(
        of history: consuming History, _ body: (String) throws -> Result
    ) throws -> Result {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = newFolder("history") + ".jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw BenchFailure("\(path) cannot be written") }
        try HistoryExport(history, as: .jsonLines).write { try file.write(contentsOf: $0) }
        try file.close()
        return try body(path)
    }

    /// The `region-node` to start.
    func nodeExecutable() throws -> String {
        if let node { return node }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = (own as NSString).deletingLastPathComponent + "/region-node"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchFailure("'\(path)' is not an executable; build region-node")
        }
        return path
    }
}
