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
    case request(RequestInFlight)
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
    /// The position of the receiver in the engine's list of nodes.
    var receiver: Int32
    /// The launch of the receiver when it was sent.
    var launch: UInt32
    /// Its number in the trace; 0 without one.
    var trace: UInt64 = 0
}

/// A client's request on its way: one reference from the client to the machine.
final class RequestInFlight {
    let request: ClientRequest
    let attempt: AttemptID
    let path: Int32
    /// The connection that it was sent on.
    let connection: UInt32
    let group: GroupID
    /// The launch of the receiver when it was sent.
    let launch: UInt32

    init(_ send: ClientSend, on path: SimulatedClientPath, at position: Int) {
        request = send.request
        attempt = send.attempt
        self.path = Int32(position)
        connection = path.connection
        group = send.group
        launch = path.launch
    }

    /// What the receiver answers to.
    var handle: RequestHandle {
        RequestHandle(
            connection: UInt64(path) << 32 | UInt64(connection), request: attempt.rawValue)
    }
}
