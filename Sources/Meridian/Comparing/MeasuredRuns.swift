import Determinism
import Dispatch
import Exploration
import Foundation
import Judgement
import Recording
import Scenarios
import Synchronization

/// Many runs of plans, in one engine, each measured and asked which models it kept to.
struct MeasuredRuns: Sendable {
    var engine: RunInformation.Engine
    /// How many run at a time in virtual time; processes always have the host for themselves.
    var jobs: Int
    /// Where the records of runs with processes go.
    var folder: String
    var nodeExecutable: String?
    var commandLine: [String]

    /// Carries out the runs; `took` is called with the place of each when it is done, one at a
    /// time but in any order. What one of them throws ends all.
    func carryOut(
        _ plans: [Plan], took: @escaping @Sendable (Int, Report, HeldModels) throws -> Void
    ) async throws {
        switch engine {
        case .virtual: try simulate(plans, took)
        case .processes: try await run(plans, took)
        }
    }

    private func simulate(
        _ plans: [Plan], _ took: @escaping @Sendable (Int, Report, HeldModels) throws -> Void
    ) throws {
        struct State {
            var next = 0
            var failure: (any Error)?
        }
        let state = Mutex(State())
        DispatchQueue.concurrentPerform(iterations: min(jobs, plans.count)) { _ in
            while true {
                let claimed = state.withLock { state -> Int? in
                    guard state.failure == nil, state.next < plans.count else { return nil }
                    state.next += 1
                    return state.next - 1
                }
                guard let index = claimed else { return }
                do {
                    let run = try SeedRun.measure(plans[index], strategies: strategies)
                    try Self.requireEnd(of: run.report, plans[index])
                    try state.withLock { _ in try took(index, run.report, run.models) }
                } catch {
                    state.withLock { $0.failure = $0.failure ?? error }
                }
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// A run that did not come to its end has no figures.
    private static func requireEnd(of report: Report, _ plan: Plan) throws {
        guard !report.isComplete else { return }
        let strategies = plan.groups.map(\.strategy).joined(separator: ", ")
        throw RunError(
            description: "'\(plan.name)' with \(strategies), seed \(plan.seed): "
                + (report.remarks.first ?? "the run did not come to its end"))
    }

    private func run(
        _ plans: [Plan], _ took: @Sendable (Int, Report, HeldModels) throws -> Void
    ) async throws {
        var number = 0
        for (index, plan) in plans.enumerated() {
            var options = RunOptions()
            // What was stopped and goes on has records there already.
            repeat {
                number += 1
            } while FileManager.default.fileExists(atPath: "\(folder)/run-\(number)")
            options.folder = "\(folder)/run-\(number)"
            options.nodeExecutable = nodeExecutable
            options.commandLine = commandLine
            let result = try await Meridian.run(plan.scenario, options: options)
            if let failure = result.failure { throw failure }
            let record = try RecordFolder.open(at: result.folder).read()
            try took(index, result.report, HeldModels(record, plan: plan))
        }
    }
}
