import Consistency
import Determinism
import Recording
import Replication
import Scenarios

/// Decides the expectations of a scenario from figures.
struct ExpectationJudge {
    let plan: Plan
    let report: Report
    let figures: OperationFigures

    /// Past this, in milliseconds at the 99th percentile, harness and links disturb latencies too
    /// much to judge them.
    static let disturbanceMax = 20.0

    /// What was found out: whether it held (`nil`: unknown), and what was measured.
    private struct Finding {
        var held: Bool?
        var measured: String
        static func unknown(_ why: String) -> Finding { Finding(held: nil, measured: why) }
    }

    /// What became of `expectation`.
    func finding(of expectation: Expectation) -> ExpectationFinding {
        var finding = decide(expectation)
        // Of a run that did not end a violation is one all the same; that something good happens
        // cannot be said to have failed, and nothing can be said to have held.
        if !report.isComplete {
            let isNegated: Bool
            if case .not = expectation { isNegated = true } else { isNegated = false }
            let stands = expectation.isSafety && finding.held == isNegated
            if finding.held != nil, !stands {
                finding = .unknown("the run did not end; so far: \(finding.measured)")
            }
        }
        return ExpectationFinding(
            expect: ExpectationText.text(expectation, plan: plan), held: finding.held,
            kind: expectation.isSafety ? .safety : .liveness, measured: finding.measured)
    }

    /// What became of the demand that a core gets on at the end, which a scenario with `liveness`
    /// makes without writing it as an expectation.
    func finding(of liveness: LivenessSpec, _ outcome: LivenessOutcome?) -> ExpectationFinding {
        var finding = Finding.unknown("the run ended before the core had its time")
        if let outcome {
            let times = [
                outcome.served.map { "served after \(milliseconds($0)) ms" },
                outcome.agreed.map { "agreed after \(milliseconds($0)) ms" },
            ]
            finding = Finding(
                held: outcome.missing.isEmpty,
                measured: outcome.missing.isEmpty
                    ? "\(outcome.core.joined(separator: ", ")): "
                        + times.compactMap { $0 }.joined(separator: ", ")
                    : outcome.missing.joined(separator: "; "))
        }
        if !report.isComplete, finding.held != nil {
            finding = .unknown("the run did not end; so far: \(finding.measured)")
        }
        return ExpectationFinding(
            expect: "liveness: {within: \(liveness.within)}", held: finding.held, kind: .liveness,
            measured: finding.measured)
    }

    private func decide(_ expectation: Expectation) -> Finding {
        switch expectation {
        case .consistency(let model, let group): return consistency(model, group.map(name(of:)))
        case .bounded(let bound, let group):
            return models(bound.name, bound: bound.text, group.map(name(of:)))
        case .visibility(let after, let share, let region):
            return visibility(after, share, region.map { plan.name(of: $0) })
        case .converged(let within, let fault):
            return fault.map { converged(within, after: $0.id) } ?? converged(within)
        case .availability(let share, let filter): return availability(share, filter)
        case .latency(let percentile, let span, let filter):
            return latency(percentile, span, filter)
        case .failover(let within): return failover(within)
        case .lostUpdates(let bound): return lostUpdates(bound)
        case .staleReads(let share): return staleReads(share)
        case .staleness(let percentile, let span): return staleness(percentile, span)
        case .sessions(let inner):
            guard let figures = report.sessions else { return .unknown("there are no sessions") }
            let finding = figures.finding(of: inner)
            return Finding(held: finding.held, measured: finding.measured)
        case .invariants: return invariants
        case .not(let inner):
            let finding = decide(inner)
            return Finding(held: finding.held.map { !$0 }, measured: finding.measured)
        }
    }

    private func name(of group: GroupID) -> String { plan.groups[Int(group.index)].name }

    // MARK: Safety

    private func consistency(_ model: ConsistencyModel, _ dataType: String?) -> Finding {
        guard model == .linearizable else { return models(model.rawValue, dataType) }
        let all = report.consistency.linearizable
        let result =
            dataType.map { name in
                report.consistency.perDataType.first { $0.dataType == name }
            } ?? all
        guard let result else { return .unknown("no operation went to \(dataType ?? "it")") }
        return checked(
            result.verdict, result.checked, result.violations, reason: result.reason)
    }

    private func models(_ name: String, bound: String? = nil, _ dataType: String?) -> Finding {
        let findings = report.consistency.models.filter { finding in
            finding.name == name && finding.bound == bound
                && dataType.map { finding.dataType == $0 } ?? true
        }
        let verdicts = findings.map(\.verdict)
        let verdict: CheckVerdict =
            verdicts.contains(.invalid)
            ? .invalid : verdicts.contains(.unknown) ? .unknown : .valid
        return checked(
            verdict, findings.reduce(0) { $0 + $1.checked }, findings.flatMap(\.violations),
            reason: findings.compactMap(\.reason).first,
            measured: bound == nil ? nil : findings.flatMap(\.remarks).joined(separator: "; "))
    }

    private func visibility(_ after: TimeSpan, _ share: Double, _ region: String?) -> Finding {
        let row = report.consistency.visibility.first {
            $0.after == after.milliseconds && $0.region == region
        }
        guard let row, row.reads > 0 else { return .unknown("no probe was read after \(after)") }
        let interval = row.interval
        let measured =
            "\(row.seen) of \(row.reads) probes seen after \(after), "
            + "\(ExpectationText.percent(row.share)) (95 % sure: "
            + "\(ExpectationText.percent(interval.lowerBound)) to "
            + "\(ExpectationText.percent(interval.upperBound)))"
        guard let held = Self.holds(share, bad: row.reads - row.seen, of: row.reads) else {
            return .unknown("\(measured); it takes \(Self.operationsNeeded(toTell: share)) to tell")
        }
        return Finding(held: held, measured: measured)
    }

    private func checked(
        _ verdict: CheckVerdict, _ operations: Int, _ violations: [JSONValue], reason: String?,
        measured: String? = nil
    ) -> Finding {
        guard operations > 0 else { return .unknown("there was no operation to check") }
        let count = "\(operations) operations"
        switch verdict {
        case .valid:
            return Finding(held: true, measured: "\(count), \(measured ?? "no violation")")
        case .invalid:
            let number = violations.count
            let plural = number == 1 ? "" : "s"
            let isOfKeys = violations.first?["key"]?.text?.isEmpty == false
            let what =
                isOfKeys ? "violations on \(number) key\(plural)" : "\(number) violation\(plural)"
            let first = violations.first?["reason"]?.text ?? ""
            return Finding(held: false, measured: "\(count), \(what): \(first)")
        case .unknown: return .unknown("\(count), \(reason ?? "undecided")")
        }
    }

    private var invariants: Finding {
        guard let violations = report.consistency.invariantViolations else {
            return .unknown("nothing was looked at")
        }
        guard let first = violations.first else {
            return Finding(held: true, measured: "no violation")
        }
        let count = violations.count
        return Finding(
            held: false, measured: "\(count) violation\(count == 1 ? "" : "s"): \(first)")
    }

    private func lostUpdates(_ bound: LossBound) -> Finding {
        guard report.consistency.lostUpdates != nil else {
            return .unknown("the final state was not recorded")
        }
        let group = bound.group.map(name(of:))
        let losses = report.consistency.losses.filter { group == nil || $0.dataType == group }
        let lost = losses.reduce(0) { $0 + $1.lost }
        let window = losses.compactMap(\.window).max() ?? 0
        var measured = "\(lost) acknowledged write\(lost == 1 ? "" : "s") lost"
        if lost > 0, let core = plan.liveness?.core, core.count < plan.regions.count {
            measured +=
                "; for liveness, some members were cut off for good, with what they alone held"
        }
        if bound.window != nil, lost > 0 { measured += ", acknowledged within \(window) ms" }
        if let count = bound.count, lost > count { return Finding(held: false, measured: measured) }
        if let most = bound.window, window > most.milliseconds {
            return Finding(held: false, measured: measured)
        }
        let unaudited = losses.reduce(0) { $0 + $1.unaudited }
        guard unaudited == 0 else {
            return .unknown("\(measured); \(unaudited) carry no version and were not audited")
        }
        return Finding(held: true, measured: measured)
    }

    private func staleReads(_ shareMax: Double) -> Finding {
        let figures = report.consistency.staleness
        guard figures.reads > 0 else { return .unknown("no read was answered") }
        return Finding(
            held: figures.share <= shareMax,
            measured: "\(figures.staleReads) of \(figures.reads) reads stale, "
                + ExpectationText.percent(figures.share))
    }

    private func staleness(_ percentile: Double, _ span: TimeSpan) -> Finding {
        let figures = report.consistency.staleness
        guard figures.reads > 0 else { return .unknown("no read was answered") }
        let age = ConsistencyFigures.StalenessFigures.percentile(
            percentile, of: figures.ages, among: figures.reads)
        return Finding(
            held: age <= span.milliseconds,
            measured: "\(age) ms at percentile \(ExpectationText.plain(percentile)) of "
                + "\(figures.reads) reads")
    }

    // MARK: Liveness

    private func converged(_ within: TimeSpan) -> Finding {
        guard let converged = report.convergence.converged, let time = report.convergence.time
        else { return .unknown("the run ended before convergence was looked at") }
        guard converged else {
            return Finding(held: false, measured: "members still differ after \(time) ms")
        }
        return Finding(held: time <= within.milliseconds, measured: "after \(time) ms")
    }

    private func converged(_ within: TimeSpan, after id: String) -> Finding {
        guard let fault = report.faults.first(where: { $0.id == id }), fault.start != nil else {
            return .unknown("fault \(id) did not strike")
        }
        guard fault.end != nil else { return .unknown("fault \(id) was not healed") }
        guard let time = fault.converged else {
            return Finding(held: false, measured: "not after fault \(id) within the run")
        }
        return Finding(
            held: time <= within.milliseconds, measured: "\(time) ms after the heal of \(id)")
    }

    private func scope(_ filter: OperationFilter) -> RowScope {
        RowScope(
            region: filter.region.map { plan.name(of: $0) },
            operation: filter.operation?.rawValue, phase: filter.phase, fault: filter.fault?.id,
            dataType: filter.group.map(name(of:)))
    }

    /// How many operations it takes to tell a share of `share`: so many that one that is not as it
    /// should be is allowed, and never fewer than ten.
    static func operationsNeeded(toTell share: Double) -> Int {
        guard share < 1 else { return 10 }
        return max(10, Int((1 / (1 - share) - 1e-6).rounded(.up)))
    }

    /// Whether `bad` of `count` operations are no more than a share of `share` allows; `nil` if
    /// the operations are too few to tell. That there are already more than the number needed
    /// could excuse is a failure however few there are.
    private static func holds(_ share: Double, bad: Int, of count: Int) -> Bool? {
        let needed = operationsNeeded(toTell: share)
        let allowed = (1 - share) * Double(max(count, needed)) + 1e-9
        if Double(bad) > allowed { return false }
        return count >= needed ? true : nil
    }

    private func availability(_ share: Double, _ filter: OperationFilter) -> Finding {
        let operations = figures.selected(scope(filter))
        guard !operations.isEmpty else { return .unknown("nothing was tried") }
        let answered = operations.count { $0.isAnswered }
        let reached = Double(answered) / Double(operations.count)
        let measured =
            "\(ExpectationText.percent(reached)), \(answered) of \(operations.count) operations"
        let bad = operations.count - answered
        guard let held = Self.holds(share, bad: bad, of: operations.count) else {
            return .unknown(
                "\(measured); it takes \(Self.operationsNeeded(toTell: share)) to tell")
        }
        return Finding(held: held, measured: measured)
    }

    private func latency(
        _ percentile: Double, _ span: TimeSpan, _ filter: OperationFilter
    ) -> Finding {
        let latencies = figures.selected(scope(filter)).compactMap(\.latency)
        guard !latencies.isEmpty else { return .unknown("nothing was answered") }
        let reached = LatencyHistogram(latencies).percentile(percentile)
        let measured =
            "\(reached) ms at percentile \(ExpectationText.plain(percentile)) of "
            + "\(latencies.count) operations"
        if let why = disturbance { return .unknown("\(measured); \(why)") }
        let bad = latencies.count { $0 > span }
        guard let told = Self.holds(percentile / 100, bad: bad, of: latencies.count) else {
            let needed = Self.operationsNeeded(toTell: percentile / 100)
            return .unknown("\(measured); it takes \(needed) to tell")
        }
        return Finding(held: told, measured: measured)
    }

    /// Why latencies cannot be judged, if so.
    private var disturbance: String? {
        if let lag = report.harnessLag, lag.p99 > Self.disturbanceMax {
            return "the harness ran \(lag.p99) ms late at the 99th percentile"
        }
        if let error = report.network?.delayError, error.p99 > Self.disturbanceMax {
            return "the links were off by \(error.p99) ms at the 99th percentile"
        }
        return nil
    }

    private func failover(_ within: TimeSpan) -> Finding {
        let struck = report.faults.filter { !$0.leadersTaken.isEmpty || !$0.homesTaken.isEmpty }
        guard !struck.isEmpty else {
            return .unknown("no fault took down a leader, primary or home region")
        }
        var slowest: (id: String, time: Double) = ("", -1)
        for fault in struck {
            guard let time = Self.timeToFailOver(fault) else {
                return Finding(held: false, measured: "fault \(fault.id) was not recovered from")
            }
            if time > slowest.time { slowest = (fault.id, time) }
        }
        let count = struck.count
        return Finding(
            held: slowest.time <= within.milliseconds,
            measured: "\(count) fault\(count == 1 ? "" : "s"), the slowest (\(slowest.id)) after "
                + "\(slowest.time) ms")
    }

    /// Until there was a leader again (a new one, or the old one at the heal) and operations
    /// succeeded as before.
    private static func timeToFailOver(_ fault: FaultFigures) -> Double? {
        guard let served = fault.servedAgain else { return nil }
        if fault.leadersTaken.isEmpty { return served }
        if let failedOver = fault.failedOver { return max(failedOver, served) }
        guard let start = fault.start, let end = fault.end else { return nil }
        return max(rounded(end - start), served)
    }
}
