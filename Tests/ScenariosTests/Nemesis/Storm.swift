import Scenarios

/// Storms: random faults of all kinds.
enum Storm {
    /// How many nodes are in each region.
    static let shapes = [[1, 1, 1], [3], [2, 2, 1], [1, 1, 1, 1], [3, 2, 2]]

    /// All kinds at once, strikes that overlap, in some number of nodes.
    static func scenario(
        nodes: [Int], budget: String = "minority", kinds: String? = nil,
        reads: String = "read-index",
        more: String = "", extra: String = ""
    ) throws -> Scenario {
        let regions = ["us-east-1", "eu-west-1", "ap-northeast-1", "us-west-2", "eu-central-1"]
        let list = zip(regions, nodes).map { name, count in
            "{name: \(name), nodes: \(count), zones: [\(count > 1 ? "a, b" : "a")]}"
        }.joined(separator: ", ")
        let all = RandomFaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        return try decode(
            """
            name: storm
            duration: 20s
            topology: {regions: [\(list)]}
            replication: {strategy: raft, reads: \(reads)}
            faults:
              - {at: 1s, random: {faults: [\(kinds ?? all)], every: 500ms, for: 300ms..5s, budget: \(budget)}}
            \(more)
            \(extra)
            """)
    }
}
