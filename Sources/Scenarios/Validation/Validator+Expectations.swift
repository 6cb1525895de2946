import Determinism
import Replication

extension Validator {
    mutating func checkExpectations() {
        let strikes = namedFaults.reduce(0) { $0 + $1.timing.moments.count }
        for (index, expectation) in scenario.expectations.enumerated() {
            checkPromised(expectation, top.key("expect").index(index))
            check(expectation, top.key("expect").index(index), strikes: strikes)
        }
    }

    /// The faults that `f1`, `f2`, … name. What random ones draw is numbered after them, and
    /// depends on the seed.
    private var namedFaults: [FaultSpec] {
        scenario.faults.filter { if case .random = $0.kind { false } else { true } }
    }

    /// Reports a demand that something good happens where nothing has to be left that could see
    /// to it.
    private mutating func checkPromised(_ expectation: Expectation, _ path: ScenarioPath) {
        guard isUnbounded, !expectation.isSafety else { return }
        report(
            path.key(expectation.name),
            "\(expectation.name) beside random faults with 'budget: none', which may leave nothing "
                + "whole", expected: "'budget: minority', or expectations about safety alone")
    }

    private mutating func check(
        _ expectation: Expectation, _ path: ScenarioPath, strikes: Int
    ) {
        if case .not(let inner) = expectation {
            check(inner, path.key("not"), strikes: strikes)
            return
        }
        let path = path.key(expectation.name)
        if case .consistency(let model, _) = expectation, model.needsSessions,
            !scenario.workload.isClosedLoop
        {
            report(
                path,
                "\(model.rawValue) is a promise to sessions, and clients in an open loop are none",
                expected: "'rate: closed' in the workload")
            return
        }
        if expectation.isAboutSingleKeys, scenario.operationKinds == [.txn] {
            report(
                path,
                "\(expectation.name) looks at operations on single keys, and the workload has "
                    + "transactions alone", expected: "another operation in the workload")
        }
        switch expectation {
        case .consistency(let model, let group):
            checkUsed(group, path)
            if model == .setFull { checkElements(of: group, model.rawValue, path) }
            checkHasModels(group, model.rawValue, path)
            if model.isOfTransactions, !scenario.operationKinds.contains(.txn) {
                report(
                    path,
                    "\(model.rawValue) is a promise to transactions, and the workload has none",
                    expected: "'txn' among the operations")
            }
        case .bounded(let bound, let group):
            checkUsed(group, path)
            checkHasModels(group, bound.name, path)
            switch bound {
            case .staleness, .delta: checkValues(of: group, are: .register, bound.name, path)
            case .stableLatency(let percentile, _):
                checkPercentile(percentile, path)
                checkElements(of: group, bound.name, path)
            }
        case .visibility(let after, _, let region):
            let times = scenario.workload.probes?.after ?? []
            if times.isEmpty {
                report(path, "visibility without probes", expected: "'probes' in the workload")
            } else if !times.contains(after) {
                report(
                    path.key("after"), "no probe reads after \(after)",
                    expected: listed(times.map { "\($0)" }))
            }
            check(OperationFilter(region: region), path, strikes)
        case .converged(let span, let fault):
            checkPositive(span, path.key("within"))
            checkFault(fault, path, strikes)
            if let fault, let spec = spec(of: fault), !heals(spec) {
                report(
                    path.key("fault"), "\(fault.id) never heals, so nothing converges after it",
                    expected: "a fault with 'for'")
            }
        case .availability(let share, let filter):
            if !(0...1).contains(share) {
                report(path.key("at_least"), "\(share)", expected: "a share from 0% to 100%")
            }
            check(filter, path, strikes)
        case .latency(let percentile, let bound, let filter):
            checkPercentile(percentile, path)
            checkPositive(bound, path.key("at_most"))
            check(filter, path, strikes)
        case .failover(let span):
            checkPositive(span, path.key("within"))
            if scenario.faults.isEmpty {
                report(path, "failover without a fault", expected: "at least one fault")
            }
        case .staleness(let percentile, _):
            checkPercentile(percentile, path)
        case .sessions(let inner):
            if !scenario.workload.usesSessions {
                report(
                    path, "\(inner.name) without requests of the sessions",
                    expected: "a share of login in the workload's 'operations'")
            }
            switch inner {
            case .spread(let percentile, let span), .revocationSpread(let percentile, let span):
                checkPercentile(percentile, path)
                checkPositive(span, path.key("at_most"))
            case .hits(let share):
                if !(0...1).contains(share) {
                    report(path.key("at_least"), "\(share)", expected: "a share from 0% to 100%")
                }
            case .lost, .revokedValidations, .expiredValidations: break
            }
        case .lostUpdates(let bound): checkUsed(bound.group, path)
        case .staleReads, .invariants, .not:
            break
        }
    }

    private mutating func check(
        _ filter: OperationFilter, _ path: ScenarioPath, _ strikes: Int
    ) {
        checkUsed(filter.group, path)
        checkFault(filter.fault, path, strikes)
        if let region = filter.region, scenario.workload.clients[region] == 0 {
            report(
                path.key("region"), "\(name(region)) has no clients",
                expected: "a region with clients")
        }
        if let operation = filter.operation,
            !scenario.operationKinds.contains(operation)
        {
            report(
                path.key("operation"), "the workload has no \(operation.rawValue)",
                expected: listed(scenario.operationKinds.map(\.rawValue)))
        }
        if let phase = filter.phase, scenario.faults.isEmpty {
            report(
                path.key("phase"), "the phase '\(phase.rawValue)' of a run without faults",
                expected: "no phase, or a fault")
        }
        if filter.phase == .before, firstStrike(filter.fault) == .zero {
            report(
                path.key("phase"), "the phase 'before' a fault that strikes at 0",
                expected: "a later fault, or another phase")
        }
    }

    /// When the fault, or the first of all, strikes.
    private func firstStrike(_ fault: FaultReference?) -> TimeSpan? {
        guard let fault else { return scenario.faults.flatMap(\.timing.moments).min() }
        let moments = namedFaults.flatMap(\.timing.moments)
        return moments.indices.contains(fault.number - 1) ? moments[fault.number - 1] : nil
    }

    /// The entry of the file that the fault comes from.
    private func spec(of fault: FaultReference) -> FaultSpec? {
        let entries = namedFaults.flatMap { spec in spec.timing.moments.map { _ in spec } }
        return entries.indices.contains(fault.number - 1) ? entries[fault.number - 1] : nil
    }

    /// Whether the fault ends; one that takes no time ends at once.
    private func heals(_ fault: FaultSpec) -> Bool {
        if case .reset = fault.kind { return true }
        return fault.duration != nil
    }

    private mutating func checkUsed(_ id: GroupID?, _ path: ScenarioPath) {
        guard let id, !scenario.workload.groups.contains(id) else { return }
        let used = scenario.workload.groups.compactMap { group($0)?.name }
        report(
            path.key("data_type"), "the workload does not use '\(group(id)?.name ?? "?")'",
            expected: listed(used))
    }

    /// Reports a data type, of those that an expectation looks at, whose values it cannot judge.
    private mutating func checkValues(
        of id: GroupID?, are type: ValueType, _ what: String, _ path: ScenarioPath
    ) {
        let looked = id.map { [$0] } ?? scenario.workload.groups
        let other = looked.compactMap { group($0) }.first { $0.value != type }
        guard let other else { return }
        report(
            path,
            "\(what) looks at values of type \(type.rawValue), and those of '\(other.name)' are of "
                + "type \(other.value.rawValue)",
            expected: "'data_type' with one whose values are")
    }

    /// Reports a data type, of those that an expectation looks at, that does not show all the
    /// elements that were ever added to its values.
    private mutating func checkElements(
        of id: GroupID?, _ what: String, _ path: ScenarioPath
    ) {
        for looked in id.map({ [$0] }) ?? scenario.workload.groups {
            guard let group = group(looked) else { continue }
            guard group.value == .list || group.value == .set else {
                return checkValues(of: id, are: .list, what, path)
            }
            let removing: [OperationKind] = [.remove, .delete]
            if let kind = removing.first(where: scenario.operationKinds(on: looked).contains) {
                return report(
                    path,
                    "\(what) looks for whatever was added, and elements are removed from "
                        + "'\(group.name)'",
                    expected: "a data type whose 'operations' have no \(kind.rawValue)")
            }
        }
    }

    /// Reports a data type, of those that an expectation looks at, of whose values no checker
    /// knows a model.
    private mutating func checkHasModels(
        _ id: GroupID?, _ what: String, _ path: ScenarioPath
    ) {
        let looked = id.map { [$0] } ?? scenario.workload.groups
        guard let odd = looked.compactMap({ group($0) }).first(where: { !$0.hasModel }) else {
            return
        }
        let values = odd.value == .map ? "maps" : "registers that are merged otherwise than by time"
        report(
            path, "\(what) of \(values), which no checker knows, and those of '\(odd.name)' are",
            expected: "'data_type' with one of another type")
    }

    private mutating func checkFault(
        _ fault: FaultReference?, _ path: ScenarioPath, _ strikes: Int
    ) {
        guard let fault, !(1...max(1, strikes)).contains(fault.number) || strikes == 0 else {
            return
        }
        let expected: String
        switch strikes {
        case 0: expected = "a fault in 'faults'"
        case 1: expected = "f1"
        case _: expected = "f1 to f\(strikes)"
        }
        report(path.key("fault"), "there is no fault \(fault.id)", expected: expected)
    }

    private mutating func checkPercentile(_ percentile: Double, _ path: ScenarioPath) {
        if !(percentile > 0 && percentile <= 100) {
            report(
                path.key("percentile"), "\(percentile)", expected: "a percentile above 0 up to 100")
        }
    }

    private mutating func checkPositive(_ span: TimeSpan, _ path: ScenarioPath) {
        if span <= .zero { report(path, "\(span)", expected: "a duration above 0") }
    }
}
