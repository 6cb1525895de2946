import Determinism
import Replication

/// The nodes of a group in the order in which the clients of one region turn to them: those of
/// the nearest region first, by round trip, then those of the next one, and so on. A region's own
/// members are nearer than all others; of equally near regions the first in the scenario goes
/// first.
///
/// Clients share out the nodes of each region: the client with ordinal 0 begins with the first
/// node, the one with ordinal 1 with the second, and round again.
struct Route: Sendable {
    private struct Stop: Sendable {
        var region: RegionID
        var nodes: [NodeID]
    }

    private let stops: [Stop]
    /// How many nodes a client may turn to in all.
    let count: Int

    /// The way from `home` through `members`. Without `failover` it ends with the nearest region
    /// that has members, mostly `home` itself.
    init(home: RegionID, members: [NodeID], roundTrips: RoundTripTable, failover: Bool) {
        func nearness(_ region: RegionID) -> Int64 {
            region == home ? -1 : roundTrips[home, region].nanoseconds
        }
        let sorted = members.sorted { left, right in
            let distances = (nearness(left.region), nearness(right.region))
            return distances.0 != distances.1 ? distances.0 < distances.1 : left < right
        }
        var stops: [Stop] = []
        for node in sorted {
            if stops.last?.region == node.region {
                stops[stops.count - 1].nodes.append(node)
            } else if failover || stops.isEmpty {
                stops.append(Stop(region: node.region, nodes: [node]))
            }
        }
        self.stops = stops
        count = stops.reduce(0) { $0 + $1.nodes.count }
    }

    /// The node at `position` (below ``count``) for the client with `ordinal`.
    func node(at position: Int, ordinal: Int) -> NodeID {
        var rest = position
        for stop in stops {
            if rest < stop.nodes.count { return stop.nodes[(rest + ordinal) % stop.nodes.count] }
            rest -= stop.nodes.count
        }
        preconditionFailure("position \(position) of a route of \(count) nodes")
    }

    /// Whether `node` is on the route.
    func contains(_ node: NodeID) -> Bool {
        stops.contains { $0.region == node.region && $0.nodes.contains(node) }
    }
}
