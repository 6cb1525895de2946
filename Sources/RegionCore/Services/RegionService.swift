import Determinism
import Replication

/// A service that a node offers beside its groups, as a machine without input or output, like the
/// replicas. It keeps what must last in one of the node's groups, by requests like a client's, so
/// that durability, replication and recovery are those of the group's strategy.
///
/// A class with overridden methods, as ``HostedGroup`` is. A new service is a subclass, a case of
/// ``ServiceID`` and of ``ServiceCall``, and a part of ``ServicesSetup``.
package class RegionService {
    /// Which service it is.
    let id: ServiceID
    /// The group that keeps its state.
    let group: GroupID
    /// Requests for the group that the node has not handed on yet, in order.
    private var asks: [GroupAsk] = []
    private var firstAsk = 0

    init(_ id: ServiceID, group: GroupID) {
        self.id = id
        self.group = group
    }

    /// When `.wake` is due; ``Instant/distantFuture`` if never. Read after every event.
    var nextWake: Instant { .distantFuture }

    /// Takes an event and appends what is to be done about it.
    func handle(_ event: ServiceEvent, at now: NodeTime, into actions: inout NodeActions) {
        preconditionFailure("RegionService is abstract")
    }

    /// Takes another node's message in its encoding.
    func receive(
        encoded bytes: [UInt8], from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        preconditionFailure("RegionService is abstract")
    }

    /// Takes another node's message that was never encoded.
    func receive(
        _ message: HostedMessage, from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        preconditionFailure("RegionService is abstract")
    }

    /// Asks the group; the answer comes as ``ServiceEvent/answer(_:number:)``.
    final func ask(_ request: ClientRequest, number: UInt64) {
        asks.append(GroupAsk(request: request, number: number))
    }

    final func takeAsk() -> GroupAsk? {
        guard firstAsk < asks.count else { return nil }
        defer {
            firstAsk += 1
            if firstAsk == asks.count {
                asks.removeAll(keepingCapacity: true)
                firstAsk = 0
            }
        }
        return asks[firstAsk]
    }

    /// What the group's answers to the service name as their connection. Hosts number theirs from
    /// below.
    final var connection: UInt64 { UInt64.max - 1 - UInt64(id.rawValue) }
}

/// A service's request for the group that keeps its state.
struct GroupAsk {
    var request: ClientRequest
    var number: UInt64
}

/// What happened to a service.
enum ServiceEvent {
    /// The node is restored and connected to its world.
    case start
    /// A client asks; the reply carries the handle.
    case call(ServiceCall, ClientRequest, RequestHandle)
    /// The group answers the service's own request.
    case answer(ClientReply, number: UInt64)
    /// The group took an event in: its state may have changed.
    case groupMoved
    /// ``RegionService/nextWake`` has come.
    case wake
    /// The connection to a node was opened.
    case connected(MemberID)
    /// The connection to a node was reset.
    case disconnected(MemberID)
}
