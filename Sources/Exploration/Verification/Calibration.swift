import Determinism
import Recording
import Scenarios

/// What a node's disk and processor cost on this host, told from records of runs with processes.
///
/// The time of a commit is the median, over the nodes of all runs, of the mean that each node
/// reports. The processor's time of a node is explained, by least squares, as so much for each
/// operation that it answered, so much for each message that it took in, and so much for each
/// second that it ran: timers, probes and the harness's questions, which are no part of the cost.
/// So that these can be told apart, one of the records is of an idle run: the same nodes with
/// hardly an operation.
///
/// Operations and messages mostly grow together, and then only their sum can be told. So one more
/// row says, with less weight than what was measured, that an operation costs as many messages as
/// it did in the scenario.
package struct Calibration: Sendable {
    /// The costs.
    package var cost: NodeCost
    /// What a node uses of a processor without doing anything, as a share.
    package var idleShare: Double
    /// How many nodes of how many runs this rests on.
    package var samples: Int
    /// How far off the costs are for the samples together, as a share of their processor time.
    package var residualShare: Double

    /// What one node did in one run, and what it used for that.
    struct Sample: Hashable {
        var seconds: Double
        var processorSeconds: Double
        var operations: Double
        var messages: Double
        var commits: Int64
        var commitMean: TimeSpan
    }

    /// Costs from `records`; what they do not tell stays as `cost` has it.
    package init(_ records: [RecordContents], keeping cost: NodeCost) {
        self.init(records.flatMap { Self.samples(of: $0) }, keeping: cost)
    }

    init(_ samples: [Sample], keeping given: NodeCost) {
        var cost = given
        cost.fsync = Self.commitTime(samples) ?? given.fsync
        let found = LeastSquares.nonNegative(
            samples.map { [$0.operations, $0.messages, $0.seconds, $0.processorSeconds] }
                + [Self.habit(of: given, in: samples)])
        if found.contains(where: { $0 > 0 }), found.count == 3 {
            cost.perOperation = .seconds(found[0])
            cost.perMessage = .seconds(found[1])
        }
        self.cost = cost
        idleShare = found.count == 3 ? found[2] : 0
        self.samples = samples.count
        let total = samples.reduce(0) { $0 + $1.processorSeconds }
        let unexplained = samples.reduce(0) { sum, sample in
            let explained =
                found.count == 3
                ? sample.operations * found[0] + sample.messages * found[1]
                    + sample.seconds * found[2] : 0
            return sum + (sample.processorSeconds - explained).magnitude
        }
        residualShare = total > 0 ? unexplained / total : 0
    }

    /// The row that says that an operation costs as many messages as `given` has it.
    private static func habit(of given: NodeCost, in samples: [Sample]) -> [Double] {
        let weight = 0.3 * samples.reduce(0) { $0 + $1.operations * $1.operations }.squareRoot()
        let ratio =
            Double(given.perOperation.nanoseconds)
            / Double(max(1, given.perMessage.nanoseconds))
        return [weight, -weight * ratio, 0, 0]
    }

    /// How long a commit took in the run of `record`; `nil` if there were hardly any.
    ///
    /// The disk of a host that has other things to do is slower in one run than in the next. A run
    /// in virtual time that is compared with this one pays what this one paid.
    package static func commitTime(in record: RecordContents) -> TimeSpan? {
        commitTime(samples(of: record))
    }

    private static func commitTime(_ samples: [Sample]) -> TimeSpan? {
        let means = samples.filter { $0.commits >= commitsMin }.map { $0.commitMean.milliseconds }
        return means.isEmpty ? nil : .milliseconds(median(means))
    }

    /// Of fewer commits the mean says little.
    private static let commitsMin: Int64 = 20

    private static func samples(of record: RecordContents) -> [Sample] {
        var answered: [String: Int] = [:]
        for operation in record.history {
            if let node = operation.servedBy { answered[node, default: 0] += 1 }
        }
        return record.events.compactMap(NodeUsage.init).map { usage in
            Sample(
                seconds: (usage.time - .zero).seconds,
                processorSeconds: usage.workTime.seconds,
                operations: Double(answered[usage.node] ?? 0),
                messages: Double(usage.messages), commits: usage.commits,
                commitMean: usage.commitMean)
        }
    }
}
