import ArgumentParser
import Consistency
import Determinism
import Dispatch
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

    /// What a million transactions may take.
    private static let secondsMax = 10.0
    private static let bytesMax = 3_000_000_000

    func run() throws {
        let draw = TransactionDraw(kind: kind, count: count, staleCount: stale)
        let history = draw.history(seed: seed)
        print(
            "check-transactions: \(grouped(history.count)) transactions, "
                + "\(grouped(history.operationCount)) operations, \(bytes(history.bytes)); "
                + "\(HostFigures.summary)")
        let start = DispatchTime.now().uptimeNanoseconds
        let processor = HostFigures.ownProcessorTime.seconds
        let result = TransactionConsistency.check(history)
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let used = HostFigures.ownProcessorTime.seconds - processor
        print(
            "verdict \(result.verdict.rawValue), \(grouped(result.dependencies)) dependencies: "
                + "\(decimal(seconds, places: 2)) s, \(decimal(used, places: 2)) s of a "
                + "processor, \(bytes(HostFigures.ownBytesMax))")
        for (anomaly, count) in result.counts { print("  \(anomaly.name): \(grouped(count))") }
        if let reason = result.reason { print("  \(reason)") }
        let isMet =
            used <= Self.secondsMax * max(1, Double(count) / 1_000_000)
            && HostFigures.ownBytesMax <= Self.bytesMax && (stale > 0 || result.verdict == .valid)
        print("check-transactions: \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }
}

extension TransactionHistory.Kind: ExpressibleByArgument {}
