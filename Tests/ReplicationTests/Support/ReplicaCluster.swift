import Determinism
import Replication
import Testing

/// A group of replicas of any strategy in virtual time: simulated links, disks and clocks.
///
/// Everything that crosses it is encoded and decoded on the way. A crash loses what is not
/// durable and every effect that waited for it. The same seed gives the same run.
final class ReplicaCluster<R: Replica> {
    typealias Output = ReplicaOutput<R.Message, R.Record>

    /// A replica with its disk and clocks.
    final class Node {
        let member: MemberID
        var setup: GroupSetup
        var replica: R?
        var output = Output()
        /// Counts the node's lives, so that events of an earlier one are recognised.
        var life = 0
        var checkpoint: [UInt8]?
        /// Records on disk since the checkpoint, with their positions.
        var journal: [(position: UInt64, bytes: [UInt8])] = []
        var durable: UInt64 = 0
        var held: [(position: UInt64, effect: Output.Effect)] = []
        var wakeAt: Instant = .distantFuture
        var writeDelay = TimeSpan.microseconds(200)
        var diskFreeAt = Instant.zero
        /// How fast the monotonic clock runs.
        var clockRate = 1.0
        var wallOffset = TimeSpan.zero
        var isPaused = false
        /// What has come while the node was paused.
        var stalled: [Event] = []

        init(_ setup: GroupSetup) {
            member = setup.member
            self.setup = setup
        }
    }

    struct Reply {
        var reply: ClientReply
        var at: Instant
    }

    /// What happens at a time.
    enum Event {
        case deliver([UInt8], from: MemberID, to: MemberID, life: Int)
        case wake(MemberID, life: Int)
        case durable(MemberID, life: Int, position: UInt64)
        case call((ReplicaCluster<R>) -> Void)

        /// The member to whom it happens.
        var member: MemberID? {
            switch self {
            case .deliver(_, _, let target, _): target
            case .wake(let member, _), .durable(let member, _, _): member
            case .call: nil
            }
        }
        var isWake: Bool {
            if case .wake = self { true } else { false }
        }
    }

    private(set) var now = Instant.zero
    var nodes: [MemberID: Node] = [:]
    private(set) var order: [MemberID] = []
    var random: RandomStream
    /// One way, before jitter.
    var delay: (MemberID, MemberID) -> TimeSpan = { _, _ in .milliseconds(10) }
    var jitter = TimeSpan.milliseconds(1)
    /// The share of messages that arrive twice.
    var repeated = 0.0
    /// The share of messages that are lost.
    var lost = 0.0
    /// Whether messages from one member to another arrive in the order of their sending.
    var isOrdered = true
    private var cuts: Set<[MemberID]> = []
    private var lastArrival: [[MemberID]: Instant] = [:]
    private(set) var replies: [UInt64: Reply] = [:]
    private(set) var notes: [(member: MemberID, at: Instant, note: Note)] = []
    /// The transitions of lives that are over.
    private var past = TransitionsSeen()
    private(set) var messageCount = 0
    private(set) var recordCount = 0
    private(set) var checkpointCount = 0
    private var nextRequest: UInt64 = 0
    let options: StrategyOptions
    /// Called after every input with the member that took it.
    var afterStep: (ReplicaCluster<R>, MemberID) -> Void = { _, _ in }
    /// Called when a request is answered.
    var onReply: [UInt64: (ClientReply) -> Void] = [:]
    /// Sees every message before it is sent; false drops it.
    var filter: (R.Message, MemberID, MemberID) -> Bool = { _, _, _ in true }

    private var heap: [(at: Instant, sequence: UInt64, event: Event)] = []
    private var sequence: UInt64 = 0

    init(seed: UInt64, options: StrategyOptions = StrategyOptions()) {
        random = RandomStream(seed: seed, name: "cluster")
        self.options = options
    }

    // MARK: Members

    func add(_ setup: GroupSetup) {
        nodes[setup.member] = Node(setup)
        order = nodes.keys.sorted()
    }

    /// Begins a member's life from what its disk holds.
    func start(_ member: MemberID) throws {
        guard let node = nodes[member] else { return }
        node.life += 1
        var setup = node.setup
        setup.random = random.derived("\(member) \(node.life)")
        let replica = try R(setup: setup, options: options)
        if let checkpoint = node.checkpoint { try replica.restore(checkpoint: checkpoint) }
        for record in node.journal { try replica.replay(R.Record.decoded(record.bytes)) }
        node.replica = replica
        node.output = Output(position: JournalPosition(rawValue: node.durable))
        node.held = []
        node.wakeAt = .distantFuture
        node.diskFreeAt = now
        input(.start, to: member)
        for other in order where other != member && nodes[other]?.replica != nil {
            if !isCut(member, other) { input(.connected(other), to: member) }
            if !isCut(other, member) { input(.connected(member), to: other) }
        }
    }

    func startAll() throws {
        for member in order { try start(member) }
    }

    /// Ends a member's life; what is not durable is lost.
    func crash(_ member: MemberID) {
        if let replica = nodes[member]?.replica { past.add(replica) }
        nodes[member]?.replica = nil
        nodes[member]?.held = []
        nodes[member]?.stalled = []
        nodes[member]?.isPaused = false
        for other in order where other != member { input(.disconnected(member), to: other) }
    }

    /// Ends a member's life and forgets its disk.
    func destroy(_ member: MemberID) {
        crash(member)
        nodes[member] = nil
        order = nodes.keys.sorted()
    }

    /// Stops a member's process; what comes meanwhile waits for it.
    func pause(_ member: MemberID) {
        if nodes[member]?.replica != nil { nodes[member]?.isPaused = true }
    }

    /// Lets a paused member go on: what has waited comes first, then its timers.
    func resume(_ member: MemberID) {
        guard let node = nodes[member], node.isPaused else { return }
        node.isPaused = false
        let stalled = node.stalled
        node.stalled = []
        for event in stalled where !event.isWake { carryOut(event, wakeAt: node.wakeAt) }
        for event in stalled where event.isWake { carryOut(event, wakeAt: node.wakeAt) }
    }

    func replica(_ member: MemberID) -> R? { nodes[member]?.replica }
    /// The transitions that happened to any member in any life.
    var transitions: Set<String> {
        var seen = past
        for member in live { replica(member).map { seen.add($0) } }
        return seen.names
    }
    var live: [MemberID] { order.filter { nodes[$0]?.replica != nil } }

    func clock(_ member: MemberID) -> NodeTime {
        let node = nodes[member]
        let elapsed = Double(now.nanoseconds) * (node?.clockRate ?? 1)
        let wall = 1_767_225_600_000_000_000 + now.nanoseconds + (node?.wallOffset.nanoseconds ?? 0)
        return NodeTime(
            monotonic: Instant(nanoseconds: Int64(elapsed)),
            wall: WallTime(nanosecondsSince1970: wall))
    }

    // MARK: Links

    func cut(from source: MemberID, to target: MemberID) { cuts.insert([source, target]) }
    func cutBoth(_ one: MemberID, _ other: MemberID) {
        cut(from: one, to: other)
        cut(from: other, to: one)
    }
    func isCut(_ source: MemberID, _ target: MemberID) -> Bool { cuts.contains([source, target]) }

    /// Cuts a member off from all others.
    func isolate(_ member: MemberID) {
        for other in order where other != member { cutBoth(member, other) }
    }

    /// No traffic between these groups of members.
    func partition(_ groups: [[MemberID]]) {
        for (number, group) in groups.enumerated() {
            for other in groups[(number + 1)...].joined() {
                for member in group { cutBoth(member, other) }
            }
        }
    }

    /// Ends the cuts between two members.
    func heal(_ one: MemberID, _ other: MemberID) {
        cuts.subtract([[one, other], [other, one]])
        input(.connected(other), to: one)
        input(.connected(one), to: other)
    }

    /// Ends every cut; what was sent meanwhile is lost, and connections are new.
    func healAll() {
        let healed = Set(cuts.map { $0.sorted() }).sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        cuts = []
        for pair in healed {
            input(.connected(pair[1]), to: pair[0])
            input(.connected(pair[0]), to: pair[1])
        }
    }

    // MARK: Requests

    /// Asks a member; the answer appears in ``replies`` under the number returned.
    @discardableResult
    func ask(
        _ member: MemberID, _ request: ClientRequest, then: ((ClientReply) -> Void)? = nil
    ) -> UInt64 {
        nextRequest += 1
        let number = nextRequest
        if let then { onReply[number] = then }
        input(.request(request, RequestHandle(connection: 1, request: number)), to: member)
        return number
    }

    @discardableResult
    func administer(_ member: MemberID, _ command: Administration) -> UInt64 {
        nextRequest += 1
        input(
            .administer(command, RequestHandle(connection: 1, request: nextRequest)),
            to: member)
        return nextRequest
    }

    // MARK: Time

    func after(_ span: TimeSpan, _ call: @escaping (ReplicaCluster<R>) -> Void) {
        schedule(.call(call), at: now + span)
    }

    func run(for span: TimeSpan) {
        let end = now + span
        while !Findings.areEnough, let first = heap.first, first.at <= end { step() }
        now = max(now, end)
    }

    /// Runs until the condition holds; whether it came to hold within the time.
    @discardableResult
    func run(until condition: () -> Bool, within span: TimeSpan) -> Bool {
        let end = now + span
        while !condition() {
            guard !Findings.areEnough, let first = heap.first, first.at <= end else {
                now = max(now, end)
                return condition()
            }
            step()
        }
        return true
    }

    private func step() {
        let first = pop()
        now = max(now, first.at)
        if let member = first.event.member, let node = nodes[member], node.isPaused {
            return node.stalled.append(first.event)
        }
        carryOut(first.event, wakeAt: first.at)
    }

    private func carryOut(_ event: Event, wakeAt: Instant) {
        switch event {
        case .deliver(let bytes, let source, let target, let life):
            guard nodes[target]?.life == life, !isCut(source, target) else { return }
            guard let message = try? R.Message.decoded(bytes) else {
                fatalError("a message that cannot be decoded: \(bytes.prefix(64))")
            }
            input(.message(message, from: source), to: target)
        case .wake(let member, let life):
            // A wake that an earlier one has replaced does nothing.
            guard nodes[member]?.life == life, nodes[member]?.wakeAt == wakeAt else { return }
            nodes[member]?.wakeAt = .distantFuture
            input(.wake, to: member)
        case .durable(let member, let life, let position):
            guard nodes[member]?.life == life, nodes[member]?.replica != nil else { return }
            nodes[member]?.durable = position
            release(member)
            input(.durable(JournalPosition(rawValue: position)), to: member)
        case .call(let call): call(self)
        }
    }

    // MARK: The host's duties

    func input(_ input: ReplicaInput<R.Message>, to member: MemberID) {
        guard let node = nodes[member], let replica = node.replica else { return }
        if node.isPaused {
            let life = node.life
            return node.stalled.append(
                .call { cluster in
                    if cluster.nodes[member]?.life == life { cluster.input(input, to: member) }
                })
        }
        replica.handle(input, at: clock(member), into: &node.output)
        let records = node.output.records
        let effects = node.output.effects
        let last = node.output.position.rawValue
        node.output.removeAll()
        write(records, last: last, member)
        for effect in effects { carryOut(effect, last, member) }
        afterStep(self, member)
        scheduleWake(member)
    }

    private func write(_ records: [R.Record], last: UInt64, _ member: MemberID) {
        guard !records.isEmpty, let node = nodes[member] else { return }
        recordCount += records.count
        let encoded = records.map { record in
            let bytes = record.encoded
            precondition(bytes.count == record.encodedSize, "the size of a record is wrong")
            return bytes
        }
        let done = max(node.diskFreeAt, now) + node.writeDelay
        nodes[member]?.diskFreeAt = done
        let life = node.life
        let first = last - UInt64(records.count) + 1
        schedule(
            .call { cluster in
                guard cluster.nodes[member]?.life == life,
                    cluster.nodes[member]?.replica != nil
                else { return }
                for (offset, bytes) in encoded.enumerated() {
                    cluster.nodes[member]?.journal.append((first + UInt64(offset), bytes))
                }
            }, at: done)
        schedule(.durable(member, life: life, position: last), at: done)
    }

    private func carryOut(_ effect: Output.Effect, _ last: UInt64, _ member: MemberID) {
        switch effect {
        case .send(let message, let target, let timing):
            guard timing == .now || nodes[member]?.durable ?? 0 >= last else {
                nodes[member]?.held.append((last, effect))
                return
            }
            transmit(message, from: member, to: target)
        case .reply(let reply, let handle, let timing):
            guard timing == .now || nodes[member]?.durable ?? 0 >= last else {
                nodes[member]?.held.append((last, effect))
                return
            }
            deliver(reply, handle)
        case .note(let note): notes.append((member, now, note))
        case .checkpoint(let bytes, let position):
            // On disk once everything before it is, and never before.
            checkpointCount += 1
            guard let node = nodes[member] else { return }
            let done = max(node.diskFreeAt, now) + node.writeDelay
            nodes[member]?.diskFreeAt = done
            let life = node.life
            schedule(
                .call { cluster in
                    guard cluster.nodes[member]?.life == life,
                        cluster.nodes[member]?.replica != nil
                    else { return }
                    cluster.nodes[member]?.checkpoint = bytes
                    cluster.nodes[member]?.journal.removeAll { $0.position <= position.rawValue }
                }, at: done)
        }
    }

    private func release(_ member: MemberID) {
        while let first = nodes[member]?.held.first,
            first.position <= nodes[member]?.durable ?? 0
        {
            nodes[member]?.held.removeFirst()
            switch first.effect {
            case .send(let message, let target, _):
                transmit(message, from: member, to: target)
            case .reply(let reply, let handle, _): deliver(reply, handle)
            case .note, .checkpoint: break
            }
        }
    }

    private func transmit(_ message: R.Message, from source: MemberID, to target: MemberID) {
        messageCount += 1
        guard filter(message, source, target), !isCut(source, target),
            let life = nodes[target]?.life, nodes[target]?.replica != nil
        else { return }
        if lost > 0, random.chance(lost) { return }
        let bytes = message.encoded
        precondition(bytes.count == message.encodedSize, "the size of a message is wrong")
        var count = 1
        if repeated > 0, random.chance(repeated) { count = 2 }
        for _ in 0..<count {
            let span = delay(source, target) + random.span(in: .zero...jitter)
            let earliest = isOrdered ? lastArrival[[source, target]] ?? .zero : .zero
            let arrival = max(now + span, earliest)
            lastArrival[[source, target]] = arrival
            schedule(.deliver(bytes, from: source, to: target, life: life), at: arrival)
        }
    }

    private func deliver(_ reply: ClientReply, _ handle: RequestHandle) {
        claim(replies[handle.request] == nil, "a request was answered twice")
        guard let decoded = try? ClientReply.decoded(reply.encoded) else {
            fatalError("a reply that cannot be decoded: \(reply)")
        }
        replies[handle.request] = Reply(reply: decoded, at: now)
        onReply.removeValue(forKey: handle.request)?(decoded)
    }

    private func scheduleWake(_ member: MemberID) {
        guard let node = nodes[member], let wake = node.replica?.nextWake,
            wake != .distantFuture
        else { return }
        let at = max(
            now, Instant(nanoseconds: Int64(Double(wake.nanoseconds) / node.clockRate) + 1))
        guard at < node.wakeAt else { return }
        nodes[member]?.wakeAt = at
        schedule(.wake(member, life: node.life), at: at)
    }

    // MARK: The queue of events

    private func schedule(_ event: Event, at time: Instant) {
        sequence += 1
        heap.append((time, sequence, event))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func pop() -> (at: Instant, sequence: UInt64, event: Event) {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isBefore(child, least) { least = child }
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].sequence) < (heap[right].at, heap[right].sequence)
    }
}

/// Names of transitions, from the counters of replicas.
struct TransitionsSeen {
    private(set) var names: Set<String> = []

    mutating func add<R: Replica>(_ replica: R) {
        for (name, count) in zip(R.strategy.transitions, replica.transitionCounts) where count > 0 {
            names.insert(name)
        }
    }
}
