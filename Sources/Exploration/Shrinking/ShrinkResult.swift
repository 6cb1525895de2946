import Scenarios

/// The smallest scenario that was found.
package struct ShrinkResult: Sendable {
    /// The scenario.
    package var scenario: Scenario
    /// What came of its run.
    package var trial: ShrinkTrial
    /// The scenario that it was made from.
    package var first: Scenario
    /// What came of that one's run.
    package var firstTrial: ShrinkTrial
    /// How many runs it took.
    package var runs: Int
    /// Whether the budget was spent, so that it may not be the smallest.
    package var isExhausted: Bool

    /// Whether nothing could be made smaller; under another name it is the same still.
    package var isUnchanged: Bool {
        var renamed = scenario
        renamed.name = first.name
        renamed.title = first.title
        return renamed == first
    }
}

/// How far a shrink is.
package struct ShrinkProgress: Sendable {
    /// The runs made, and those that may be made.
    package var runs: Int
    /// The most runs.
    package var budget: Int
    /// What was tried last.
    package var reduction: String
    /// The size of the smallest scenario found.
    package var size: ScenarioSize
    /// Whether what was tried last made it smaller.
    package var hasHelped: Bool
}

/// A run that does not fail, so that nothing can be shrunk.
package struct ShrinkRefusal: Error, Hashable {
    /// What came of it instead: what failed otherwise, or stayed unknown.
    package var failures: [SeedOutcome.Failure]

    /// The refusal of a run of which this came.
    package init(failures: [SeedOutcome.Failure]) { self.failures = failures }
}
