import Consistency
import Recording
import Scenarios

/// What the histories and the final state show.
public struct ConsistencyFigures: Hashable, Sendable {
    /// Whether the history is linearizable, over all data types.
    public var linearizable: LinearizabilityFinding
    /// The same for each data type, when there are several.
    public var perDataType: [LinearizabilityFinding]
    /// Whether the other models that the scenario expects hold, for each data type.
    public var models: [ModelFinding]
    /// How old what reads returned was.
    public var staleness: StalenessFigures
    /// What the probes saw, by the reader's region and how long they waited.
    public var visibility: [VisibilityRow]
    /// Acknowledged writes that are lost; `nil`: the final state is not known.
    public var lostUpdates: Int?
    /// Acknowledged writes that carry no version, so that their fate is not known.
    public var unaudited: Int
    /// The same for each data type, by name in order.
    public var losses: [LossFigures] = []
    /// Members that held what was not in their primary's line, in order of time.
    public var divergences: [DivergenceFigures] = []
    /// Concurrent writes that met.
    public var conflicts: ConflictFigures
    /// What contradicts the promises that strategies make of their own state, each in a sentence;
    /// `nil`: it was not looked for.
    public var invariantViolations: [String]?

    /// Whether operations are linearizable.
    public struct LinearizabilityFinding: Hashable, Sendable {
        /// The data type; `nil`: all of them.
        public var dataType: String?
        /// The verdict.
        public var verdict: CheckVerdict
        /// How many operations were looked at.
        public var checked: Int
        /// The violations, as the checker describes them.
        public var violations: [JSONValue]
        /// Why the verdict is unknown.
        public var reason: String?
    }

    /// Whether operations are what a model allows, or keep to a bound.
    public struct ModelFinding: Hashable, Sendable {
        /// The name of the model or bound.
        public var name: String
        /// What the bound allows, as scenario files write it; `nil` for a model.
        public var bound: String?
        /// The data type.
        public var dataType: String
        /// The verdict.
        public var verdict: CheckVerdict
        /// How many operations were looked at.
        public var checked: Int
        /// The violations, as the checker describes them.
        public var violations: [JSONValue]
        /// Why the verdict is unknown.
        public var reason: String?
        /// What else the checker says.
        public var remarks: [String]
        /// What it measured.
        public var figures: [JSONValue.Member]
    }

    /// What became of the acknowledged writes of a data type.
    public struct LossFigures: Hashable, Sendable {
        /// The data type.
        public var dataType: String
        /// How many are lost.
        public var lost: Int
        /// How many carry no version, so that their fate is not known.
        public var unaudited: Int
        /// Within how many milliseconds of each other those were acknowledged that one fault cost,
        /// the most over all faults; `nil`: none was lost.
        public var window: Double?
    }

    /// What a member held that its primary did not.
    public struct DivergenceFigures: Hashable, Sendable {
        /// The data type.
        public var dataType: String
        /// The member's node.
        public var node: String
        /// When it was found, in milliseconds.
        public var time: Double
        /// How many writes.
        public var writes: Int
        /// How many of them nobody else has, of keys that were not written since.
        public var lost: Int
        /// How many are of keys that the primaries after it wrote, too.
        public var diverged: Int
        /// What the member did with them: `keep` or `discard`.
        public var handled: String
    }

    /// What reads saw that began some time after the write of their key was acknowledged.
    public struct VisibilityRow: Hashable, Sendable {
        /// The region beside which the readers stand; `nil`: all of them.
        public var region: String?
        /// How long after the acknowledgement, in milliseconds.
        public var after: Double
        /// How many reads were answered.
        public var reads: Int
        /// How many of them saw the write.
        public var seen: Int

        /// So many reads, of which so many saw the write.
        public init(region: String?, after: Double, reads: Int, seen: Int) {
            self.region = region
            self.after = after
            self.reads = reads
            self.seen = seen
        }

        /// The share of reads that saw it; 0 without reads.
        public var share: Double { reads == 0 ? 0 : Double(seen) / Double(reads) }

        /// The interval that holds the true share with 95 % confidence (E. B. Wilson, "Probable
        /// Inference, the Law of Succession, and Statistical Inference", 1927).
        public var interval: ClosedRange<Double> {
            guard reads > 0 else { return 0...1 }
            let z = 1.959963984540054
            let count = Double(reads)
            let middle = (share + z * z / (2 * count)) / (1 + z * z / count)
            let variance = share * (1 - share) / count + z * z / (4 * count * count)
            let half = z / (1 + z * z / count) * variance.squareRoot()
            return max(0, middle - half)...min(1, middle + half)
        }
    }

    /// The age of what reads returned, over all reads that were answered; fresh ones have age 0.
    public struct StalenessFigures: Hashable, Sendable {
        /// Ages in milliseconds: since the first acknowledged write that a read had missed.
        public var age: MillisecondQuantiles
        /// How many acknowledged writes reads had missed.
        public var versionsBehind: MillisecondQuantiles
        /// How many reads returned something older than was acknowledged before them.
        public var staleReads: Int
        /// How many reads were answered.
        public var reads: Int
        /// All ages above 0 in milliseconds, ascending: for other percentiles. Not written.
        public var ages: [Double]

        /// The share of reads that were stale; 0 without reads.
        public var share: Double { reads == 0 ? 0 : Double(staleReads) / Double(reads) }
    }

    /// Concurrent writes of a key that met at some replica; each pair of versions counts once.
    public struct ConflictFigures: Hashable, Sendable {
        /// How many pairs met.
        public var detected: Int
        /// Acknowledged writes that lost to a concurrent one: not a loss.
        public var discardedConcurrent: Int
        /// How many pairs each rule decided, by name in order; `kept`: both were kept.
        public var resolved: [ResolvedBy]
    }

    /// How many conflicts a rule decided.
    public struct ResolvedBy: Hashable, Sendable {
        /// The rule.
        public var rule: String
        /// How many pairs.
        public var count: Int
    }
}

/// Whether the replicas came to agree at the end.
public struct ConvergenceFigures: Hashable, Sendable {
    /// Whether they did; `nil`: the run did not get that far.
    public var converged: Bool?
    /// How long it took, or was waited, in milliseconds.
    public var time: Double?
    /// The digest of each replica's state: by node or, with several data types, by data type and
    /// node with a colon between.
    public var digests: [Digest]
    /// Members that were killed for good.
    public var leftOut: [String]

    /// The digest of a replica's state.
    public struct Digest: Hashable, Sendable {
        /// The replica.
        public var replica: String
        /// Its digest.
        public var digest: String
    }
}

/// What the run cost the network.
public struct NetworkFigures: Hashable, Sendable {
    /// Messages between nodes.
    public var messages: Int64
    /// Their bytes.
    public var bytes: Int64
    /// The bytes that went from one region to another.
    public var crossRegionBytes: Int64
    /// Messages for each operation that was sent; `nil` if none was.
    public var messagesPerOperation: Double?
    /// How far the links were from the delay that they should have had, in milliseconds.
    public var delayError: MillisecondQuantiles
    /// What messages of each priority met on narrow links, urgent ones first; empty where
    /// priorities do not differ or no link was narrow.
    public var priorities: [PriorityTraffic] = []
}
