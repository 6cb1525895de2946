import Foundation
import RegionCore
import Replication
import Synchronization

/// The consistency strategies that scenarios can name.
public var strategies: StrategyRegistry { known.withLock { $0.registry } }

/// Lets scenarios name the strategy `type`, too. Call it before anything else.
///
/// Runs in virtual time then know it. A run with processes needs nodes that do: say in
/// ``RunOptions/nodeExecutable`` which (see ``RegionNodeProcess``).
public func register<Strategy: Replica>(_ type: Strategy.Type) {
    known.withLock { $0.registry.register(type) }
}

/// The program that nodes run.
package enum NodeProgram: Sendable {
    /// The `region-node` beside this program.
    case beside
    /// This program itself, with these arguments before the configuration.
    case thisProgram([String])

    /// Its file and the arguments before the configuration.
    func command() throws -> (executable: String, arguments: [String]) {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        switch self {
        case .beside:
            return ((own as NSString).deletingLastPathComponent + "/region-node", [])
        case .thisProgram(let arguments): return (own, arguments)
        }
    }
}

/// Makes `registry` the strategies that scenarios can name, and `nodes` the program that nodes run
/// unless something else is asked for.
package func use(_ registry: StrategyRegistry, nodes: NodeProgram) {
    known.withLock {
        $0.registry = registry
        $0.nodes = nodes
    }
}

/// What nodes run unless something else is asked for.
var nodeProgram: NodeProgram { known.withLock { $0.nodes } }

private struct Known {
    var registry = StrategyRegistry.standard
    var nodes = NodeProgram.beside
}

private let known = Mutex(Known())
