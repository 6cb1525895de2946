import Determinism
import Recording
import Workloads

/// How a run goes, for whoever watches it.
package struct RunProgress: Sendable {
    /// What is going on, in a word.
    package var phase: String
    /// The time since time 0; negative shortly before, and zero while time 0 is not known.
    package var elapsed: TimeSpan
    /// How long clients run.
    package var duration: TimeSpan
    /// The faults in force.
    package var faults: [String]
    /// The regions, in order.
    package var regions: [Region]
    /// The leaders of the groups that have one.
    package var leaders: [String]

    /// How a region fares.
    package struct Region: Sendable {
        /// Its name.
        package var name: String
        /// The running figures of its clients.
        package var tally: ClientTally
        /// The latest sample; `nil` before the first.
        package var sample: Sample?
        /// How many of its nodes take part.
        package var nodesUp: Int
        /// How many nodes it has.
        package var nodeCount: Int
    }
}
