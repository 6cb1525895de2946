import ArgumentParser
import Foundation
import Recording
import Replication
import Reporting

/// `meridian-bench planted`: how many seeds `meridian fuzz` takes to find each planted bug, and
/// which check finds it. Needs a build with the trait `PlantedBugs`.
struct PlantedSoak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planted",
        abstract: "Looks for every planted bug with 'meridian fuzz' and the stock scenarios.")

    @Option(help: "The folder with the stock scenarios.", completion: .directory)
    var scenarios = "scenarios"

    @Option(help: "The most seeds that a bug may take.")
    var seeds = 1000

    @Option(
        help: """
            Finds after which the next bug is looked for. The seeds from one to the next are a \
            stretch, and the median is that of all stretches.
            """)
    var enough = 25

    @Argument(help: "Only these bugs; 'none' for no bug at all.")
    var names: [String] = []

    #if PlantedBugs
        func run() throws {
            let bugs = PlantedBug.allCases.map(Optional.some) + [nil]
            var table = TextTable([
                .left("bug"), .left("scenario"), .right("seeds"), .right("failed"),
                .right("median"), .left("found by"),
            ])
            var missed: [String] = []
            for bug in bugs {
                let name = bug?.rawValue ?? "none"
                guard names.isEmpty || names.contains(name) else { continue }
                var searches: [PlantedSearch] = []
                for file in bug?.stockScenarios ?? PlantedBug.allScenarios {
                    let search = try look(for: bug, in: file)
                    tell("\(name) in \(search.text)")
                    searches.append(search)
                }
                // Without a bug nothing may fail anywhere; a bug may be found in one of several.
                let told = bug == nil ? searches : searches.max { $0.share < $1.share }.map { [$0] }
                for search in told ?? [] {
                    if search.failing.isEmpty == (bug != nil) { missed.append(name) }
                    table.add([
                        name, search.file, "\(search.tried)", "\(search.failing.count)",
                        search.median.map { "\($0)" } ?? "-",
                        search.kinds.prefix(3).joined(separator: "; "),
                    ])
                }
            }
            tell(table.text)
            guard missed.isEmpty else {
                tell("not as they should be: \(missed.joined(separator: ", "))")
                throw ArgumentParser.ExitCode(1)
            }
        }

        /// Prints at once, also into a file.
        private func tell(_ line: String) {
            FileHandle.standardOutput.write(Data((line + "\n").utf8))
        }

        private func look(for bug: PlantedBug?, in file: String) throws -> PlantedSearch {
            var search = PlantedSearch(file: file)
            while search.tried < seeds, search.failing.count < enough || bug == nil {
                let first = search.tried + 1
                search.tried = min(seeds, search.tried + (bug == nil ? seeds : 40))
                search.add(try fuzz(file, first...search.tried, bug), counting: bug == nil)
            }
            return search
        }

        private func fuzz(
            _ file: String, _ range: ClosedRange<Int>, _ bug: PlantedBug?
        ) throws -> JSONValue {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let process = Process()
            process.executableURL = URL(
                fileURLWithPath: (own as NSString).deletingLastPathComponent + "/meridian")
            process.arguments = [
                "fuzz", "\(scenarios)/\(file)", "--seeds",
                "\(range.lowerBound)..\(range.upperBound)", "--json",
            ]
            var environment = ProcessInfo.processInfo.environment
            environment[PlantedBug.variable] = bug?.rawValue
            process.environment = environment
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return try JSONParser.parse(Array(data)[...])
        }
    #else
        func run() throws {
            throw BenchFailure("this build holds no planted bugs; use scripts/soak planted")
        }
    #endif
}
