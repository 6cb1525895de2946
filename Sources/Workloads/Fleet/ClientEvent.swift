import Replication

/// What happened to a fleet of clients.
package enum ClientEvent: Sendable {
    /// ``ClientFleet/nextWake`` has come. Also harmless at any other time.
    case wake
    /// A node answered an attempt.
    case reply(AttemptID, ClientReply)
    /// An attempt came to nothing. `definite`: it cannot have taken effect (the connection was
    /// refused, or was lost before anything was sent). `reason`: for the history, in a few words.
    case attemptFailed(AttemptID, definite: Bool, reason: String)
}
