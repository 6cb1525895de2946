import Determinism
import Replication

/// What a fleet of clients wants done.
package enum ClientAction: Sendable {
    /// Send a request, now.
    case send(ClientSend)
    /// The answer to an attempt is no longer needed: the engine may forget it. An answer that is
    /// handed in nevertheless is counted as late and changes nothing.
    case abandon(AttemptID)
    /// An operation has ended, or was never sent: record it. Exactly one for each operation that
    /// was planned.
    case completed(CompletedOperation)
}

/// A request to be sent.
package struct ClientSend: Sendable {
    /// Names the attempt when its outcome is handed in.
    package var attempt: AttemptID
    /// The region that the client stands beside.
    package var from: RegionID
    /// The node to send to.
    package var node: NodeID
    /// The group it is for.
    package var group: GroupID
    /// What to send.
    package var request: ClientRequest
    /// When the operation was planned; the first attempt is sent then.
    package var planned: Instant
    /// When this attempt should have been sent: how much later it is, is lag of the harness.
    package var due: Instant
}
