import Determinism
import Replication

/// How a run with processes is carried out, apart from what its Plan says.
package struct RunSettings: Sendable {
    /// The `region-node` executable.
    package var executable: String
    /// What comes before the configuration on a node's command line.
    package var arguments: [String] = []
    /// Whether nodes' databases stay in the record.
    package var keepsData: Bool
    /// Whether nodes log every detail.
    package var isVerbose: Bool

    /// Called on the engine's loop whenever a node serves, for whoever wants to talk to it besides.
    package var nodeListens: (@Sendable (NodeAccess) -> Void)?

    /// These settings.
    package init(executable: String, keepsData: Bool = false, isVerbose: Bool = false) {
        self.executable = executable
        self.keepsData = keepsData
        self.isVerbose = isVerbose
    }
}

/// How to talk to a node of a run.
package struct NodeAccess: Sendable {
    /// The node.
    package var node: NodeID
    /// Where it listens, on the loopback interface.
    package var port: Int
    /// What peers and clients show.
    package var runToken: String
    /// What operators show.
    package var controlToken: String
}
