import Determinism
import Recording

/// A line for the record of a run: one reference, for it goes through many hands.
package indirect enum RecordEntry: Sendable {
    /// For `history.jsonl`.
    case operation(HistoryOperation)
    /// For `events.jsonl`.
    case event(RecordedEvent)
    /// For `samples.jsonl`.
    case sample(Sample)
    /// For `replication.jsonl`.
    case replication(ReplicationRow)
    /// For `final.jsonl`.
    case final([FinalRow])
}
