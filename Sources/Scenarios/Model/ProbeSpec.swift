import Determinism
import Replication

/// Probes of how soon writes are seen: a workload's `probes:` section.
///
/// A probe is one write of a key that nothing else uses and, some time after its acknowledgement,
/// one read of that key by a client beside another region. Probes tell nothing of each other, so
/// that the share of reads that see the write follows the binomial distribution (t-visibility of
/// Bailis et al., "Probabilistically Bounded Staleness for Practical Partial Quorums", 2012).
public struct ProbeSpec: Hashable, Sendable {
    /// Probes a second, over all regions; above 0.
    public var rate: Double
    /// How long after the acknowledgement the read is planned: one of these, drawn evenly.
    public var after: [TimeSpan]
    /// The data type; `nil`: the first of the workload.
    public var dataType: GroupID?

    /// What a probe does.
    public static let operations: [OperationKind] = [.write, .read]

    /// The most times that ``after`` can have.
    public static let timesMax = 32

    /// Probes with these properties; the defaults are those of the scenario format.
    public init(
        rate: Double = 5,
        after: [TimeSpan] = [
            .zero, .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500),
            .seconds(1),
        ], dataType: GroupID? = nil
    ) {
        self.rate = rate
        self.after = after
        self.dataType = dataType
    }
}
