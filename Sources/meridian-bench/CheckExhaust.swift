import ArgumentParser
import Consistency
import Determinism
import Reporting

/// `meridian-bench check-exhaust`: the checkers of sessions against decisions from the
/// definitions, on every small history and on random ones. The tests do a part of it.
struct CheckExhaust: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-exhaust",
        abstract: "Compares CC, CCv, CM, PRAM, sequential consistency and session guarantees with "
            + "their definitions.")

    @Option(help: "All histories of up to so many operations.") var operations = 5
    @Flag(help: "Operations that read and then write are among them.") var swaps = false
    @Option(help: "Random histories of six, eight, and some dozens of operations, so many each.")
    var random: UInt64 = 10_000

    func run() throws {
        var comparison = ReferenceComparison()
        var count = 0
        var failures = 0
        func take(_ complaints: [String]) {
            count += 1
            guard !complaints.isEmpty else { return }
            failures += 1
            if failures <= 10 { print(complaints.joined(separator: "\n  ")) }
        }
        for size in stride(from: 1, through: operations, by: 1) {
            SmallHistories.forEach(count: size, swaps: swaps) { take(comparison.compare($0)) }
        }
        print("all histories of up to \(operations) operations: \(grouped(count))")
        for seed in 0..<random {
            var stream = RandomStream(seed: seed, name: "check-exhaust")
            let six = SmallHistories.random(
                count: 6, sessions: 2 + stream.index(2), keys: 1 + stream.index(3), &stream)
            take(comparison.compare(six))
            let eight = SmallHistories.random(
                count: 8, sessions: 2 + stream.index(2), keys: 1 + stream.index(3), &stream)
            take(comparison.compare(eight, allOrders: false))
            take(ReferenceComparison.compareViews(seed: seed).complaints)
        }
        for name in comparison.tally.keys.sorted() {
            let verdicts = comparison.tally[name] ?? [:]
            let parts = CheckVerdict.allCases.map { "\(grouped(verdicts[$0] ?? 0)) \($0)" }
            print("  \(name): \(parts.joined(separator: ", "))")
        }
        print("\(grouped(count)) histories, \(failures) differ")
        if failures > 0 { throw ArgumentParser.ExitCode(1) }
    }
}
