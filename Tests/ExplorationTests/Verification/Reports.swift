import Consistency
import Recording
import Scenarios

@testable import Judgement

/// Made-up runs of a scenario with one fault, for comparisons: every figure is a base that a run
/// may differ from by a little noise.
struct MadeRun {
    var seed: UInt64 = 1
    var median = 90.0
    var ninetyFifth = 95.0
    var ninetyNinth = 120.0
    var availability = 0.99
    var detected: Double? = 800
    var failedOver: Double? = 1400
    var recovered: Double? = 6000
    var converged: Double? = 500
    var convergence = 170.0
    var messages = 4.7
    var stale = 0
    var lost = 0
    var planned = 1000
    var count = 1000
    var linearizable: Bool? = true
    var available: Bool? = true
    var hadEffect: Bool? = true
    var lateness = 1.0

    /// The report of such a run. Latencies are those of writes before the fault; of reads, and of
    /// other phases, there is nothing.
    var report: Report {
        let zero = MillisecondQuantiles.zero
        return Report(
            scenario: Report.ScenarioName(name: "made", title: "Made up", digest: "sha256:00"),
            engine: .processes, seed: seed, verdict: .pass, isComplete: true, remarks: [],
            duration: 20_000, wall: nil,
            harnessLag: MillisecondQuantiles(p50: 0, p99: lateness, max: lateness),
            operations: Report.OperationCounts(
                planned: planned, invoked: planned, ok: planned, fail: 0, info: 0),
            availability: [
                AvailabilityRow(
                    scope: RowScope(region: "us-east-1", operation: "write"), planned: planned,
                    answered: planned),
                AvailabilityRow(
                    scope: RowScope(region: "us-east-1"), planned: 1000,
                    answered: Int((availability * 1000).rounded())),
                AvailabilityRow(
                    scope: RowScope(region: "us-east-1", phase: .during), planned: 1000,
                    answered: Int((availability * 1000).rounded())),
            ],
            latency: [
                LatencyRow(
                    scope: RowScope(region: "us-east-1", operation: "write", phase: .before),
                    count: count, mean: median, p50: median, p95: ninetyFifth,
                    p99: ninetyNinth, p999: ninetyNinth, max: ninetyNinth),
                LatencyRow(
                    scope: RowScope(region: "us-east-1", operation: "write"), count: count,
                    mean: median, p50: median, p95: ninetyFifth, p99: ninetyNinth,
                    p999: ninetyNinth, max: ninetyNinth),
            ],
            network: NetworkFigures(
                messages: 4700, bytes: 1, crossRegionBytes: 1, messagesPerOperation: messages,
                delayError: zero),
            faults: [
                FaultFigures(
                    id: "f1", kind: "isolate", targets: ["us-east-1"], start: 5000, end: 9000,
                    hadEffect: hadEffect, evidence: [], detected: detected,
                    failedOver: failedOver, servedAgain: nil, recovered: recovered,
                    converged: converged, leadersTaken: [], homesTaken: [], writesLost: 0,
                    oldestLost: nil)
            ],
            consistency: ConsistencyFigures(
                linearizable: ConsistencyFigures.LinearizabilityFinding(
                    dataType: nil, verdict: .valid, checked: 1000, violations: [], reason: nil),
                perDataType: [], models: [],
                staleness: ConsistencyFigures.StalenessFigures(
                    age: zero, versionsBehind: zero, staleReads: stale, reads: 1000, ages: []),
                visibility: [],
                lostUpdates: lost, unaudited: 0,
                conflicts: ConsistencyFigures.ConflictFigures(
                    detected: 0, discardedConcurrent: 0, resolved: [])),
            convergence: ConvergenceFigures(
                converged: true, time: convergence, digests: [], leftOut: []),
            expectations: [
                ExpectationFinding(
                    expect: "linearizable", held: linearizable, kind: .safety, measured: ""),
                ExpectationFinding(
                    expect: "availability", held: available, kind: .liveness, measured: ""),
            ],
            performance: Report.PerformanceFigures())
    }

    /// Runs under the seeds 1 to `count`, changed by `change`.
    static func several(
        _ count: Int, _ change: (inout MadeRun, Int) -> Void = { _, _ in }
    ) -> [Report] {
        (0..<count).map { index in
            var run = MadeRun(seed: UInt64(index + 1))
            change(&run, index)
            return run.report
        }
    }
}
