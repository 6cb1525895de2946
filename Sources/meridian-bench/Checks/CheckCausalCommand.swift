import ArgumentParser
import Consistency
import Determinism
import Dispatch
import Reporting

/// `meridian-bench check-causal`: what the causal checkers take for generated histories that are
/// right, or right but for one read.
struct CheckCausalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-causal",
        abstract: "Time and memory of the checks of CC, CCv, CM, PRAM and session guarantees.")

    @Option(help: "Operations of each history.") var count = 1_000_000
    @Option(help: "Sessions.") var sessions = 100
    @Option(help: "Keys.") var keys = 1_000
    @Option(help: "The share of writes in percent.") var writes = 50
    @Option(help: "How keys are drawn: uniform or zipfian.") var distribution = "uniform"
    @Option(help: "Seed of the generator.") var seed: UInt64 = 1
    @Flag(help: "Check sequential consistency too, of a history from a single store.")
    var sequential = false

    func validate() throws {
        guard count > 0, sessions > 0, keys > 0, (0...100).contains(writes) else {
            throw ValidationError("counts must be positive and the share at most 100")
        }
        guard HistoryGenerator.Keys(rawValue: distribution) != nil else {
            throw ValidationError("keys are drawn uniform or zipfian, not \(distribution)")
        }
    }

    func run() throws {
        print(HostFigures.summary)
        var table = TextTable([
            .left("history"), .left("check"), .left("verdict"), .right("operations"),
            .right("seconds"), .right("of a core"), .right("ns/op"), .right("states"),
            .right("process max"),
        ])
        var isAsExpected = true
        func add(
            _ choice: HistoryGenerator.Choice, _ name: String, expected: CheckVerdict?,
            _ check: () -> (CheckVerdict, Int)
        ) {
            let start = DispatchTime.now().uptimeNanoseconds
            let processorStart = HostFigures.ownProcessorTime
            let (verdict, states) = check()
            let wall = Double(DispatchTime.now().uptimeNanoseconds - start)
            // On a busy host only processor time says what a check takes.
            let spent = (HostFigures.ownProcessorTime - processorStart).seconds
            if let expected, expected != verdict { isAsExpected = false }
            table.add([
                choice.rawValue, name, verdict.rawValue, grouped(count),
                decimal(wall / 1e9, places: 2), decimal(spent, places: 2),
                decimal(spent * 1e9 / Double(count), places: 0),
                grouped(states), Reporting.bytes(HostFigures.ownBytesMax),
            ])
        }
        for choice in HistoryGenerator.Choice.allCases {
            if choice == .single, !sequential { continue }
            let history = generated(choice)
            for model in CausalModel.allCases {
                let expected: CheckVerdict? =
                    switch (choice, model) {
                    case (.lastApplied, .causalConvergence), (.latestInLog, .causalMemory),
                        (.latestInLog, .pram):
                        nil
                    case (.lastApplied, _), (.latestInLog, _), (.single, _): .valid
                    }
                add(choice, model.rawValue, expected: expected) {
                    let result = CausalConsistency.check(history, model)
                    return (result.verdict, result.states)
                }
            }
            add(choice, "session guarantees", expected: nil) {
                let results = ValueGuarantees.check(history)
                let isValid = SessionGuarantee.allCases.allSatisfy {
                    results[$0]?.verdict == .valid
                }
                return (isValid ? .valid : .invalid, 0)
            }
            if choice == .single {
                add(choice, "sequential", expected: nil) {
                    let result = SequentialConsistency.check(history)
                    return (result.verdict, result.states)
                }
            }
        }
        print(table.text)
        if !isAsExpected { throw ArgumentParser.ExitCode(1) }
    }

    private func generated(_ choice: HistoryGenerator.Choice) -> SessionHistory {
        var generator = HistoryGenerator(sessions: sessions, operations: count, keys: keys)
        generator.choice = choice
        generator.writeShare = Double(writes) / 100
        generator.distribution = HistoryGenerator.Keys(rawValue: distribution) ?? .uniform
        generator.seed = seed
        return HistoryGenerator.history(generator.generate(), withTimes: true)
    }
}
