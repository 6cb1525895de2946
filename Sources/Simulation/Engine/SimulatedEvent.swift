import Conduct
import Determinism
import RegionCore
import Replication
import Workloads

/// What can be due in virtual time. Nodes, links and client paths are told by their positions in
/// the engine's lists; `launch` lets what was meant for a process that has ended be dropped.
enum SimulatedEvent {
    /// A member's message has crossed its link.
    case message(MessageInFlight)
    /// A probe has crossed its link.
    case probe(link: Int, launch: UInt32, sent: Instant)
    /// A client's request has crossed its path.
    indirect case request(RequestInFlight)
    /// An answer, or the news that there will be none, reaches its client.
    indirect case client(ClientEvent)
    /// A node's machine asked to be woken.
    case nodeWake(Int)
    /// A node's processor has finished what it did.
    case processorFree(Int)
    /// A link asked to be woken.
    case linkWake(Int)
    /// A client path asked to be woken.
    case pathWake(Int)
    /// A commit of a node's disk is done.
    case synced(node: Int, launch: UInt32)
    /// A node sends its probes.
    case probes(node: Int, launch: UInt32)
    /// A peer has not answered a connection's Hello in time.
    case helloLate(link: Int, attempt: UInt32)
    /// A process serves.
    case ready(node: Int, launch: UInt32)
    /// A process ends.
    case ended(node: Int, launch: UInt32, ProcessEnd)
    /// The conductor is told something.
    indirect case conduct(ConductEvent)
    /// The conductor asked to be woken.
    case conductorWake
}

/// A member's message on its way.
struct MessageInFlight {
    var message: HostedMessage
    var sender: MemberID
    var group: GroupID
    var link: Int32
    /// The launch of the receiver when it was sent.
    var launch: UInt32
    /// Its number in the trace; 0 without one.
    var trace: UInt64 = 0
}

/// A client's request on its way.
struct RequestInFlight {
    var request: ClientRequest
    var attempt: AttemptID
    var path: Int32
    /// The connection that it was sent on.
    var connection: UInt32
    var group: GroupID
    /// The launch of the receiver when it was sent.
    var launch: UInt32
}
