import ArgumentParser
import Consistency
import Recording
import Reporting

/// `meridian-bench check-transactions`: how fast a history of transactions is checked for
/// dependency cycles.
struct CheckTransactionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-transactions",
        abstract: "Time and memory of checking a large history of transactions.")

    @Option(help: "How many transactions the history has.")
    var count = 1_000_000

    @Option(help: "What the transactions are about: list-append or rw-register.")
    var kind = TransactionHistory.Kind.listAppend

    @Option(help: "How many transactions read what was there some time before.")
    var stale = 0

    @Option(help: "The seed of the history.")
    var seed: UInt64 = 1

    @OptionGroup var place: Workplace

    func run() throws {
        let draw = TransactionDraw(kind: kind, count: count, staleCount: stale)
        print(
            "check-transactions: a history on disk, checked in a process of its own; "
                + HostFigures.summary)
        let run = try place.withFile(of: draw.history(seed: seed)) {
            try CheckRun.measured($0, Self.arguments)
        }
        guard let run else { throw BenchFailure("the check took longer than ten minutes") }
        var table = CheckTable("\(kind.rawValue), \(grouped(stale)) stale reads")
        table.add("strict-serializable", run)
        print(table.text)
        for violation in run.violations.prefix(5) { print("  \(violation)") }
        let isMet = Self.isMet(run) || (stale > 0 && run.verdict == "invalid")
        print("check-transactions: \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    static let arguments = [
        "--kind", ObjectKind.listAppend.rawValue, "--model", "strict-serializable",
    ]

    /// Whether the check of a valid history took no more than it may.
    static func isMet(_ run: CheckRun) -> Bool {
        run.verdict == "valid" && run.bytesMax <= 3_000_000_000
            && run.loadingRate >= CheckCommand.loadingRateMin
            && run.checkingSeconds <= 10 * max(1, Double(run.operations) / 1_000_000)
    }
}

extension TransactionHistory.Kind: ExpressibleByArgument {}
