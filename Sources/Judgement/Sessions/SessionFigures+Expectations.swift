import Determinism
import Scenarios

extension SessionFigures {
    /// Whether `expectation` held (`nil`: unknown) and what was measured.
    func finding(of expectation: SessionExpectation) -> (held: Bool?, measured: String) {
        switch expectation {
        case .lost(let most):
            guard let lost else { return (nil, "the final state was not recorded") }
            guard logins > 0 else { return (nil, "nobody logged in") }
            return (lost <= most, "\(lost) of \(logins) acknowledged logins lost")
        case .hits(let share):
            guard let hitShare else { return (nil, "no session was validated") }
            return (
                hitShare >= share,
                "\(ExpectationText.percent(hitShare)) of \(valid) validations needed no other region"
            )
        case .revokedValidations(let most):
            let measured =
                "\(revokedReached) at nodes that the end had reached, \(revokedWindow) at others, "
                + "after \(logouts + endedTogether) ends"
            guard logouts + endedTogether > 0 else { return (nil, "no session was ended") }
            return (revokedReached <= most, measured)
        case .expiredValidations(let most):
            guard valid + refreshes > 0 else { return (nil, "no session was validated") }
            return (
                expiredValidated <= most,
                "\(expiredValidated) after the session's time, up to \(expiredLongest) ms; "
                    + "\(expiredEarly) refused before it was over"
            )
        case .spread(let percentile, let span): return judge(spread, percentile, span, "sessions")
        case .revocationSpread(let percentile, let span):
            return judge(revocationSpread, percentile, span, "ends of sessions")
        }
    }

    private func judge(
        _ spread: Spread, _ percentile: Double, _ span: TimeSpan, _ what: String
    ) -> (held: Bool?, measured: String) {
        let all = spread.count + spread.never
        guard all > 0 else { return (nil, "there were no \(what)") }
        // What never came to be known is later than any time.
        let times = spread.times + Array(repeating: Double.infinity, count: spread.never)
        let time = Self.percentile(percentile, of: times)
        let text = time.isInfinite ? "not within the run" : "\(time) ms"
        return (
            time <= span.milliseconds,
            "\(text) at percentile \(ExpectationText.plain(percentile)) of \(all) \(what)"
        )
    }
}
