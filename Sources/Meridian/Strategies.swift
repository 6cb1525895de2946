import RegionCore

/// The consistency strategies that scenarios can name.
public let strategies = StrategyRegistry.standard
