import ArgumentParser
import Consistency
import Foundation
import Meridian
import Recording
import Scenarios

/// `meridian check`: is a history one that a consistency model allows?
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a history against consistency models.",
        discussion: """
            Reads the record of a run, a history.jsonl, Jepsen's EDN (one map a line or one \
            vector) or Jepsen's log. An operation that ended :info may take effect at any later \
            time or never; one that ended :fail did not.

            MODEL is what the history is one of: \(ObjectKind.allCases.map {
                "\($0.rawValue) (\($0.summary))"
            }.joined(separator: "; ")). Without it the record or the operations tell. It may also \
            be a consistency model, as --consistency takes them: \
            \(ConsistencyModel.allCases.map(\.rawValue).joined(separator: ", ")).

            EXAMPLE
              meridian check history.edn --model cas-register
              meridian check runs/first-outage-20260101T000000Z
              meridian check history.jsonl --consistency read-your-writes --json
              meridian check history.edn --staleness 500ms --versions 2 --delta 500ms
              meridian check set.edn --consistency set-full --stable-latency 2s

            EXIT CODES
              0 valid    1 invalid    3 unknown    64 wrong usage    65 not readable
            """)

    @Argument(help: "A file with a history, or the folder of a record.", completion: .file())
    var history: String

    @Option(help: "What the history is one of.")
    var model: String?

    @Option(help: "The consistency model; repeatable.")
    var consistency: [String] = []

    @Option(help: "No read may return what had been superseded for longer, as in 500ms.")
    var staleness: DurationArgument?

    @Option(help: "No read may return what more writes than this had superseded.")
    var versions: Int?

    @Option(help: "Reads fit an order of all operations if they had come up to this much earlier.")
    var delta: DurationArgument?

    @Option(help: "All reads show 99 of 100 elements of a set or list after this long.")
    var stableLatency: DurationArgument?

    @Option(help: "The most states that the search for an order may go through.")
    var budget: Int = CheckBudget().statesMax

    @Option(help: "Give up after this long, as in 10s.")
    var timeLimit: DurationArgument?

    @Option(help: "Give up at this much memory, as in 1GB.")
    var memoryLimit: SizeArgument?

    @Flag(help: "Print the verdict as JSON, and nothing else.")
    var json = false

    func validate() throws {
        if budget < 1 { throw ValidationError("budget: at least 1") }
        if let versions, versions < 0 { throw ValidationError("versions: at least 0") }
        _ = try choice()
    }

    func run() throws {
        let check = try choice()
        let view = CheckView(isQuiet: json)
        let limits = CheckLimits(time: timeLimit?.span, bytes: memoryLimit?.bytes) { reason in
            view.clear()
            print(json ? Self.unknown(history, reason) : "\(history): unknown: \(reason)")
        }
        let verdict = try limits.enforce {
            try reportingErrors {
                try check.run(path: history) { view.show($0) }
            }
        }
        view.clear()
        print(json ? verdict.json.indented : verdict.text)
        if verdict.exitCode != 0 { throw ArgumentParser.ExitCode(verdict.exitCode) }
    }

    private func choice() throws -> HistoryCheck {
        var check = HistoryCheck()
        check.budget.statesMax = budget
        if let bytes = memoryLimit?.bytes { check.budget.bytesMax = max(1 << 20, bytes / 8) }
        if staleness != nil || versions != nil {
            check.bounds.append(.staleness(age: staleness?.span, versions: versions))
        }
        if let delta { check.bounds.append(.delta(atMost: delta.span)) }
        if let stableLatency {
            check.bounds.append(.stableLatency(percentile: 99, atMost: stableLatency.span))
        }
        var named = consistency
        if let model {
            if let kind = ObjectKind(rawValue: model) {
                check.kind = kind
            } else if consistency.isEmpty {
                named = [model]
            } else {
                throw ValidationError(
                    "model: one of \(ObjectKind.allCases.map(\.rawValue).joined(separator: ", ")), "
                        + "not \(model)")
            }
        }
        guard !named.isEmpty else { return check }
        check.models = try named.map { name in
            guard let model = ConsistencyModel(rawValue: name) else {
                let known = ObjectKind.allCases.map(\.rawValue)
                let models = ConsistencyModel.allCases.map(\.rawValue)
                throw ValidationError(
                    "\(name) is no model; there are \(known.joined(separator: ", ")) and, with "
                        + "--consistency, \(models.joined(separator: ", "))")
            }
            return model
        }
        return check
    }

    private static func unknown(_ history: String, _ reason: String) -> String {
        HistoryVerdict.unknown(path: history, reason: reason).indented
    }
}
