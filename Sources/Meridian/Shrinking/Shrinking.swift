import Exploration
import Foundation
import Judgement
import Recording
import RegionCore
import Scenarios
import Subprocess
import SystemPackage

/// Makes the failing run of the record in `folder` as small as it can with `budget` runs. With
/// `keeping`, the name of an expectation, that one must still fail.
///
/// Every run is a process of its own, so that one that brings the program down is a finding and
/// not the end. Throws ``ShrinkError`` for a record that did not fail, or whose plan does not
/// fail any more; `RecordError` and `ScenarioError` for one that cannot be read.
package func shrink(
    folder path: String, keeping name: String? = nil, budget: Int,
    watch: @escaping @Sendable (ShrinkProgress) -> Void
) async throws -> ShrinkResult {
    let plan = try Plan(recordedScenario(path))
    let contents = try RecordFolder.open(at: path).read()
    let recorded = try recordedFailure(contents, plan, keeping: name)
    do {
        var result = try await Shrinker.shrink(
            plan, recorded: recorded, strategies: strategies.descriptions, budget: budget,
            run: runInProcess, watch: watch)
        result.scenario.name = shrunkName(of: plan.name)
        result.scenario.title = nil
        return result
    } catch let refusal as ShrinkRefusal {
        throw ShrinkError(refusal, engine: contents.run.engine)
    }
}

private func shrunkName(of name: String) -> String {
    name.hasSuffix("-shrunk") ? name : name + "-shrunk"
}

/// How the recorded run failed.
private func recordedFailure(
    _ contents: RecordContents, _ plan: Plan, keeping name: String?
) throws -> ShrinkTarget {
    guard contents.run.isComplete else {
        // Whoever ends a run in order says why; only a crash has no time to.
        guard let failure = contents.run.failure else { return .crash }
        throw ShrinkError(
            description: "the recorded run did not come to its end (\(failure)), which is no "
                + "failure that can be shrunk")
    }
    let trial = ShrinkTrial(Judge.judge(contents, plan: plan))
    guard let target = ShrinkTarget(trial, of: plan.scenario) else {
        let why =
            trial.failures.isEmpty
            ? "every expectation held" : "its verdict is unknown: \(trial.failures[0].detail)"
        throw ShrinkError(description: "the recorded run did not fail; \(why)")
    }
    guard let name else { return target }
    let kept = trial.failed.filter { expectationName(at: $0, in: plan) == name }
    guard !kept.isEmpty else {
        let failed = trial.failed.map { expectationName(at: $0, in: plan) }.joined(separator: ", ")
        throw ShrinkError(
            description: "'\(name)' is no expectation that failed in the record; failed: \(failed)")
    }
    return .expectations(kept)
}

/// A record that there is nothing to shrink of.
package struct ShrinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why.
    package var description: String

    /// With this description.
    init(description: String) { self.description = description }

    init(_ refusal: ShrinkRefusal, engine: RunInformation.Engine) {
        let instead =
            refusal.failures.isEmpty
            ? "every expectation holds"
            : "instead: " + refusal.failures.map(\.kind).joined(separator: "; ")
        let why: String
        switch engine {
        case .processes:
            why = "real processes raced with the host then, or seeds do not carry over"
        case .virtual: why = "the program has changed since"
        }
        description =
            "the plan of the record does not fail like that in virtual time any more (\(instead)); "
            + why
    }
}

/// Runs a plan in a process of this program's own.
@Sendable private func runInProcess(_ plan: Plan) async throws -> ShrinkTrial {
    let arguments = [
        "shrink-worker", "--parent", "\(ProcessInfo.processInfo.processIdentifier)",
    ]
    let result = try await Subprocess.run(
        .path(FilePath("/proc/self/exe")), arguments: Arguments(arguments),
        input: .string(plan.yaml), output: .string(limit: 1 << 22), error: .string(limit: 1 << 16))
    switch result.terminationStatus {
    case .exited(0):
        guard let json = try? JSONParser.parse(Array(result.standardOutput.utf8)[...]),
            let trial = ShrinkTrial(json: json)
        else { return .crash("the process said nothing") }
        return trial
    case .exited(let code):
        let reason = result.standardError.split(separator: "\n").first.map(String.init)
        throw RunError(description: reason ?? "a run could not be made (\(code))")
    case .signaled(let signal): return .crash("signal \(signal)")
    }
}

/// What such a process does: the run of the plan that reads `yaml`, in a line.
package func workOnShrink(_ yaml: String) throws -> JSONValue {
    let scenario = try Scenario.decode(yaml: yaml, strategies: strategies.descriptions)
    let result = try SeedRun.carryOut(Plan(scenario), strategies: strategies)
    return ShrinkTrial(result.report).json
}

/// The name of the expectation at a position of a trial.
private func expectationName(at position: Int, in plan: Plan) -> String {
    position == ShrinkTrial.liveness ? "liveness" : plan.expectations[position].name
}
