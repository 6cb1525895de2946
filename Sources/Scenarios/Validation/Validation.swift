import Replication

extension Scenario {
    /// Everything that is wrong with the scenario beyond its form, with the path to each.
    public func problems(strategies: [StrategyDescription]) -> [ScenarioProblem] {
        []
    }
}
