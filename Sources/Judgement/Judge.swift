import Consistency
import Determinism
import Recording
import Replication
import Scenarios

/// Makes figures and a verdict from a record. Pure: the same record gives the same report.
public enum Judge {
    /// The report of `record`, whose resolved scenario is `plan`.
    ///
    /// `budget` bounds the search for violations of linearizability, for each data type alike.
    /// Without `rows`, the report has no tables of availability and latency: they take most of the
    /// time that a short run with many faults needs, and its verdict does not rest on them.
    public static func judge(
        _ record: RecordContents, plan: Plan, budget: CheckBudget = CheckBudget(),
        rows hasRows: Bool = true
    ) -> Report {
        judge(
            record, plan: plan, rows: hasRows,
            findings: { linearizability(record, plan: plan, budget: budget) },
            models: { models(record, plan, budget: budget) })
    }

    /// The same; `findings` and `models` give what ``linearizability(_:plan:budget:loop:)`` and
    /// ``models(_:_:budget:loop:)`` find in the record. They take longer than all the rest and do not
    /// depend on it.
    package static func judge(
        _ record: RecordContents, plan: Plan, rows hasRows: Bool = true,
        findings: () -> [ConsistencyFigures.LinearizabilityFinding],
        models: () -> [ConsistencyFigures.ModelFinding]
    ) -> Report {
        let measured = MeasuredHistory(record.history)
        let faults = recoveries(
            FaultSpan.all(of: plan, events: record.events), measured.operations, plan)
        let phases = Phases(faults.map { ($0.span, $0.recovery.recovered) })
        let figures = OperationFigures(measured, phases: phases, plan: plan)
        let rows = hasRows ? figures.rows() : (availability: [], latency: [])
        let dataTypes = measured.dataTypes.sorted()
        let counts = counts(record.history)

        let isFinalKnown = record.run.isComplete
        let audits = dataTypes.map { name in
            let group = plan.groups.first { $0.name == name }
            var audit = LossAudit(
                record, dataType: name, conflictWindow: group?.conflictWindow,
                isOrderedByTag: group?.isOrderedByTag ?? false)
            if group?.isMerged ?? false {
                audit.lookIntoMergedValues(
                    record, dataType: name, plan: plan,
                    MemberLives(record, dataType: name, plan: plan))
            }
            return audit
        }
        let lost = audits.flatMap(\.lost)
        let staleness = ConsistencyFigures.StalenessFigures(
            dataTypes.map { name in
                let type = plan.groups.first { $0.name == name }?.valueType ?? .register
                return StalenessAudit(
                    record.history, dataType: name, areRegisters: type == .register)
            })
        let consistency = ConsistencyFigures(
            linearizable: findings(), models: models(), staleness: staleness,
            visibility: plan.workload.probes.map {
                VisibilityAudit(record.history, after: $0.after).rows
            } ?? [],
            lostUpdates: isFinalKnown ? lost.count : nil,
            unaudited: audits.reduce(0) { $0 + $1.unaudited },
            losses: zip(dataTypes, audits).map { name, audit in
                ConsistencyFigures.LossFigures(name, audit, faults: faults)
            },
            divergences: record.events.compactMap(ConsistencyFigures.DivergenceFigures.init),
            conflicts: ConsistencyFigures.ConflictFigures(
                record.events, plan: plan,
                discarded: audits.reduce(0) { $0 + $1.discarded }),
            invariants: plan.expectations.contains { $0.name == Expectation.invariants.name }
                ? InvariantAudit(record, plan: plan).violations : nil)

        var report = Report(
            scenario: Report.ScenarioName(
                name: plan.name, title: plan.title,
                digest: "sha256:" + SHA256.hexadecimal(Array(record.plan.utf8))),
            engine: record.run.engine, seed: plan.seed, verdict: .unknown,
            isComplete: record.run.isComplete && record.truncated.isEmpty, remarks: [],
            duration: milliseconds(plan.duration),
            // In virtual time the same seed gives the same report, to the byte; run.json says how
            // long it took.
            wall: record.run.engine == .virtual ? nil : record.run.wallMilliseconds,
            harnessLag: record.events.compactMap(HarnessLag.init).last?.lag,
            operations: counts, availability: rows.availability,
            latency: rows.latency, network: network(record, counts),
            faults: faults.map { fault in
                FaultFigures(
                    fault.span, recovery: fault.recovery, events: record.events,
                    lost: isFinalKnown
                        ? lost.filter { $0.culprit(among: faults) == fault.span.id } : nil)
            },
            consistency: consistency,
            sessions: SessionAudit(record, plan: plan, isFinalKnown: isFinalKnown)?.figures,
            convergence: convergence(record, plan), expectations: [],
            performance: Report.PerformanceFigures())
        let judge = ExpectationJudge(plan: plan, report: report, figures: figures)
        report.expectations = plan.expectations.map(judge.finding(of:))
        if let liveness = plan.liveness {
            report.expectations.append(
                judge.finding(
                    of: liveness, record.events.compactMap(LivenessOutcome.init).last))
        }
        conclude(&report, record, faults.map(\.span))
        return report
    }

    private typealias RecoveredFault = (span: FaultSpan, recovery: FaultRecovery)

    private static func recoveries(
        _ spans: [FaultSpan], _ operations: [MeasuredOperation], _ plan: Plan
    ) -> [RecoveredFault] {
        let starts = spans.compactMap(\.start)
        let search = RecoverySearch(
            operations: operations, firstFault: starts.min() ?? .distantFuture,
            end: Instant.zero + plan.duration, timeout: plan.workload.timeout)
        return spans.map { span in
            guard let start = span.start else { return (span, FaultRecovery()) }
            return (
                span,
                FaultRecovery(
                    recovered: search.recovery(from: start, later: starts, countsSlow: true),
                    servedAgain: search.recovery(from: start, later: starts, countsSlow: false))
            )
        }
    }

    private static func counts(_ history: History) -> Report.OperationCounts {
        var counts = Report.OperationCounts(
            planned: history.count, invoked: 0, ok: 0, fail: 0, info: 0)
        for position in history.indices {
            let operation = history.glance(position)
            if operation.invoked != nil { counts.invoked += 1 }
            switch operation.outcome {
            case .ok: counts.ok += 1
            case .fail: counts.fail += 1
            case .info: counts.info += 1
            }
        }
        return counts
    }

    private static func network(
        _ record: RecordContents, _ counts: Report.OperationCounts
    ) -> NetworkFigures? {
        guard let totals = record.events.compactMap(NetworkTotals.init).last else { return nil }
        let invoked = counts.invoked
        var figures = NetworkFigures(
            messages: totals.messages, bytes: totals.bytes,
            crossRegionBytes: totals.crossRegionBytes,
            messagesPerOperation: invoked == 0
                ? nil : rounded(Double(totals.messages) / Double(invoked)),
            delayError: totals.delayError)
        figures.priorities = record.events.compactMap { event in
            var traffic = PriorityTraffic(event)
            traffic?.time = .zero
            return traffic
        }
        return figures
    }

    /// The data types that clients worked on, in order of their names: not those of a service.
    private static func checkedDataTypes(_ record: RecordContents, _ plan: Plan) -> [String] {
        record.history.dataTypes.filter { !plan.serviceDataTypes.contains($0) }
    }

    /// Whether the history of each data type is linearizable, in order of their names.
    package static func linearizability(
        _ record: RecordContents, plan: Plan, budget: CheckBudget = CheckBudget(),
        loop: KeyLoop = .sequential
    ) -> [ConsistencyFigures.LinearizabilityFinding] {
        checkedDataTypes(record, plan).map { name in
            let group = plan.groups.first { $0.name == name }
            let valueType = group?.valueType ?? .register
            guard group?.spec.hasModel ?? true else {
                return ConsistencyFigures.LinearizabilityFinding(
                    dataType: name, verdict: .unknown, checked: 0, violations: [],
                    reason:
                        "no checker knows values of type \(valueType.rawValue) that are merged so")
            }
            let result = Linearizability.check(
                record.history, dataType: name, kind: ObjectKind(valueType), budget: budget,
                loop: loop)
            return ConsistencyFigures.LinearizabilityFinding(
                dataType: name, verdict: result.verdict, checked: result.checked,
                violations: result.violations.map(\.json), reason: result.reason)
        }
    }

    /// Whether the models other than linearizability that are expected hold for each data type, in
    /// order of names, and the bounds; `loop` gives the loop over keys for the check of a model.
    package static func models(
        _ record: RecordContents, _ plan: Plan, budget: CheckBudget = CheckBudget(),
        loop: (_ model: String) -> KeyLoop = { _ in .sequential }
    ) -> [ConsistencyFigures.ModelFinding] {
        let expected = Set(plan.expectations.compactMap(\.model))
        var bounds: [ConsistencyBound] = []
        for bound in plan.expectations.compactMap(\.bound) where !bounds.contains(bound) {
            bounds.append(bound)
        }
        return checkedDataTypes(record, plan).flatMap {
            name -> [ConsistencyFigures.ModelFinding] in
            let group = plan.groups.first { $0.name == name }
            var check = ModelCheck(
                record.history, dataType: name, kind: ObjectKind(group?.valueType ?? .register),
                sessions: plan.scenario.workload.isClosedLoop ? .clients : .processes)
            check.keepsConcurrent = group?.keepsConcurrent ?? false
            check.budget = budget
            guard group?.spec.hasModel ?? true else { return [] }
            let models = ConsistencyModel.allCases.filter {
                expected.contains($0) && $0 != .linearizable
            }
            return models.map { model in
                ConsistencyFigures.ModelFinding(
                    model.rawValue, dataType: name,
                    check.result(of: model, loop: loop(model.rawValue)))
            }
                + bounds.map { bound in
                    ConsistencyFigures.ModelFinding(
                        bound.name, bound: bound.text, dataType: name,
                        check.result(of: bound, loop: loop(bound.name)))
                }
        }
    }

    private static func convergence(_ record: RecordContents, _ plan: Plan) -> ConvergenceFigures {
        guard let finding = record.events.compactMap(Convergence.init).last else {
            return ConvergenceFigures(digests: [], leftOut: [])
        }
        let isOne = plan.groups.count == 1
        return ConvergenceFigures(
            converged: finding.converged, time: milliseconds(finding.after),
            digests: finding.digests.map { row in
                ConvergenceFigures.Digest(
                    replica: isOne ? row.node : "\(row.group):\(row.node)", digest: row.digest)
            },
            leftOut: finding.leftOut)
    }

    /// The verdict: what failed outweighs what is unknown.
    private static func conclude(
        _ report: inout Report, _ record: RecordContents, _ spans: [FaultSpan]
    ) {
        var isUnknown = false
        if !report.isComplete {
            isUnknown = true
            let why = record.run.failure.map { ": \($0)" } ?? ""
            report.remarks.append("the run did not come to its end\(why)")
        }
        for file in record.truncated {
            report.remarks.append("the last line of \(file) was cut off and left out")
        }
        for event in record.events where event.kind == .action && event["ok"]?.flag == false {
            let name = event["action"]?.text ?? "?"
            let target = event["target"]?.text.map { " of \($0)" } ?? ""
            let why = event["error"]?.text.map { ": \($0)" } ?? ""
            report.remarks.append("action \(name)\(target) was not carried out\(why)")
        }
        for span in spans where span.hadEffect != true {
            let what = "fault \(span.id) (\(span.kind))"
            if span.start == nil {
                report.remarks.append("\(what) did not strike")
            } else if span.hadEffect == nil {
                report.remarks.append("\(what) has no evidence that it took effect")
            } else {
                report.remarks.append("\(what) had no effect")
            }
            if span.mustBite { isUnknown = true }
        }
        for finding in report.expectations where finding.held == nil {
            isUnknown = true
            report.remarks.append("\(finding.expect): \(finding.measured)")
        }
        if report.expectations.contains(where: { $0.held == false }) {
            report.verdict = .fail
        } else {
            report.verdict = isUnknown ? .unknown : .pass
        }
    }
}

extension ConsistencyFigures.ModelFinding {
    fileprivate init(
        _ name: String, bound: String? = nil, dataType: String, _ result: CheckResult
    ) {
        self.init(
            name: name, bound: bound, dataType: dataType, verdict: result.verdict,
            checked: result.checked, violations: result.violations.map(\.json),
            reason: result.reason, remarks: result.remarks, figures: result.figures)
    }
}

extension ConsistencyFigures {
    /// The figures with the checker's findings for each data type.
    fileprivate init(
        linearizable findings: [LinearizabilityFinding], models: [ModelFinding],
        staleness: StalenessFigures, visibility: [VisibilityRow],
        lostUpdates: Int?, unaudited: Int, losses: [LossFigures],
        divergences: [DivergenceFigures], conflicts: ConflictFigures, invariants: [String]?
    ) {
        let verdicts = findings.map(\.verdict)
        let verdict: CheckVerdict =
            verdicts.contains(.invalid)
            ? .invalid : verdicts.contains(.unknown) ? .unknown : .valid
        self.init(
            linearizable: LinearizabilityFinding(
                dataType: nil, verdict: verdict,
                checked: findings.reduce(0) { $0 + $1.checked },
                violations: findings.flatMap(\.violations),
                reason: findings.compactMap(\.reason).first),
            perDataType: findings, models: models, staleness: staleness,
            visibility: visibility, lostUpdates: lostUpdates, unaudited: unaudited,
            losses: losses, divergences: divergences, conflicts: conflicts,
            invariantViolations: invariants)
    }
}
