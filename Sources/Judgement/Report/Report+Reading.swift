import Consistency
import Recording
import Scenarios

/// A report that cannot be read, and why.
public struct MalformedReport: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in a sentence.
    public var description: String
}

extension Report {
    /// The report in the bytes of a `report.json`.
    ///
    /// - Throws: ``MalformedReport`` if they are no report, or one of a newer version.
    public init(decoding bytes: [UInt8]) throws(MalformedReport) {
        do {
            try self.init(json: try JSONParser.parse(bytes))
        } catch let error as MalformedRow {
            throw MalformedReport(description: "report.json: \(error.reason)")
        } catch {
            throw MalformedReport(description: "report.json: \(error)")
        }
    }

    private init(json: JSONValue) throws(MalformedRow) {
        let top = RowReader(row: json)
        let schema = try top.text("schema")
        guard RecordSchema.report.accepts(schema) else {
            throw MalformedRow(
                "its schema is \"\(schema)\", this version reads \"\(RecordSchema.report.name)\"")
        }
        let name = RowReader(row: try top.value("scenario"))
        let counts = RowReader(row: try top.value("operations"))
        let speed = RowReader(row: try top.value("performance"))
        let seed = try top.value("seed")
        guard
            let number = seed.integer.flatMap(UInt64.init(exactly:))
                ?? seed.text.flatMap({ UInt64($0) })
        else { throw MalformedRow("\"seed\" must be a whole number") }
        self.init(
            scenario: ScenarioName(
                name: try name.text("name"), title: try name.text("title"),
                digest: try name.text("digest")),
            engine: try top.word("engine"), seed: number, verdict: try top.word("verdict"),
            isComplete: try top.flag("complete"), remarks: try top.texts("remarks"),
            duration: try top.double("duration_ms"), wall: try top.optionalDouble("wall_ms"),
            harnessLag: MillisecondQuantiles(json: json["harness_lag_ms"]),
            operations: OperationCounts(
                planned: Int(try counts.integer("planned")),
                invoked: Int(try counts.integer("invoked")), ok: Int(try counts.integer("ok")),
                fail: Int(try counts.integer("fail")), info: Int(try counts.integer("info"))),
            availability: try top.rows("availability") {
                (row) throws(MalformedRow) in try AvailabilityRow(row)
            },
            latency: try top.rows("latency_ms") {
                (row) throws(MalformedRow) in try LatencyRow(row)
            },
            network: try top.optionalRow("network") {
                (row) throws(MalformedRow) in try NetworkFigures(row)
            },
            faults: try top.rows("faults") {
                (row) throws(MalformedRow) in try FaultFigures(row)
            },
            consistency: try ConsistencyFigures(RowReader(row: try top.value("consistency"))),
            sessions: try top.optionalRow("sessions") {
                (row) throws(MalformedRow) in try SessionFigures(row)
            },
            convergence: try ConvergenceFigures(RowReader(row: try top.value("convergence"))),
            expectations: try top.rows("expectations") {
                (row) throws(MalformedRow) in try ExpectationFinding(row)
            },
            performance: PerformanceFigures(
                virtualSecondsPerSecond: try speed.optionalDouble("virtual_seconds_per_second"),
                messagesPerSecond: try speed.optionalDouble("messages_per_second")))
    }
}

extension RowReader {
    fileprivate func word<Word: RawRepresentable<String>>(
        _ name: String
    ) throws(MalformedRow) -> Word {
        let text = try text(name)
        guard let word = Word(rawValue: text) else {
            throw MalformedRow("\"\(name)\" cannot be \"\(text)\"")
        }
        return word
    }

    fileprivate func rows<Row>(
        _ name: String, _ make: (RowReader) throws(MalformedRow) -> Row
    ) throws(MalformedRow) -> [Row] {
        var rows: [Row] = []
        for element in try list(name) { rows.append(try make(RowReader(row: element))) }
        return rows
    }

    fileprivate func optionalRow<Row>(
        _ name: String, _ make: (RowReader) throws(MalformedRow) -> Row
    ) throws(MalformedRow) -> Row? {
        guard let value = row[name], !value.isNull else { return nil }
        return try make(RowReader(row: value))
    }

    fileprivate func optionalFlag(_ name: String) throws(MalformedRow) -> Bool? {
        guard let value = row[name], !value.isNull else { return nil }
        return try flag(name)
    }

    fileprivate func optionalCount(_ name: String) throws(MalformedRow) -> Int? {
        try optionalInteger(name).map { Int($0) }
    }

    fileprivate func members(_ name: String) throws(MalformedRow) -> [JSONValue.Member] {
        guard let members = try value(name).members else {
            throw MalformedRow("\"\(name)\" must be an object")
        }
        return members
    }

    fileprivate func quantiles(_ name: String) throws(MalformedRow) -> MillisecondQuantiles {
        guard let quantiles = MillisecondQuantiles(json: try value(name)) else {
            throw MalformedRow("\"\(name)\" must have p50, p99 and max")
        }
        return quantiles
    }
}

extension RowScope {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        func part(_ name: String) throws(MalformedRow) -> String? {
            let text = try row.text(name)
            return text == "all" ? nil : text
        }
        let phase = try part("phase")
        self.init(
            region: try part("region"), operation: try part("operation"),
            phase: phase.flatMap(Phase.init(rawValue:)), fault: try row.optionalText("fault"),
            dataType: try row.optionalText("data_type"))
        if let phase, self.phase == nil { throw MalformedRow("\"phase\" cannot be \"\(phase)\"") }
    }
}

extension AvailabilityRow {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            scope: try RowScope(row), planned: Int(try row.integer("planned")),
            answered: Int(try row.integer("answered")))
    }
}

extension LatencyRow {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            scope: try RowScope(row), count: Int(try row.integer("count")),
            mean: try row.double("mean"), p50: try row.double("p50"), p95: try row.double("p95"),
            p99: try row.double("p99"), p999: try row.double("p999"), max: try row.double("max"))
    }
}

extension NetworkFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            messages: try row.integer("messages"), bytes: try row.integer("bytes"),
            crossRegionBytes: try row.integer("cross_region_bytes"),
            messagesPerOperation: try row.optionalDouble("messages_per_operation"),
            delayError: try row.quantiles("delay_error_ms"))
        // Only where there is something to tell.
        let rows = (try? row.value("priorities"))?.elements ?? []
        priorities = rows.compactMap(PriorityTraffic.init(json:))
    }
}

extension FaultFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            id: try row.text("id"), kind: try row.text("kind"), targets: try row.texts("targets"),
            start: try row.optionalDouble("start_ms"), end: try row.optionalDouble("end_ms"),
            hadEffect: try row.optionalFlag("had_effect"), evidence: try row.members("evidence"),
            detected: try row.optionalDouble("detected_ms"),
            failedOver: try row.optionalDouble("failed_over_ms"),
            servedAgain: try row.optionalDouble("served_again_ms"),
            recovered: try row.optionalDouble("recovered_ms"),
            converged: try row.optionalDouble("converged_ms"),
            leadersTaken: try row.texts("leaders_taken"),
            homesTaken: try row.texts("homes_taken"),
            writesLost: try row.optionalCount("acknowledged_writes_lost"),
            oldestLost: try row.optionalDouble("oldest_lost_ms"))
    }
}

extension ConsistencyFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        let all = try LinearizabilityFinding(RowReader(row: try row.value("linearizable")))
        var each: [LinearizabilityFinding] = []
        if row.row["linearizable_by_data_type"] != nil {
            each = try row.rows("linearizable_by_data_type") {
                (row) throws(MalformedRow) in try LinearizabilityFinding(row)
            }
        }
        var models: [ModelFinding] = []
        if row.row["models"] != nil {
            models = try row.rows("models") {
                (row) throws(MalformedRow) in try ModelFinding(row)
            }
        }
        var visibility: [VisibilityRow] = []
        if row.row["visibility"] != nil {
            visibility = try row.rows("visibility") {
                (row) throws(MalformedRow) in try VisibilityRow(row)
            }
        }
        var losses: [LossFigures] = []
        if row.row["losses"] != nil {
            losses = try row.rows("losses") { (row) throws(MalformedRow) in try LossFigures(row) }
        }
        var divergences: [DivergenceFigures] = []
        if row.row["out_of_line"] != nil {
            divergences = try row.rows("out_of_line") {
                (row) throws(MalformedRow) in try DivergenceFigures(row)
            }
        }
        let age = RowReader(row: try row.value("staleness_ms"))
        let conflicts = RowReader(row: try row.value("conflicts"))
        self.init(
            linearizable: all, perDataType: each, models: models,
            staleness: StalenessFigures(
                age: try row.quantiles("staleness_ms"),
                versionsBehind: try row.quantiles("versions_behind"),
                staleReads: Int(try age.integer("stale_reads")),
                reads: Int(try age.integer("reads")), ages: []),
            visibility: visibility,
            lostUpdates: try row.optionalCount("lost_updates"),
            unaudited: Int(try row.integer("unaudited_writes")), losses: losses,
            divergences: divergences,
            conflicts: ConflictFigures(
                detected: Int(try conflicts.integer("detected")),
                discardedConcurrent: Int(try conflicts.integer("discarded_concurrent")),
                resolved: try conflicts.members("resolved").map { member in
                    ResolvedBy(rule: member.name, count: Int(member.value.integer ?? 0))
                }),
            invariantViolations: row.row["invariants"] == nil
                ? nil : try RowReader(row: try row.value("invariants")).texts("violations"))
    }
}

extension ConsistencyFigures.LinearizabilityFinding {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            dataType: try row.optionalText("data_type"), verdict: try row.word("verdict"),
            checked: Int(try row.integer("checked")), violations: try row.list("violations"),
            reason: try row.optionalText("reason"))
    }
}

extension ConsistencyFigures.ModelFinding {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            name: try row.text("model"), bound: try row.optionalText("bound"),
            dataType: try row.text("data_type"),
            verdict: try row.word("verdict"), checked: Int(try row.integer("checked")),
            violations: try row.list("violations"), reason: try row.optionalText("reason"),
            remarks: row.row["remarks"] == nil ? [] : try row.texts("remarks"),
            figures: row.row["figures"] == nil ? [] : try row.members("figures"))
    }
}

extension ConsistencyFigures.LossFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            dataType: try row.text("data_type"), lost: Int(try row.integer("lost")),
            unaudited: Int(try row.integer("unaudited")),
            window: try row.optionalDouble("window_ms"))
    }
}

extension ConsistencyFigures.DivergenceFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            dataType: try row.text("data_type"), node: try row.text("node"),
            time: try row.double("time_ms"), writes: Int(try row.integer("writes")),
            lost: Int(try row.integer("lost")), diverged: Int(try row.integer("diverged")),
            handled: try row.text("handled"))
    }
}

extension ConsistencyFigures.VisibilityRow {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        let region = try row.text("region")
        self.init(
            region: region == "all" ? nil : region, after: try row.double("after_ms"),
            reads: Int(try row.integer("reads")), seen: Int(try row.integer("seen")))
    }
}

extension ConvergenceFigures {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            converged: try row.optionalFlag("converged"),
            time: try row.optionalDouble("time_ms"),
            digests: try row.members("digests").map { member in
                Digest(replica: member.name, digest: member.value.text ?? "")
            },
            leftOut: try row.texts("left_out"))
    }
}

extension ExpectationFinding {
    fileprivate init(_ row: RowReader) throws(MalformedRow) {
        self.init(
            expect: try row.text("expect"), held: try row.optionalFlag("held"),
            kind: try row.word("kind"), measured: try row.text("measured"))
    }
}
