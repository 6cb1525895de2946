import Consistency
import Judgement
import Recording
import Scenarios

/// A report as a table that a person can read at a glance.
public struct TerminalReport: Sendable {
    private let report: Report

    /// The rendering of `report`.
    public init(_ report: Report) { self.report = report }

    /// The whole text.
    public var text: String {
        var parts = [heading, latencies, availability]
        if !report.faults.isEmpty { parts.append(faults) }
        parts.append(figures)
        if let sessions = report.sessions {
            var table = TextTable([.left("SESSIONS"), .left("")])
            for row in SessionRows.rows(sessions) { table.add(row) }
            parts.append(table.text)
        }
        parts.append(expectations)
        if !report.remarks.isEmpty {
            parts.append(report.remarks.map { "note: \($0)" }.joined(separator: "\n"))
        }
        parts.append("verdict: \(report.verdict.rawValue.uppercased())")
        return parts.joined(separator: "\n\n")
    }

    private var heading: String {
        let operations = report.operations
        return """
            \(report.scenario.name): \(report.scenario.title)
            \(report.engine.rawValue), seed \(report.seed), \
            \(decimal(report.duration / 1000, places: 0)) s; \
            \(grouped(operations.planned)) operations: \(grouped(operations.ok)) ok, \
            \(grouped(operations.fail)) failed, \(grouped(operations.info)) unknown
            """
    }

    private var latencies: String {
        var table = TextTable([
            .left("LATENCY MS"), .left("OPERATION"), .left("PHASE"), .right("COUNT"),
            .right("P50"), .right("P95"), .right("P99"), .right("MAX"),
        ])
        for row in report.latency
        where row.scope.fault == nil && row.scope.dataType == nil && row.scope.region != nil
            && row.scope.operation != nil && isShown(row.scope.phase)
        {
            table.add([
                row.scope.region ?? "all", row.scope.operation ?? "all",
                row.scope.phase?.rawValue ?? "all", grouped(row.count), milliseconds(row.p50),
                milliseconds(row.p95), milliseconds(row.p99), milliseconds(row.max),
            ])
        }
        return table.text
    }

    /// With faults the phases tell the story; without, there is one row for all.
    private func isShown(_ phase: Phase?) -> Bool {
        report.faults.isEmpty ? phase == nil : phase != nil
    }

    private var availability: String {
        let phases: [Phase?] = report.faults.isEmpty ? [nil] : [nil] + Phase.allCases
        var table = TextTable(
            [.left("AVAILABILITY")] + phases.map { .right($0?.rawValue.uppercased() ?? "ALL") })
        var regions: [String?] = []
        for row in report.availability where !regions.contains(row.scope.region) {
            regions.append(row.scope.region)
        }
        for region in regions {
            let cells = phases.map { phase in
                report.availability.first {
                    $0.scope == RowScope(region: region, phase: phase) && $0.planned > 0
                }.map { percentage($0.share) } ?? "–"
            }
            table.add([region ?? "all"] + cells)
        }
        return table.text
    }

    private var faults: String {
        var table = TextTable([
            .left("FAULT"), .left("KIND"), .left("TARGETS"), .right("FROM S"), .right("TO S"),
            .left("EFFECT"), .right("DETECTED"), .right("FAILED OVER"), .right("RECOVERED"),
            .right("CONVERGED"), .right("LOST"),
        ])
        func time(_ value: Double?) -> String { value.map { milliseconds($0) + " ms" } ?? "–" }
        func seconds(_ value: Double?) -> String {
            value.map { decimal($0 / 1000, places: 1) } ?? "–"
        }
        for fault in report.faults {
            let targets =
                fault.targets.count > 3
                ? fault.targets.prefix(2).joined(separator: ", ") + " +\(fault.targets.count - 2)"
                : fault.targets.joined(separator: ", ")
            table.add([
                fault.id, fault.kind, targets, seconds(fault.start), seconds(fault.end),
                fault.hadEffect.map { $0 ? "yes" : "NONE" } ?? "unknown", time(fault.detected),
                time(fault.failedOver), time(fault.recovered), time(fault.converged),
                fault.writesLost.map { "\($0)" } ?? "–",
            ])
        }
        return table.text
    }

    private var figures: String {
        let consistency = report.consistency
        var table = TextTable([.left("CONSISTENCY AND COST"), .left("")])
        let linearizable = consistency.linearizable
        table.add([
            "linearizable",
            "\(linearizable.verdict.rawValue), \(grouped(linearizable.checked)) operations checked",
        ])
        let staleness = consistency.staleness
        table.add([
            "stale reads",
            "\(grouped(staleness.staleReads)) of \(grouped(staleness.reads)), "
                + "oldest \(milliseconds(staleness.age.max)) ms",
        ])
        for finding in consistency.models where !finding.figures.isEmpty {
            table.add([finding.name, finding.remarks.joined(separator: "; ")])
        }
        for row in consistency.visibility where row.region == nil {
            let interval = row.interval
            table.add([
                "seen after \(milliseconds(row.after)) ms",
                "\(grouped(row.seen)) of \(grouped(row.reads)) probes, "
                    + "\(decimal(interval.lowerBound * 100, places: 1)) to "
                    + "\(decimal(interval.upperBound * 100, places: 1)) % (95 % sure)",
            ])
        }
        table.add(["lost updates", consistency.lostUpdates.map(grouped) ?? "not known"])
        let isOne = consistency.losses.count < 2
        for row in consistency.divergences {
            table.add([
                "out of line",
                "\(row.node)\(isOne ? "" : ", \(row.dataType)"): \(grouped(row.writes)) writes, \(grouped(row.lost)) lost, "
                    + "\(grouped(row.diverged)) diverged (\(row.handled))",
            ])
        }
        let conflicts = consistency.conflicts
        table.add([
            "conflicts",
            "\(grouped(conflicts.detected)) met, "
                + "\(grouped(conflicts.discardedConcurrent)) acknowledged writes discarded",
        ])
        let convergence = report.convergence
        let time = convergence.time.map { milliseconds($0) + " ms" } ?? ""
        table.add([
            "converged",
            convergence.converged.map { $0 ? "after \(time)" : "not within \(time)" }
                ?? "not known",
        ])
        if let network = report.network {
            let each = network.messagesPerOperation.map { decimal($0, places: 1) } ?? "–"
            table.add([
                "network",
                "\(grouped(Int(network.messages))) messages (\(each) an operation), "
                    + "\(bytes(Int(network.crossRegionBytes))) between regions",
            ])
            for traffic in network.priorities {
                table.add([
                    "\(traffic.priority) priority",
                    "\(grouped(Int(traffic.messages))) messages "
                        + "(\(traffic.dataTypes.joined(separator: ", "))), "
                        + "\(bytes(Int(traffic.bytes))), \(milliseconds(traffic.queued)) ms "
                        + "each for narrow links",
                ])
            }
            table.add([
                "harness",
                "links late by \(milliseconds(network.delayError.p99)) ms at the 99th "
                    + "percentile, loops and clients by "
                    + "\(report.harnessLag.map { milliseconds($0.p99) } ?? "–") ms",
            ])
        }
        return table.text
    }

    private var expectations: String {
        var table = TextTable([.left("EXPECTED"), .left("HELD"), .left("MEASURED")])
        for finding in report.expectations {
            let held = finding.held.map { $0 ? "yes" : "NO" } ?? "unknown"
            table.add([finding.expect, held, finding.measured])
        }
        return table.isEmpty ? "nothing was expected" : table.text
    }
}
