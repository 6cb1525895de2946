import Replication
import Scenarios

/// A scenario on the way to the smallest one that fails the same way.
package struct ShrinkCandidate: Equatable, Sendable {
    /// The scenario; its faults strike once each.
    package var scenario: Scenario
    /// For each of its expectations the position that it had in the first scenario.
    package var origins: [Int]

    /// The first one.
    package init(_ scenario: Scenario) {
        self.scenario = scenario
        origins = Array(scenario.expectations.indices)
    }

    /// The same with another scenario that has the same expectations.
    func with(_ change: (inout Scenario) -> Void) -> ShrinkCandidate {
        var result = self
        change(&result.scenario)
        return result
    }

    /// Keeps the expectations at these positions of its own.
    func keepingExpectations(_ kept: [Int]) -> ShrinkCandidate {
        var result = self
        result.scenario.expectations = kept.map { scenario.expectations[$0] }
        result.origins = kept.map { origins[$0] }
        return result
    }

    /// Puts other expectations in the places of its own, and drops those without one.
    func mappingExpectations(
        _ transform: (Expectation) -> Expectation?
    ) -> ShrinkCandidate {
        var result = self
        result.scenario.expectations = []
        result.origins = []
        for (expectation, origin) in zip(scenario.expectations, origins) {
            guard let mapped = transform(expectation) else { continue }
            result.scenario.expectations.append(mapped)
            result.origins.append(origin)
        }
        return result
    }

    /// Takes faults out. Those that remain are numbered anew, and expectations about one that is
    /// gone go with it.
    func removingFaults(_ removed: Set<Int>) -> ShrinkCandidate {
        let kept = scenario.faults.indices.filter { !removed.contains($0) }
        var numbers: [Int: Int] = [:]
        for (position, old) in kept.enumerated() { numbers[old + 1] = position + 1 }
        var result = mappingExpectations { expectation in
            expectation.mapping(
                fault: { fault in numbers[fault.number].map { FaultReference(number: $0) } })
        }
        result.scenario.faults = kept.map { scenario.faults[$0] }
        return result
    }

    /// Takes actions out.
    func removingActions(_ removed: Set<Int>) -> ShrinkCandidate {
        with { scenario in
            scenario.actions = scenario.actions.indices.filter { !removed.contains($0) }
                .map { scenario.actions[$0] }
        }
    }

    /// Whether it is smaller than `other`: larger in nothing, and smaller in something or, all
    /// sizes being the same, shorter as a text.
    package func isSmaller(than other: ShrinkCandidate) -> Bool {
        let (own, others) = (ScenarioSize(scenario), ScenarioSize(other.scenario))
        guard own.isWithin(others) else { return false }
        return own != others
            || scenario.conciseYAML.utf8.count < other.scenario.conciseYAML.utf8.count
    }
}

extension Expectation {
    /// The expectation with what it refers to replaced; `nil` if one of the parts is gone.
    func mapping(
        fault: (FaultReference) -> FaultReference? = { $0 },
        region: (RegionID) -> RegionID? = { $0 }, group: (GroupID) -> GroupID? = { $0 }
    ) -> Expectation? {
        switch self {
        case .consistency(let model, let of):
            return Moved(of, group)?.map { .consistency(model, group: $0) }
        case .bounded(let bound, let of):
            return Moved(of, group)?.map { .bounded(bound, group: $0) }
        case .visibility(let after, let share, let of):
            return Moved(of, region)?.map {
                .visibility(after: after, atLeast: share, region: $0)
            }
        case .converged(let within, let of):
            return Moved(of, fault)?.map { .converged(within: within, fault: $0) }
        case .availability(let share, let filter):
            return filter.mapping(fault, region, group).map { .availability(atLeast: share, $0) }
        case .latency(let percentile, let bound, let filter):
            return filter.mapping(fault, region, group).map {
                .latency(percentile: percentile, atMost: bound, $0)
            }
        case .lostUpdates(var bound):
            guard let moved = Moved(bound.group, group) else { return nil }
            return moved.map { of in
                bound.group = of
                return .lostUpdates(bound)
            }
        case .failover, .staleReads, .staleness, .invariants, .sessions: return self
        case .not(let inner):
            return inner.mapping(fault: fault, region: region, group: group).map { .not($0) }
        }
    }
}

extension OperationFilter {
    fileprivate func mapping(
        _ fault: (FaultReference) -> FaultReference?, _ region: (RegionID) -> RegionID?,
        _ group: (GroupID) -> GroupID?
    ) -> OperationFilter? {
        guard let fault = Moved(self.fault, fault), let region = Moved(self.region, region),
            let group = Moved(self.group, group)
        else { return nil }
        var result = self
        result.fault = fault.reference
        result.region = region.reference
        result.group = group.reference
        return result
    }
}

/// A reference that may be missing, after what it may refer to has moved. There is none if that is
/// gone.
private struct Moved<Reference> {
    let reference: Reference?

    init?(_ reference: Reference?, _ move: (Reference) -> Reference?) {
        guard let reference else {
            self.reference = nil
            return
        }
        guard let moved = move(reference) else { return nil }
        self.reference = moved
    }

    func map(_ make: (Reference?) -> Expectation) -> Expectation { make(reference) }
}
