import Recording

/// What happened in a run, in a line for people.
enum EventText {
    /// The event without its time and node.
    static func text(_ event: RecordedEvent) -> String {
        if let strike = FaultStarted(event) {
            let taken = strike.leadersTaken.map { ", takes \($0.node), which leads \($0.group)" }
            return "fault \(strike.id) strikes: \(strike.kind) "
                + strike.targets.joined(separator: ", ") + taken.joined()
        }
        if let heal = FaultEnded(event) { return "fault \(heal.id) ends" }
        if let finding = Convergence(event) {
            return finding.converged ? "all members agree" : "the members do not agree"
        }
        let details = event.fields.compactMap { field in
            text(field.value).map { "\(spaced(field.name)) \($0)" }
        }
        let group = event.group.map { [$0] } ?? []
        let all = (group + details).joined(separator: ", ")
        return spaced(event.kind.rawValue) + (all.isEmpty ? "" : " (\(all))")
    }

    private static func spaced(_ name: String) -> String {
        String(name.map { $0 == "-" || $0 == "_" ? " " : $0 })
    }

    /// A detail in a few words; `nil` if there is none.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .flag(let flag): flag ? "yes" : "no"
        case .integer(let number): "\(number)"
        case .number(let number): decimal(number, places: 1)
        case .text(let text): text
        case .list(let elements): elements.isEmpty ? nil : value.line
        case .object: value.line
        }
    }
}
