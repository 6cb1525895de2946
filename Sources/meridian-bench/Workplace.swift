import ArgumentParser
import Foundation

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
