import Judgement
import Recording
import Reporting
import Scenarios
import Testing

@testable import Exploration

/// Whether engines that differ are told from engines that do not, over made-up runs.
struct AgreementTests {
    private func agreement(
        _ processes: [Report], _ virtual: [Report], isPlanExact: Bool = true
    ) -> Agreement {
        Agreement(
            scenario: "made", processes: processes, virtual: virtual, isPlanExact: isPlanExact)
    }

    /// A little noise, another for each run: at most ± 1.
    private static func noise(_ index: Int) -> Double {
        [0.3, -0.6, 0.9, -0.2, 0.1, -0.9, 0.5][index % 7]
    }

    private static let planted: [(Quantity.Measure, @Sendable (inout MadeRun) -> Void)] = [
        (.planned, { $0.planned += 1 }),
        (.median, { $0.median += 8 }),
        (.ninetyFifth, { $0.ninetyFifth -= 25 }),
        (.ninetyNinth, { $0.ninetyNinth += 40 }),
        (.availability, { $0.availability -= 0.04 }),
        (.detection, { $0.detected? += 500 }),
        (.failover, { $0.failedOver? -= 900 }),
        (.recovery, { $0.recovered? += 3000 }),
        (.faultConvergence, { $0.converged? += 600 }),
        (.convergence, { $0.convergence += 700 }),
        (.messages, { $0.messages += 1 }),
        (.staleReads, { $0.stale += 50 }),
        (.lostWrites, { $0.lost += 20 }),
    ]

    @Test func runsThatAreTheSameAgree() {
        let runs = MadeRun.several(3)
        let found = agreement(runs, runs)
        #expect(found.verdict == .agree)
        #expect(found.exitCode == .passed)
        #expect(found.comparisons.count == 13)
        #expect(found.comparisons.allSatisfy { $0.finding == .equivalent })
        #expect(found.statements.map(\.finding) == [.equivalent, .equivalent, .equivalent])
    }

    @Test(arguments: AgreementTests.planted.indices)
    func aPlantedDifferenceIsFound(_ index: Int) {
        let (measure, plant) = Self.planted[index]
        let processes = MadeRun.several(5) { run, index in run.median += Self.noise(index) }
        let virtual = MadeRun.several(20) { run, index in
            run.median += Self.noise(index + 1)
            plant(&run)
        }
        let found = agreement(processes, virtual)
        #expect(found.verdict == .differ, "\(measure)")
        #expect(found.exitCode == .livenessFailed)
        let different = found.comparisons.filter { $0.finding == .different }
        #expect(different.map(\.quantity.measure) == [measure])
        #expect(found.comparisons.first?.quantity.measure == measure, "the worst comes first")
        #expect(AgreementReport(found).text.contains("DIFFERENT\n  \(measure.rawValue)"))
    }

    @Test func everyMeasureHasAPlantedDifference() {
        #expect(Self.planted.map(\.0) == Quantity.Measure.allCases)
    }

    @Test func aDifferenceWithinTheMarginIsNone() {
        let virtual = MadeRun.several(20) { run, index in
            run.median += 2 + Self.noise(index) / 10
            run.ninetyNinth += 8
            run.detected? -= 150
            run.messages += 0.2
        }
        let found = agreement(MadeRun.several(5), virtual)
        #expect(found.verdict == .agree)
        #expect(found.count(.different) == 0)
    }

    @Test func noiseOfOneEngineIsUndecided() {
        // The processes scatter, the virtual engine does not: three runs cannot tell.
        let scattered = [2000.0, -1500, 900]
        let processes = MadeRun.several(3) { run, index in
            let extra = scattered[index]
            run.detected? += extra
            run.failedOver? += extra
            run.recovered? += extra * 3
            run.converged? += extra
        }
        let found = agreement(processes, MadeRun.several(20))
        #expect(found.verdict == .undecided)
        #expect(found.exitCode == .unknown)
        let undecided = found.comparisons.filter { $0.finding == .undecided }
        #expect(
            Set(undecided.map(\.quantity.measure))
                == [.detection, .failover, .recovery, .faultConvergence])
    }

    @Test func whatSeedsDifferByInBothEnginesIsNoDifference() {
        // Elections scatter in both engines alike, whatever the seed.
        let scattered = [0.0, 900, -700, 500, -300, 800, -900]
        func scatter(_ from: Int) -> (inout MadeRun, Int) -> Void {
            { run, index in run.failedOver? += scattered[(from + index) % 7] }
        }
        let processes = MadeRun.several(5, scatter(3))
        let found = agreement(processes, MadeRun.several(20, scatter(0)))
        let failover = found.comparisons.first { $0.quantity.measure == .failover }
        #expect(failover?.finding == .equivalent)
        #expect(failover?.isMarginSpread == true)
        // Four times as long is a difference all the same.
        let slow = MadeRun.several(20) { run, index in
            scatter(0)(&run, index)
            run.failedOver? += 4000
        }
        #expect(agreement(processes, slow).verdict == .differ)
    }

    @Test func aDisturbedHostLeavesTimesUndecided() {
        let processes = MadeRun.several(3) { run, index in
            run.lateness = 35
            run.median += 30
            run.available = false
        }
        let found = agreement(processes, MadeRun.several(20))
        #expect(found.disturbedSeeds == [1, 2, 3])
        #expect(found.verdict == .undecided)
        let median = found.comparisons.first { $0.quantity.measure == .median }
        #expect(median?.finding == .undecided)
        // What the clients were to do has nothing to do with the host.
        let planned = found.comparisons.first { $0.quantity.measure == .planned }
        #expect(planned?.finding == .equivalent)
    }

    @Test func theLatenessOfTheHarnessIsNoDifference() {
        let late = MadeRun.several(3) { run, _ in
            run.lateness = 15
            run.ninetyNinth += 25
        }
        #expect(agreement(late, MadeRun.several(20)).verdict == .agree)
        let punctual = MadeRun.several(3) { run, _ in run.ninetyNinth += 35 }
        #expect(agreement(punctual, MadeRun.several(20)).verdict == .differ)
    }

    @Test func groupsOfFewOperationsAreNotCompared() {
        let few = MadeRun.several(3) { run, _ in
            run.count = 99
            run.ninetyFifth = 500
            run.ninetyNinth = 900
        }
        let found = agreement(
            few, MadeRun.several(20) { run, _ in run.count = 99 })
        #expect(found.verdict == .agree)
        let apart = found.comparisons.filter { $0.finding == .notCompared }
        #expect(Set(apart.map(\.quantity.measure)) == [.ninetyFifth, .ninetyNinth])
        #expect(apart.allSatisfy { $0.reason?.contains("99 operations") == true })
    }

    @Test func whatOnlyOneEngineMeasuresDiffers() {
        let never = MadeRun.several(20) { run, _ in run.failedOver = nil }
        let found = agreement(MadeRun.several(3), never)
        #expect(found.verdict == .differ)
        #expect(found.comparisons.first?.quantity.measure == .failover)
        #expect(found.comparisons.first?.reason?.contains("0 of 20") == true)
        let neither = MadeRun.several(3) { run, _ in run.failedOver = nil }
        #expect(agreement(neither, never).verdict == .agree)
    }

    @Test func tablesThatAreMissingAreADifference() {
        let bare = MadeRun.several(20).map { report in
            var bare = report
            bare.latency = []
            bare.availability = []
            return bare
        }
        #expect(agreement(MadeRun.several(3), bare).verdict == .differ)
        let small = MadeRun.several(3) { run, _ in run.count = 19 }
        let withoutLatency = MadeRun.several(20).map { report in
            var report = report
            report.latency = []
            return report
        }
        #expect(agreement(small, withoutLatency).verdict == .agree)
    }

    @Test func closedLoopsPlanWhatTheyHaveTimeFor() {
        let more = MadeRun.several(20) { run, _ in run.planned += 60 }
        #expect(agreement(MadeRun.several(3), more).verdict == .differ)
        #expect(agreement(MadeRun.several(3), more, isPlanExact: false).verdict == .agree)
    }

    @Test func oneOperationMoreUnderOneSeedIsADifference() {
        let more = MadeRun.several(20) { run, index in if index == 1 { run.planned += 1 } }
        #expect(agreement(MadeRun.several(3), more).verdict == .differ)
    }

    @Test func verdictsMustBeTheSame() {
        let unsafe = MadeRun.several(20) { run, index in
            if index == 0 { run.linearizable = false }
        }
        #expect(agreement(MadeRun.several(3), unsafe).verdict == .differ)
        let unavailable = MadeRun.several(20) { run, _ in run.available = false }
        #expect(agreement(MadeRun.several(3), unavailable).verdict == .differ)
        // By chance in one run of three: that cannot be told.
        let once = MadeRun.several(20) { run, index in if index == 0 { run.available = false } }
        let found = agreement(MadeRun.several(3), once)
        #expect(found.statements.map(\.finding) == [.equivalent, .undecided, .equivalent])
        let blunt = MadeRun.several(20) { run, _ in run.hadEffect = false }
        #expect(agreement(MadeRun.several(3), blunt).verdict == .differ)
    }

    @Test func theJSONSaysWhatTheTextDoes() throws {
        let virtual = MadeRun.several(20) { run, _ in run.median += 9 }
        let found = agreement(MadeRun.several(3), virtual)
        let json = try JSONParser.parse(Array(found.json.indented.utf8)[...])
        #expect(json["schema"]?.text == "meridian.agreement/1")
        #expect(json["verdict"]?.text == "differ")
        #expect(json["findings"]?["different"]?.integer == 1)
        let worst = try #require(json["comparisons"]?.elements?.first)
        #expect(worst["measure"]?.text == "latency p50")
        #expect(worst["difference"]?.double == 9)
        #expect(worst["finding"]?.text == "different")
    }
}
