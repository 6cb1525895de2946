import Determinism
import Foundation
import Geography
import RegionCore
import Replication

extension RegionNodeProcess {
    /// The configuration of a node on its own, to start from.
    public static var exampleConfiguration: String {
        let node = NodeID(region: RegionID(index: 0))
        let founder = MemberID(node)
        let group = GroupPlacement(
            name: "default", strategy: "raft", options: StrategyOptions(["prevote": .toggle(true)]),
            voters: [founder])
        var configuration = NodeConfiguration(
            node: node, nodes: [NamedNode(node: node, name: "us-east-1/a/1")],
            runToken: "a-secret-for-peers-and-clients", controlToken: "another-secret",
            databasePath: "node.db", seed: 1, groups: [GroupConfiguration(group)],
            roundTrips: RoundTripTable(regionCount: 1, spans: [.zero]), links: [])
        configuration.port = 7400
        guard let data = try? configuration.encoded() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
