import Replication

extension StrategyRegistry {
    /// The strategies that come with Meridian. A new one needs one line here.
    public static var standard: StrategyRegistry {
        var registry = StrategyRegistry()
        registry.register(Raft.self)
        registry.register(Eventual.self)
        registry.register(Quorum.self)
        registry.register(PrimaryBackup.self)
        return registry
    }
}
