import Recording

/// Every figure of a run and what they mean for its expectations: `report.json`.
///
/// Made by ``Judge`` from a record alone. Times are in milliseconds, shares from 0 to 1.
public struct Report: Hashable, Sendable {
    /// The scenario.
    public var scenario: ScenarioName
    /// What carried out the run.
    public var engine: RunInformation.Engine
    /// The run's seed.
    public var seed: UInt64
    /// What it all comes to.
    public var verdict: Verdict
    /// Whether the run came to its end and everything is recorded.
    public var isComplete: Bool
    /// Why the verdict is unknown, and what else a reader must know, in sentences.
    public var remarks: [String]
    /// How long clients ran.
    public var duration: Double
    /// How long the run took by the wall clock; `nil` in virtual time, where `run.json` says it.
    public var wall: Double?
    /// How late clients and event loops ran; `nil` if that was not measured.
    public var harnessLag: MillisecondQuantiles?
    /// How many operations there were.
    public var operations: OperationCounts
    /// The share of operations that were answered in time.
    public var availability: [AvailabilityRow]
    /// How long answers took, from the planned start.
    public var latency: [LatencyRow]
    /// What the run cost the network; `nil` if that was not measured.
    public var network: NetworkFigures?
    /// What each fault did.
    public var faults: [FaultFigures]
    /// What the histories show.
    public var consistency: ConsistencyFigures
    /// What became of sessions; `nil` if the scenario has none.
    public var sessions: SessionFigures?
    /// Whether the replicas came to agree.
    public var convergence: ConvergenceFigures
    /// What became of each expectation, in the order of the scenario.
    public var expectations: [ExpectationFinding]
    /// How fast the run was.
    public var performance: PerformanceFigures

    /// What a run comes to.
    public enum Verdict: String, CaseIterable, Hashable, Sendable {
        /// Every expectation held.
        case pass
        /// An expectation did not hold.
        case fail
        /// None failed, but of some it cannot be said that they held.
        case unknown
    }

    /// Names a scenario.
    public struct ScenarioName: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its title, or its name.
        public var title: String
        /// `sha256:` and the digest of the resolved scenario.
        public var digest: String
    }

    /// The number of operations.
    public struct OperationCounts: Hashable, Sendable {
        /// That were to start.
        public var planned: Int
        /// That were sent.
        public var invoked: Int
        /// That took effect.
        public var ok: Int
        /// That did not.
        public var fail: Int
        /// Of which that is unknown.
        public var info: Int
    }

    /// How fast the run was. Nothing of it stands in the report of a run: in real time it would not
    /// say much, and in virtual time `run.json` says it, so that reports of a seed are the same.
    public struct PerformanceFigures: Hashable, Sendable {
        /// Seconds of virtual time in a second of the wall clock.
        public var virtualSecondsPerSecond: Double?
        /// Messages in a second of the wall clock.
        public var messagesPerSecond: Double?
    }
}
