import Conduct
import DequeModule
import Determinism
import RegionCore
import Replication
import Scenarios

/// A node in virtual time: its disk and clocks, which outlive its processes, and its process of
/// the moment.
final class SimulatedNode {
    let node: PlannedNode
    /// Its own position in the engine's list of nodes.
    let position: Int
    var disk: SimulatedDisk
    var clock: NodeClock
    /// What faults do to it now.
    var condition = NodeCondition()
    /// How many of the disk's corruptions were carried out.
    var corruptionsDone = 0
    /// The number of the latest launch.
    var launch: UInt32 = 0
    var process: SimulatedProcess?

    init(node: PlannedNode, position: Int, disk: SimulatedDisk, clock: NodeClock) {
        self.node = node
        self.position = position
        self.disk = disk
        self.clock = clock
    }
}

/// A process of a node in virtual time: its machine, and a processor that takes in one thing
/// after the other.
///
/// What members say goes first, as in the real host; both kinds of input are bounded, and a
/// client whose request finds the queue full is told that the node is overloaded.
final class SimulatedProcess {
    /// Something besides messages that waits for the processor.
    enum Input {
        case request(RequestInFlight)
        case administer(Administration, group: GroupID, RequestHandle)
    }

    let launch: UInt32
    let machine: RegionNode
    let member: MemberID
    var isReady = false
    var isPaused = false
    var isStopping = false
    /// Until when the processor is busy.
    var busyUntil = Instant.zero
    /// Whether the engine will tell when the processor is free.
    var isFreeExpected = false
    /// When the engine will wake the machine.
    var wakeDue = Instant.distantFuture
    var messages: Deque<MessageInFlight> = []
    var requests: Deque<Input> = []
    /// Messages taken in since a request or a timer was.
    var messagesInTurn = 0
    /// What the disk has made durable and the machine was not told.
    var durable: [(group: GroupID, through: UInt64)] = []
    /// What the conductor asked while the process stood still, in order.
    var deferred: [ConductAction] = []

    // What is told to whoever asks.
    var notes: [TimedNote] = []
    var arrivals: [ProbeArrivals?]
    var processorTime = TimeSpan.zero
    var stalled = TimeSpan.zero
    var requestsInFlight = 0
    var requestsShed: UInt64 = 0

    /// The most messages that are taken in before clients and timers have their turn.
    static let messagesPerTurn = 4096

    init(launch: UInt32, machine: RegionNode, nodeCount: Int) {
        self.launch = launch
        self.machine = machine
        member = machine.member
        arrivals = Array(repeating: nil, count: nodeCount)
    }

    /// Whether it takes in what arrives.
    var runs: Bool { isReady && !isPaused && !isStopping }

    /// Whether nothing waits for the processor.
    @inline(__always)
    func isIdle(at now: Instant) -> Bool {
        messages.isEmpty && requests.isEmpty && durable.isEmpty && wakeDue > now
    }

    /// Whether a message that arrives now is the next thing that is taken in, so that it need not
    /// wait with others.
    @inline(__always)
    func takesAtOnce(at now: Instant) -> Bool {
        runs && busyUntil <= now && messages.isEmpty && durable.isEmpty
            && (messagesInTurn < Self.messagesPerTurn || requests.isEmpty && wakeDue > now)
    }

    func arrived(_ source: NodeID, at index: Int, after delay: TimeSpan) {
        var sum = arrivals[index] ?? ProbeArrivals(source: source, count: 0, delayTotal: .zero)
        sum.count += 1
        sum.delayTotal += delay
        arrivals[index] = sum
    }
}
