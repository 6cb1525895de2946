import Judgement

/// The sessions of a run for the terminal: name and figures of each row.
enum SessionRows {
    static func rows(_ figures: SessionFigures) -> [[String]] {
        let share = figures.hitShare.map { percentage($0) } ?? "–"
        let lookups = figures.lookups
        let ended =
            figures.endedTogether == 0
            ? "" : ", \(grouped(figures.endedTogether)) ended with others"
        var rows = [
            [
                "sessions",
                "\(grouped(figures.logins)) logins, \(grouped(figures.refreshes)) refreshes, "
                    + "\(grouped(figures.logouts)) logouts\(ended), "
                    + "\(grouped(figures.valid)) validations",
            ],
            [
                "found without asking",
                "\(share): \(grouped(figures.local)) in the own replica, "
                    + "\(grouped(figures.cached)) in the cache; \(grouped(figures.remote)) elsewhere",
            ],
            [
                "asked other regions",
                "\(grouped(lookups.count)) times: \(grouped(lookups.found)) found, "
                    + "\(grouped(lookups.revoked)) ended, \(grouped(lookups.unknown)) unknown, "
                    + "\(grouped(lookups.silent)) not answered; p50 \(milliseconds(lookups.p50)), "
                    + "p95 \(milliseconds(lookups.p95)), p99 \(milliseconds(lookups.p99)) ms",
            ],
            ["known everywhere", spread(figures.spread)],
            ["ended everywhere", spread(figures.revocationSpread)],
            ["sessions lost", figures.lost.map(grouped) ?? "not known"],
            [
                "ended and validated",
                "\(grouped(figures.revokedReached)) where the end was known, "
                    + "\(grouped(figures.revokedWindow)) where it was not yet",
            ],
            [
                "over and validated",
                "\(grouped(figures.expiredValidated)), up to "
                    + "\(milliseconds(figures.expiredLongest)) ms after; "
                    + "\(grouped(figures.expiredEarly)) refused too early",
            ],
        ]
        if !figures.rejections.isEmpty {
            let reasons = figures.rejections.map { "\(grouped($0.count)) \($0.reason)" }
            rows.append(["refused", reasons.joined(separator: ", ")])
        }
        return rows
    }

    private static func spread(_ spread: SessionFigures.Spread) -> String {
        let never = spread.never == 0 ? "" : "; \(grouped(spread.never)) never"
        return "p50 \(milliseconds(spread.p50)), p99 \(milliseconds(spread.p99)), max "
            + "\(milliseconds(spread.max)) ms of \(grouped(spread.count))\(never)"
    }
}
