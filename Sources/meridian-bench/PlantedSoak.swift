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
    var seeds = 400

    @Option(help: "Failing seeds after which a bug counts as found and the next is looked for.")
    var enough = 7

    @Argument(help: "Only these bugs; 'none' for no bug at all.")
    var names: [String] = []

    #if PlantedBugs
        func run() throws {
            let bugs = PlantedBug.allCases.map(\.rawValue) + ["none"]
            var table = TextTable([
                .left("bug"), .left("scenario"), .right("seeds"), .right("failed"),
                .right("median"), .left("found by"),
            ])
            var missed: [String] = []
            for bug in bugs where names.isEmpty || names.contains(bug) {
                let isNone = bug == "none"
                var best: Search?
                for file in files(for: bug) {
                    let search = try look(for: isNone ? nil : bug, in: file)
                    print("\(bug) \(search.text)")
                    if best.map({ search.failing.count > $0.failing.count }) ?? true {
                        best = search
                    }
                    if !isNone, !search.failing.isEmpty { break }
                }
                guard let best else { continue }
                if best.failing.isEmpty != isNone { missed.append(bug) }
                table.add([
                    bug, best.file, "\(best.tried)", "\(best.failing.count)",
                    best.median.map { "\($0)" } ?? "-",
                    best.kinds.prefix(3).joined(separator: "; "),
                ])
            }
            print(table.text)
            guard missed.isEmpty else {
                print("not as they should be: \(missed.joined(separator: ", "))")
                throw ArgumentParser.ExitCode(1)
            }
        }

        /// Where a bug is looked for: first in the stock scenario of its strategy.
        private func files(for bug: String) -> [String] {
            let all = PlantedBug.allCases.map(\.rawValue)
            let first = all.firstIndex(of: PlantedBug.antiEntropySkipsSubtree.rawValue) ?? 0
            let last = all.firstIndex(of: PlantedBug.servesWhileIncomplete.rawValue) ?? 0
            guard let index = all.firstIndex(of: bug) else {
                return ["fuzz.yaml", "fuzz-eventual.yaml"]
            }
            return (first...last).contains(index)
                ? ["fuzz-eventual.yaml"] : ["fuzz.yaml", "fuzz-eventual.yaml"]
        }

        /// What a search came to.
        private struct Search {
            var file: String
            var tried = 0
            /// The seeds that failed, in order.
            var failing: [UInt64] = []
            /// How they failed, most frequent first.
            var kinds: [String] = []

            /// How many seeds it takes from one that failed to the next, in the median.
            var median: UInt64? {
                let gaps = zip(failing, [0] + failing).map { $0 - $1 }.sorted()
                return gaps.isEmpty ? nil : gaps[gaps.count / 2]
            }

            var text: String {
                "\(file): \(failing.count) of \(tried) seeds, \(kinds.joined(separator: "; "))"
            }
        }

        private func look(for bug: String?, in file: String) throws -> Search {
            var search = Search(file: file)
            var counts: [String: Int] = [:]
            while search.tried < seeds, search.failing.count < enough || bug == nil {
                let first = search.tried + 1
                search.tried = min(seeds, search.tried + (bug == nil ? seeds : 40))
                let summary = try fuzz(file, first...search.tried, bug)
                for group in summary["failures"]?.elements ?? [] {
                    guard let kind = group["kind"]?.text, !kind.hasPrefix("unknown") || bug == nil
                    else { continue }
                    let seeds = (group["seeds"]?.elements ?? []).compactMap {
                        $0.text.flatMap(UInt64.init)
                    }
                    counts[kind, default: 0] += seeds.count
                    search.failing = Array(Set(search.failing + seeds)).sorted()
                }
            }
            search.kinds = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
            return search
        }

        private func fuzz(
            _ file: String, _ range: ClosedRange<Int>, _ bug: String?
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
            environment[PlantedBug.variable] = bug
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
