import Recording

extension SessionFigures {
    var json: JSONValue {
        .members([
            "logins": .count(logins), "refreshes": .count(refreshes), "logouts": .count(logouts),
            "ended_together": .count(endedTogether),
            "validations": .members([
                "valid": .count(valid), "local": .count(local), "cache": .count(cached),
                "remote": .count(remote),
                "hit_share": .optional(hitShare.map { ($0 * 1_000_000).rounded() / 1_000_000 }),
            ]),
            "rejections": .object(
                rejections.map { JSONValue.Member($0.reason, .count($0.count)) }),
            "lookups": .members([
                "count": .count(lookups.count), "found": .count(lookups.found),
                "revoked": .count(lookups.revoked), "unknown": .count(lookups.unknown),
                "silent": .count(lookups.silent), "p50_ms": .number(lookups.p50),
                "p95_ms": .number(lookups.p95), "p99_ms": .number(lookups.p99),
                "max_ms": .number(lookups.max),
            ]),
            "known_everywhere": spread.json, "revoked_everywhere": revocationSpread.json,
            "lost": .optional(lost.map { Int64($0) }),
            "revoked_validations": .members([
                "reached": .count(revokedReached), "window": .count(revokedWindow),
            ]),
            "expired_validations": .members([
                "count": .count(expiredValidated), "longest_ms": .number(expiredLongest),
                "early": .count(expiredEarly),
            ]),
        ])
    }

    init(_ row: RowReader) throws(MalformedRow) {
        func count(_ row: RowReader, _ name: String) throws(MalformedRow) -> Int {
            Int(try row.integer(name))
        }
        self.init()
        logins = try count(row, "logins")
        refreshes = try count(row, "refreshes")
        logouts = try count(row, "logouts")
        endedTogether = Int(row.row["ended_together"]?.integer ?? 0)
        let validations = RowReader(row: try row.value("validations"))
        local = try count(validations, "local")
        cached = try count(validations, "cache")
        remote = try count(validations, "remote")
        for member in try row.value("rejections").members ?? [] {
            rejections.append(
                Rejection(reason: member.name, count: Int(member.value.integer ?? 0)))
        }
        let asked = RowReader(row: try row.value("lookups"))
        lookups = Lookups(
            count: try count(asked, "count"), found: try count(asked, "found"),
            revoked: try count(asked, "revoked"), unknown: try count(asked, "unknown"),
            silent: try count(asked, "silent"), p50: try asked.double("p50_ms"),
            p95: try asked.double("p95_ms"), p99: try asked.double("p99_ms"),
            max: try asked.double("max_ms"))
        spread = try Spread(RowReader(row: try row.value("known_everywhere")))
        revocationSpread = try Spread(RowReader(row: try row.value("revoked_everywhere")))
        lost = try row.optionalInteger("lost").map { Int($0) }
        let revoked = RowReader(row: try row.value("revoked_validations"))
        revokedReached = try count(revoked, "reached")
        revokedWindow = try count(revoked, "window")
        let expired = RowReader(row: try row.value("expired_validations"))
        expiredValidated = try count(expired, "count")
        expiredLongest = try expired.double("longest_ms")
        expiredEarly = try count(expired, "early")
    }
}

extension SessionFigures.Spread {
    var json: JSONValue {
        .members([
            "count": .count(count), "never": .count(never), "p50_ms": .number(p50),
            "p99_ms": .number(p99), "max_ms": .number(max),
        ])
    }

    init(_ row: RowReader) throws(MalformedRow) {
        self.init()
        count = Int(try row.integer("count"))
        never = Int(try row.integer("never"))
        p50 = try row.double("p50_ms")
        p99 = try row.double("p99_ms")
        max = try row.double("max_ms")
    }
}
