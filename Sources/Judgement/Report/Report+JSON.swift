import Consistency
import Recording
import Scenarios

extension Report {
    /// The report as JSON, with its keys in a fixed order: the same report gives the same bytes.
    public var json: JSONValue {
        let members: JSONValue = .members([
            "schema": .text(RecordSchema.report.name),
            "scenario": .members([
                "name": .text(scenario.name), "title": .text(scenario.title),
                "digest": .text(scenario.digest),
            ]),
            "engine": .text(engine.rawValue), "seed": Self.json(seed),
            "verdict": .text(verdict.rawValue), "complete": .flag(isComplete),
            "remarks": .texts(remarks), "duration_ms": .number(duration),
            "wall_ms": .optional(wall), "harness_lag_ms": harnessLag?.json ?? .null,
            "operations": .members([
                "planned": .count(operations.planned), "invoked": .count(operations.invoked),
                "ok": .count(operations.ok), "fail": .count(operations.fail),
                "info": .count(operations.info),
            ]),
            "availability": .list(availability.map(\.json)),
            "latency_ms": .list(latency.map(\.json)), "network": network?.json ?? .null,
            "faults": .list(faults.map(\.json)), "consistency": consistency.json,
            "convergence": convergence.json,
            "expectations": .list(expectations.map(\.json)),
            "performance": .members([
                "virtual_seconds_per_second": .optional(performance.virtualSecondsPerSecond),
                "messages_per_second": .optional(performance.messagesPerSecond),
            ]),
        ])
        guard let sessions else { return members }
        return .object((members.members ?? []) + [.init("sessions", sessions.json)])
    }

    /// A seed as a number or, where that would lose digits, as text.
    private static func json(_ seed: UInt64) -> JSONValue {
        Int64(exactly: seed).map(JSONValue.integer) ?? .text(String(seed))
    }

    /// The bytes of `report.json`.
    public var encoded: [UInt8] { Array(json.indented.utf8) }
}

extension RowScope {
    /// The members that say what a row is about; a data type only where there are several.
    var members: [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("region", .text(region ?? "all")), .init("operation", .text(operation ?? "all")),
            .init("phase", .text(phase?.rawValue ?? "all")), .init("fault", .optional(fault)),
        ]
        if let dataType { members.append(.init("data_type", .text(dataType))) }
        return members
    }
}

extension AvailabilityRow {
    var json: JSONValue {
        .object(
            scope.members + [
                .init("share", .number((share * 1_000_000).rounded() / 1_000_000)),
                .init("planned", .count(planned)), .init("answered", .count(answered)),
            ])
    }
}

extension LatencyRow {
    var json: JSONValue {
        .object(
            scope.members + [
                .init("count", .count(count)), .init("mean", .number(mean)),
                .init("p50", .number(p50)), .init("p95", .number(p95)),
                .init("p99", .number(p99)), .init("p999", .number(p999)),
                .init("max", .number(max)),
            ])
    }
}

extension NetworkFigures {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("messages", .integer(messages)), .init("bytes", .integer(bytes)),
            .init("cross_region_bytes", .integer(crossRegionBytes)),
            .init("messages_per_operation", .optional(messagesPerOperation)),
            .init("delay_error_ms", delayError.json),
        ]
        if !priorities.isEmpty {
            members.append(.init("priorities", .list(priorities.map { .object($0.members) })))
        }
        return .object(members)
    }
}

extension FaultFigures {
    var json: JSONValue {
        .members([
            "id": .text(id), "kind": .text(kind), "targets": .texts(targets),
            "start_ms": .optional(start), "end_ms": .optional(end),
            "had_effect": .optional(hadEffect), "evidence": .object(evidence),
            "detected_ms": .optional(detected), "failed_over_ms": .optional(failedOver),
            "served_again_ms": .optional(servedAgain), "recovered_ms": .optional(recovered),
            "converged_ms": .optional(converged), "leaders_taken": .texts(leadersTaken),
            "homes_taken": .texts(homesTaken),
            "acknowledged_writes_lost": .optional(writesLost.map { Int64($0) }),
            "oldest_lost_ms": .optional(oldestLost),
        ])
    }
}

extension ConsistencyFigures {
    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("linearizable", linearizable.json)]
        if perDataType.count > 1 {
            members.append(.init("linearizable_by_data_type", .list(perDataType.map(\.json))))
        }
        if !models.isEmpty { members.append(.init("models", .list(models.map(\.json)))) }
        members += [
            .init("staleness_ms", staleness.json),
            .init(
                "versions_behind",
                staleness.versionsBehind.json),
        ]
        if !visibility.isEmpty {
            members.append(.init("visibility", .list(visibility.map(\.json))))
        }
        members += [
            .init("lost_updates", .optional(lostUpdates.map { Int64($0) })),
            .init("unaudited_writes", .count(unaudited)),
            .init("losses", .list(losses.map(\.json))), .init("conflicts", conflicts.json),
        ]
        if !divergences.isEmpty {
            members.append(.init("out_of_line", .list(divergences.map(\.json))))
        }
        if let invariantViolations {
            members.append(
                .init("invariants", .members(["violations": .texts(invariantViolations)])))
        }
        return .object(members)
    }
}

extension ConsistencyFigures.LossFigures {
    var json: JSONValue {
        .members([
            "data_type": .text(dataType), "lost": .count(lost), "unaudited": .count(unaudited),
            "window_ms": .optional(window),
        ])
    }
}

extension ConsistencyFigures.DivergenceFigures {
    var json: JSONValue {
        .members([
            "data_type": .text(dataType), "node": .text(node), "time_ms": .number(time),
            "writes": .count(writes), "lost": .count(lost), "diverged": .count(diverged),
            "handled": .text(handled),
        ])
    }
}

extension ConsistencyFigures.LinearizabilityFinding {
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let dataType { members.append(.init("data_type", .text(dataType))) }
        members += [
            .init("verdict", .text(verdict.rawValue)), .init("checked", .count(checked)),
            .init("violations", .list(violations)),
        ]
        if let reason { members.append(.init("reason", .text(reason))) }
        return .object(members)
    }
}

extension ConsistencyFigures.ModelFinding {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("model", .text(name)), .init("data_type", .text(dataType)),
            .init("verdict", .text(verdict.rawValue)), .init("checked", .count(checked)),
            .init("violations", .list(violations)),
        ]
        if let bound { members.insert(.init("bound", .text(bound)), at: 1) }
        if !figures.isEmpty { members.append(.init("figures", .object(figures))) }
        if !remarks.isEmpty { members.append(.init("remarks", .texts(remarks))) }
        if let reason { members.append(.init("reason", .text(reason))) }
        return .object(members)
    }
}

extension ConsistencyFigures.VisibilityRow {
    var json: JSONValue {
        func rounded(_ share: Double) -> JSONValue {
            .number((share * 1_000_000).rounded() / 1_000_000)
        }
        return .members([
            "region": .text(region ?? "all"), "after_ms": .number(after), "reads": .count(reads),
            "seen": .count(seen), "share": rounded(share), "low": rounded(interval.lowerBound),
            "high": rounded(interval.upperBound),
        ])
    }
}

extension ConsistencyFigures.StalenessFigures {
    var json: JSONValue {
        .members([
            "p50": .number(age.p50), "p99": .number(age.p99), "max": .number(age.max),
            "stale_reads": .count(staleReads), "reads": .count(reads),
        ])
    }
}

extension ConsistencyFigures.ConflictFigures {
    var json: JSONValue {
        .members([
            "detected": .count(detected), "discarded_concurrent": .count(discardedConcurrent),
            "resolved": .object(resolved.map { .init($0.rule, .count($0.count)) }),
        ])
    }
}

extension ConvergenceFigures {
    var json: JSONValue {
        .members([
            "converged": .optional(converged), "time_ms": .optional(time),
            "digests": .object(digests.map { .init($0.replica, .text($0.digest)) }),
            "left_out": .texts(leftOut),
        ])
    }
}

extension ExpectationFinding {
    var json: JSONValue {
        .members([
            "expect": .text(expect), "held": .optional(held), "kind": .text(kind.rawValue),
            "measured": .text(measured),
        ])
    }
}
