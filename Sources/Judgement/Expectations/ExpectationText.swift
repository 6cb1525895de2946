import Determinism
import Replication
import Scenarios

/// Expectations as a scenario file states them, for reports.
enum ExpectationText {
    /// The expectation in the notation of scenario files, on one line.
    static func text(_ expectation: Expectation, plan: Plan) -> String {
        switch expectation {
        case .consistency(let model, let group):
            guard let group else { return model.rawValue }
            return "\(model.rawValue): {data_type: \(name(group.index, plan))}"
        case .bounded(let bound, let group):
            let part = group.map { ", data_type: \(name($0.index, plan))" } ?? ""
            return "\(bound.name): {\(bound.text)\(part)}"
        case .visibility(let after, let share, let region):
            let part = region.map { ", region: \(plan.name(of: $0))" } ?? ""
            return "visibility: {after: \(after), at_least: \(percent(share))\(part)}"
        case .converged(let within, let fault):
            let part = fault.map { ", fault: \($0.id)" } ?? ""
            return "converged: {within: \(within)\(part)}"
        case .availability(let share, let filter):
            return "availability: {at_least: \(percent(share))\(parts(filter, plan))}"
        case .latency(let percentile, let span, let filter):
            return "latency: {percentile: \(plain(percentile)), at_most: \(span)"
                + "\(parts(filter, plan))}"
        case .failover(let within): return "failover: {within: \(within)}"
        case .lostUpdates(let bound): return "lost_updates: \(loss(bound, plan))"
        case .staleReads(let share): return "stale_reads: {at_most: \(percent(share))}"
        case .staleness(let percentile, let span):
            return "staleness: {percentile: \(plain(percentile)), at_most: \(span)}"
        case .sessions(let inner): return "\(inner.name): \(inner.text)"
        case .invariants: return "invariants"
        case .not(.invariants): return "not: invariants"
        case .not(.consistency(let model, nil)): return "not: \(model.rawValue)"
        case .not(let inner): return "not: {\(text(inner, plan: plan))}"
        }
    }

    private static func loss(_ bound: LossBound, _ plan: Plan) -> String {
        if let count = bound.count, bound.window == nil, bound.group == nil { return "\(count)" }
        let parts = [
            bound.count.map { "at_most: \($0)" }, bound.window.map { "within: \($0)" },
            bound.group.map { "data_type: \(name($0.index, plan))" },
        ]
        return "{\(parts.compactMap { $0 }.joined(separator: ", "))}"
    }

    private static func parts(_ filter: OperationFilter, _ plan: Plan) -> String {
        var result = ""
        if let region = filter.region { result += ", region: \(plan.name(of: region))" }
        if let operation = filter.operation { result += ", operation: \(operation.rawValue)" }
        if let phase = filter.phase { result += ", phase: \(phase.rawValue)" }
        if let fault = filter.fault { result += ", fault: \(fault.id)" }
        if let group = filter.group { result += ", data_type: \(name(group.index, plan))" }
        return result
    }

    private static func name(_ index: UInt16, _ plan: Plan) -> String {
        plan.groups.indices.contains(Int(index)) ? plan.groups[Int(index)].name : "\(index)"
    }

    /// A share as percent, to four places: `99.9%`.
    static func percent(_ share: Double) -> String {
        plain((share * 1_000_000).rounded() / 10_000) + "%"
    }

    /// A number without a needless fraction.
    static func plain(_ number: Double) -> String {
        number == number.rounded() && number.magnitude < 1e15
            ? String(Int64(number)) : number.description
    }
}
