import ArgumentParser
import Foundation
import Meridian
import NodeHost
import RegionCore

/// The whole of `meridian` as a library, for an executable that knows more strategies.
///
/// ```swift
/// import MeridianTool
/// import RegionCore
///
/// var registry = StrategyRegistry.standard
/// registry.register(MyStrategy.self)
/// await MeridianProgram.main(strategies: registry)
/// ```
public enum MeridianProgram {
    /// The argument with which a program starts itself as a node; its configuration follows.
    private static let nodeArgument = "region-node"

    /// Carries out the command line and ends the process.
    ///
    /// Without `strategies` nodes are `region-node`, beside the program. With them the program is
    /// its own node: it starts itself.
    public static func main(strategies: StrategyRegistry? = nil) async {
        if let strategies {
            let arguments = CommandLine.arguments
            if arguments.count == 3, arguments[1] == nodeArgument {
                exit(
                    RegionNodeProcess.run(
                        configurationPath: arguments[2], registry: strategies))
            }
            Meridian.use(strategies, nodes: .thisProgram([nodeArgument]))
        }
        await MeridianCommand.main()
    }
}
