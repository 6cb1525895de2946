import Recording
import Simulation

extension TransitionCoverage {
    /// As an object, with the rows of each strategy by transition.
    package var json: JSONValue {
        .object(
            strategies.map { strategy in
                JSONValue.Member(
                    strategy.name,
                    .object(
                        zip(strategy.transitions, strategy.counts).map { name, counts in
                            JSONValue.Member(name, .list(counts.map { .count($0) }))
                        }))
            })
    }

    /// What the object says.
    package init(json: JSONValue) {
        self.init()
        for member in json.members ?? [] {
            let rows = member.value.members ?? []
            add(
                Strategy(
                    name: member.name, transitions: rows.map(\.name),
                    counts: rows.map { row in
                        (row.value.elements ?? []).map { UInt64(clamping: $0.integer ?? 0) }
                    }))
        }
    }
}
