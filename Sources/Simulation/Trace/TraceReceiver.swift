import Determinism
import Geography
import Replication
import Workloads

/// Takes in who sent what to whom, in the order in which it happens. Instants are the engine's.
package protocol TraceReceiver: AnyObject {
    /// A member sent a message. Returns its number, from 1.
    func sent(
        _ message: any ReplicaMessage, from: NodeID, to: NodeID, group: GroupID, at: Instant,
        _ fate: TraceFate
    ) -> UInt64
    /// The message numbered `number` was taken in.
    func received(_ number: UInt64, at: Instant)
    /// A client sent a request.
    func asked(_ send: ClientSend, at: Instant, _ fate: TraceFate)
    /// The request of the attempt reached its node.
    func askReceived(_ attempt: AttemptID, at: Instant)
    /// A node answered the attempt.
    func answered(_ attempt: AttemptID, _ reply: ClientReply, at: Instant, _ fate: TraceFate)
    /// The answer to the attempt reached its client.
    func answerReceived(_ attempt: AttemptID, at: Instant)
}

/// What becomes of something when it is sent, as its link knows it then.
package enum TraceFate: Sendable {
    /// It is on its way.
    case due
    /// It waits for a link that holds it.
    case held
    /// It comes to nothing.
    case lost

    /// What a link says.
    init(_ verdict: LinkVerdict) {
        switch verdict {
        case .due: self = .due
        case .held: self = .held
        case .lost, .full, .notConnected: self = .lost
        }
    }
}
