import MeridianTool
import RegionCore

var registry = StrategyRegistry.standard
registry.register(SingleWriter.self)
await MeridianProgram.main(strategies: registry)
