import Determinism
import Geography
import RegionCore
import Replication
import Workloads

/// What happened to a run, as its engine tells the ``Director``.
package enum ConductEvent: Sendable {
    /// ``Director/nextWake`` has come. Harmless at any other time.
    case wake
    /// A node's process is up, recovered, and answers the conductor.
    case nodeReady(NodeID, launch: UInt32)
    /// A node's process ended.
    case nodeEnded(NodeID, launch: UInt32, ProcessEnd)
    /// A node answers a poll. `token` is the poll's.
    indirect case status(NodeStatus, token: UInt64)
    /// What the kernel says of a node's process, asked for by an inspection.
    case processState(NodeID, ProcessState)
    /// A group answers an administrator's command.
    case administered(UInt64, ClientReply)
    /// A node's final state of a group.
    case finalState(NodeID, GroupID, [FinalEntry])
    /// A node answers a client's attempt, or an attempt came to nothing.
    case client(ClientEvent)
    /// The run is to end at once, and its record stays incomplete: a person or the host says so.
    case abandon(reason: String, interrupted: Bool)
}

/// How a process ended.
package enum ProcessEnd: Hashable, Sendable {
    /// By itself, with this code.
    case exited(code: Int32)
    /// By this signal.
    case signalled(Int32)

    /// How a node ends whose disk takes nothing more, with `EX_IOERR`.
    package static let diskFailed = ProcessEnd.exited(code: 74)
}

/// What the kernel says of a process.
package enum ProcessState: String, Hashable, Sendable {
    /// It runs, or could.
    case running
    /// It was stopped by a signal.
    case stopped
    /// It is gone.
    case gone
}

/// What a ``Director`` wants done.
package enum ConductAction: Sendable {
    /// Start a node's process: its `launch`-th, from 0, with an empty disk if `erasing`. The node
    /// begins under `condition`, its links under `conditions`.
    case launch(
        NodeID, launch: UInt32, erasing: Bool, condition: NodeCondition,
        conditions: [NodeID: [LinkCondition]])
    /// Kill a node's process at once.
    case kill(NodeID)
    /// Stop a node's process in good order.
    case stop(NodeID)
    /// Make a node's process stand still.
    case pause(NodeID)
    /// Let it go on.
    case resume(NodeID)
    /// Ask the kernel for the state of a node's process. It must be answered, also when there is
    /// no process, before actions that follow take effect; it may be answered again when the state
    /// changes soon after, for a signal takes its time.
    case inspect(NodeID)
    /// Tell a node's link what faults do to it from now on, in file order.
    case condition(from: NodeID, to: NodeID, [LinkCondition])
    /// Tell a node what faults do to its clocks, its disk and its processor from now on.
    case conditionNode(NodeID, NodeCondition)
    /// Tear down the open connection of a link.
    case reset(from: NodeID, to: NodeID)
    /// From now on no client reaches these nodes, and clients reach all others.
    case cutClients(from: Set<NodeID>)
    /// Ask a node for its status.
    case poll(NodeID, token: UInt64)
    /// Hand a command to a group by way of a node.
    case administer(UInt64, NodeID, GroupID, Administration)
    /// Time 0 of the run is this instant; every wall clock is set to say `wall` then, also those of
    /// nodes that are launched later.
    case begin(at: Instant, wall: WallTime)
    /// Ask a node for its final state of a group.
    case collect(NodeID, GroupID)
    /// Send a client's request.
    indirect case send(ClientSend)
    /// Forget a client's attempt.
    case abandonAttempt(AttemptID)
    /// Add to the record.
    case record(RecordEntry)
    /// The run is over; every process has ended or must be ended.
    case finish(RunEnd)
}

/// How a run ended.
package struct RunEnd: Hashable, Sendable {
    /// Whether everything happened and is recorded.
    package var isComplete: Bool
    /// Why not, if not.
    package var failure: String?
    /// Whether a person ended it.
    package var isInterrupted: Bool

    /// An end with these properties.
    package init(isComplete: Bool, failure: String?, isInterrupted: Bool) {
        self.isComplete = isComplete
        self.failure = failure
        self.isInterrupted = isInterrupted
    }
}
