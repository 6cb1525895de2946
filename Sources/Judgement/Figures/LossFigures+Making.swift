import Determinism
import Recording

extension ConsistencyFigures.LossFigures {
    /// The figures of an audit, each loss blamed on one of `faults`.
    init(
        _ dataType: String, _ audit: LossAudit,
        faults: [(span: FaultSpan, recovery: FaultRecovery)]
    ) {
        var spans: [String: ClosedRange<Instant>] = [:]
        for write in audit.lost {
            let fault = write.culprit(among: faults) ?? ""
            let known = spans[fault] ?? write.acknowledged...write.acknowledged
            spans[fault] =
                min(
                    known.lowerBound, write.acknowledged)...max(
                    known.upperBound, write.acknowledged)
        }
        self.init(
            dataType: dataType, lost: audit.lost.count, unaudited: audit.unaudited,
            window: spans.values.map { milliseconds($0.upperBound - $0.lowerBound) }.max())
    }
}

extension ConsistencyFigures.DivergenceFigures {
    /// What a member said when it found itself out of line; `nil` for other events.
    init?(_ event: RecordedEvent) {
        guard event.kind.rawValue == "log-out-of-line", let group = event.group,
            let node = event.node
        else { return nil }
        func count(_ name: String) -> Int { Int(event[name]?.integer ?? 0) }
        self.init(
            dataType: group, node: node, time: milliseconds(event.time),
            writes: count("writes"), lost: count("lost"), diverged: count("diverged"),
            handled: event["handled"]?.text ?? "")
    }
}
