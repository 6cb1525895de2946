import Determinism

/// How often and how long a conductor waits. Times of the run itself come from the Plan.
package struct ConductTiming: Hashable, Sendable {
    /// How long nodes may take to be ready and groups to settle before time 0.
    package var readinessMax: TimeSpan = .seconds(60)
    /// The pause between polls of a node while nothing is awaited.
    package var pollInterval: TimeSpan = .milliseconds(100)
    /// The pause between polls while readiness or convergence is awaited.
    package var eagerPollInterval: TimeSpan = .milliseconds(20)
    /// How long after a heal nodes are polled eagerly for its convergence.
    package var eagerMax: TimeSpan = .seconds(10)
    /// From the moment when all is ready to time 0.
    package var lead: TimeSpan = .milliseconds(50)
    /// The length of the intervals of samples.
    package var sampleInterval: TimeSpan = .seconds(1)
    /// How long convergence is awaited if no expectation bounds it.
    package var convergenceMax: TimeSpan = .seconds(60)
    /// How long a node may take to answer when evidence or final states are collected.
    package var answerMax: TimeSpan = .seconds(5)
    /// How long an operator's command is tried.
    package var commandMax: TimeSpan = .seconds(10)
    /// The pause between attempts at an operator's command.
    package var commandPause: TimeSpan = .milliseconds(200)
    /// How long a node may take to end in good order.
    package var endingMax: TimeSpan = .seconds(10)

    /// The usual times.
    package init() {}

    /// How much less often than usual a run that lasts `duration` is watched.
    package static func ease(of duration: TimeSpan) -> Int64 {
        max(1, duration.nanoseconds / TimeSpan.seconds(1800).nanoseconds)
    }

    /// The usual times of a run of `nodeCount` nodes that lasts `duration`: runs of hours, and of
    /// more than 25 nodes, are looked at less often, so that watching them does not cost more
    /// than they do. Every node tells of its links to all others.
    package init(duration: TimeSpan, nodeCount: Int) {
        let ease = Self.ease(of: duration)
        let whole = max(pollInterval, .milliseconds(4) * Int64(nodeCount))
        eagerPollInterval = max(eagerPollInterval, whole / 5)
        pollInterval = whole * ease
        sampleInterval = sampleInterval * ease
    }
}
