import Determinism

@testable import Replication

/// A group of eventually consistent members in virtual time: links that delay, lose and can be
/// cut, disks that take a while, crashes that keep only what was durable.
final class EventualCluster {
    /// A member with its disk.
    final class Node {
        var member: MemberID
        var replica: Eventual
        var isUp = true
        var output = ReplicaOutput<EventualMessage, EventualRecord>()
        /// What the disk holds: records as bytes, with the position of the last.
        var disk: [[UInt8]] = []
        var checkpoint: [UInt8]?
        var checkpointThrough: UInt64 = 0
        var durable: UInt64 = 0
        var unwritten: [(position: UInt64, bytes: [UInt8])] = []
        var waiting:
            [(position: UInt64, effect: ReplicaOutput<EventualMessage, EventualRecord>.Effect)] = []
        var clockOffset = TimeSpan.zero
        /// Tells apart the lives of the process.
        var launch = 0
        var wakeScheduled = Instant.distantFuture

        init(_ member: MemberID, _ replica: Eventual) {
            self.member = member
            self.replica = replica
        }
    }

    private struct Event {
        var time: Instant
        var number: Int
        var action: () -> Void
    }

    let options: StrategyOptions
    let valueType: ValueType
    let founders: [MemberID]
    let roundTrips: RoundTripTable
    private(set) var nodes: [Node] = []
    private(set) var now = Instant(nanoseconds: 1_000_000)
    private var events: [Event] = []
    private var eventNumber = 0
    var random: RandomStream
    let seed: UInt64

    var delay: ClosedRange<TimeSpan> = .milliseconds(10)...TimeSpan.milliseconds(10)
    var diskDelay = TimeSpan.milliseconds(1)
    var loss = 0.0
    var cuts: Set<[Int]> = []
    /// Whether a message is lost, besides ``loss`` and ``cuts``.
    var isLost: (EventualMessage, _ from: Int, _ to: Int) -> Bool = { _, _, _ in false }
    /// Called after every input with the member that took it.
    var afterStep: (Node) -> Void = { _ in }
    private(set) var replies: [UInt64: ClientReply] = [:]
    private(set) var notes: [(node: Int, note: Note)] = []
    private(set) var messages: [(from: Int, to: Int, message: EventualMessage)] = []
    private(set) var violations: [String] = []
    /// The transitions of lives that are over.
    private var past = TransitionsSeen()
    private var nextRequest: UInt64 = 0

    init(
        _ count: Int, seed: UInt64 = 1, options: StrategyOptions = StrategyOptions(),
        valueType: ValueType = .register
    ) throws {
        self.options = options
        self.valueType = valueType
        self.seed = seed
        random = RandomStream(seed: seed, name: "cluster")
        founders = (0..<count).map { MemberID(NodeID(region: RegionID(index: UInt16($0)))) }
        roundTrips = RoundTripTable(
            regionCount: count,
            spans: Array(repeating: .milliseconds(20), count: count * count))
        for member in founders { nodes.append(Node(member, try replica(member))) }
        for index in nodes.indices { step(index) { $0.handle(.start, at: $1, into: &$2) } }
    }

    private func replica(_ member: MemberID, isRejoining: Bool = false) throws -> Eventual {
        try Eventual(
            setup: GroupSetup(
                group: GroupID(index: 0), member: member, voters: founders,
                valueType: valueType, roundTrips: roundTrips,
                random: RandomStream(seed: seed, name: "\(member)"),
                isRejoining: isRejoining),
            options: options)
    }

    // MARK: Time

    func time(of node: Node) -> NodeTime {
        let start = WallTime(nanosecondsSince1970: 1_767_225_600_000_000_000)
        return NodeTime(
            monotonic: now, wall: start + TimeSpan(nanoseconds: now.nanoseconds) + node.clockOffset)
    }

    private func after(_ span: TimeSpan, _ action: @escaping () -> Void) {
        eventNumber += 1
        let event = Event(time: now + span, number: eventNumber, action: action)
        // The next event is the last.
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if (events[middle].time, events[middle].number) > (event.time, event.number) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        events.insert(event, at: low)
    }

    /// Lets time pass.
    func run(for span: TimeSpan) {
        let end = now + span
        while !Findings.areEnough, let event = events.last, event.time <= end {
            events.removeLast()
            now = max(now, event.time)
            event.action()
        }
        now = end
    }

    /// Lets time pass until `condition` holds; returns how long it took, `nil` if it never did.
    @discardableResult
    func run(atMost span: TimeSpan, until condition: () -> Bool) -> TimeSpan? {
        let start = now
        while now - start < span, !Findings.areEnough {
            if condition() { return now - start }
            run(for: .milliseconds(5))
        }
        return condition() ? now - start : nil
    }

    private func step(
        _ index: Int,
        _ action: (Eventual, NodeTime, inout ReplicaOutput<EventualMessage, EventualRecord>) -> Void
    ) {
        let node = nodes[index]
        guard node.isUp else { return }
        action(node.replica, time(of: node), &node.output)
        afterStep(node)
        flush(index)
        schedule(index)
    }

    private func schedule(_ index: Int) {
        let node = nodes[index]
        let wake = node.replica.nextWake
        guard wake < node.wakeScheduled, wake != .distantFuture else { return }
        node.wakeScheduled = wake
        let launch = node.launch
        after(max(.zero, wake - now)) { [unowned self] in
            guard node.launch == launch else { return }
            if node.wakeScheduled == wake { node.wakeScheduled = .distantFuture }
            if node.replica.nextWake <= now { step(index) { $0.handle(.wake, at: $1, into: &$2) } }
            schedule(index)
        }
    }

    private func flush(_ index: Int) {
        let node = nodes[index]
        let last = node.output.position.rawValue
        var position = last - UInt64(node.output.records.count)
        let launch = node.launch
        for record in node.output.records {
            position += 1
            let bytes = record.encoded
            if bytes.count != record.encodedSize { violations.append("size of \(record)") }
            node.unwritten.append((position, bytes))
        }
        if !node.output.records.isEmpty {
            after(diskDelay) { [unowned self] in
                guard node.launch == launch else { return }
                becomeDurable(index, last)
            }
        }
        for effect in node.output.effects {
            switch effect {
            case .send(_, _, .onceDurable) where last > node.durable,
                .reply(_, _, .onceDurable) where last > node.durable,
                .checkpoint where last > node.durable:
                node.waiting.append((last, effect))
            case .send, .reply, .note, .checkpoint: carryOut(effect, index)
            }
        }
        node.output.removeAll()
    }

    private func becomeDurable(_ index: Int, _ position: UInt64) {
        let node = nodes[index]
        let written = node.unwritten.prefix { $0.position <= position }
        node.disk += written.map(\.bytes)
        node.durable = max(node.durable, position)
        node.unwritten.removeFirst(written.count)
        let released = node.waiting.prefix { $0.position <= node.durable }
        node.waiting.removeFirst(released.count)
        for item in released { carryOut(item.effect, index) }
        step(index) { $0.handle(.durable(.init(rawValue: position)), at: $1, into: &$2) }
    }

    private func carryOut(
        _ effect: ReplicaOutput<EventualMessage, EventualRecord>.Effect, _ index: Int
    ) {
        switch effect {
        case .send(let message, let member, _): send(message, index, member)
        case .reply(let reply, let handle, _):
            if replies[handle.request] != nil { violations.append("answered twice") }
            replies[handle.request] = reply
        case .note(let note): notes.append((index, note))
        case .checkpoint(let bytes, let through):
            let node = nodes[index]
            node.checkpoint = bytes
            node.disk.removeFirst(Int(through.rawValue - node.checkpointThrough))
            node.checkpointThrough = through.rawValue
        }
    }

    private func send(_ message: EventualMessage, _ index: Int, _ member: MemberID) {
        guard let target = nodes.firstIndex(where: { $0.member == member }) else { return }
        messages.append((index, target, message))
        let bytes = message.encoded
        if bytes.count != message.encodedSize { violations.append("size of \(message)") }
        guard (try? EventualMessage.decoded(bytes)) == message else {
            violations.append("not decoded: \(message)")
            return
        }
        if cuts.contains([index, target]) || random.chance(loss) || isLost(message, index, target) {
            return
        }
        let sender = nodes[index].member
        after(random.span(in: delay)) { [unowned self] in
            guard nodes[target].member == member else { return }
            step(target) { $0.handle(.message(message, from: sender), at: $1, into: &$2) }
        }
    }

    // MARK: Clients and administrators

    /// Asks a member; the answer is in ``replies`` later.
    @discardableResult
    func ask(_ index: Int, _ key: String, _ operation: Operation, context: VersionVector = .init())
        -> UInt64
    {
        nextRequest += 1
        let request = nextRequest
        let handle = RequestHandle(connection: 1, request: request)
        let command = ClientRequest(
            client: ClientID(rawValue: 1), sequence: request,
            command: .operate(Key(key), operation, context: context))
        step(index) { $0.handle(.request(command, handle), at: $1, into: &$2) }
        return request
    }

    /// Asks a member and lets time pass until it answers; nothing else can happen meanwhile than
    /// what is due.
    func answer(
        _ index: Int, _ key: String, _ operation: Operation, context: VersionVector = .init()
    ) -> ClientReply? {
        let request = ask(index, key, operation, context: context)
        run(atMost: .seconds(1)) { replies[request] != nil }
        return replies[request]
    }

    @discardableResult
    func write(_ index: Int, _ key: String, _ value: String, context: VersionVector = .init())
        -> ClientReply?
    {
        answer(index, key, .write(Array(value.utf8)), context: context)
    }

    func values(_ index: Int, _ key: String) -> [String]? {
        guard case .values(let values)? = answer(index, key, .read)?.outcome else { return nil }
        return values.compactMap {
            guard case .bytes(let bytes) = $0 else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func administer(_ index: Int, _ command: Administration) -> ClientReply? {
        nextRequest += 1
        let handle = RequestHandle(connection: 2, request: nextRequest)
        let request = nextRequest
        step(index) { $0.handle(.administer(command, handle), at: $1, into: &$2) }
        run(atMost: .seconds(1)) { replies[request] != nil }
        return replies[request]
    }

    // MARK: Faults

    func cut(_ one: Int, _ other: Int) { cuts.formUnion([[one, other], [other, one]]) }

    /// Cuts all links between the two groups.
    func partition(_ one: [Int], _ other: [Int]) {
        for first in one { for second in other { cut(first, second) } }
    }

    func heal() { cuts = [] }

    /// Tells both ends that their connection was reset, or opened.
    func connect(_ one: Int, _ other: Int, _ isOpen: Bool) {
        for (here, there) in [(one, other), (other, one)] {
            let member = nodes[there].member
            guard nodes[there].isUp else { continue }
            step(here) {
                $0.handle(isOpen ? .connected(member) : .disconnected(member), at: $1, into: &$2)
            }
        }
    }

    func crash(_ index: Int) {
        let node = nodes[index]
        node.isUp = false
        past.add(node.replica)
        node.launch += 1
        node.unwritten = []
        node.waiting = []
        node.wakeScheduled = .distantFuture
        for other in nodes.indices where other != index {
            step(other) { $0.handle(.disconnected(node.member), at: $1, into: &$2) }
        }
    }

    /// Starts a crashed member from what its disk holds, or from nothing as another life.
    func restart(_ index: Int, losingDisk: Bool = false) throws {
        let node = nodes[index]
        if losingDisk {
            node.member = MemberID.withoutMemory(
                node.member.node, life: node.member.incarnation + 1)
            node.disk = []
            node.checkpoint = nil
            node.checkpointThrough = 0
            node.durable = 0
        }
        node.replica = try recovered(index)
        node.output = .init(position: JournalPosition(rawValue: node.durable))
        node.isUp = true
        step(index) { $0.handle(.start, at: $1, into: &$2) }
        for other in nodes.indices where other != index && nodes[other].isUp {
            connect(index, other, true)
        }
    }

    /// A replica made from what the disk of a member holds.
    func recovered(_ index: Int) throws -> Eventual {
        let node = nodes[index]
        let result = try replica(node.member, isRejoining: node.member.incarnation > 0)
        if let checkpoint = node.checkpoint { try result.restore(checkpoint: checkpoint) }
        for bytes in node.disk { try result.replay(EventualRecord.decoded(bytes)) }
        return result
    }

    // MARK: Findings

    /// The transitions that happened to any member in any life.
    var transitions: Set<String> {
        var seen = past
        for node in nodes where node.isUp { seen.add(node.replica) }
        return seen.names
    }

    /// Whether the members that are up are ready and agree on positions, digests and states.
    var hasConverged: Bool {
        let up = nodes.filter(\.isUp)
        guard let first = up.first?.replica else { return true }
        let view = first.view
        let agree = up.allSatisfy {
            let other = $0.replica.view
            return other.isReady && other.applied == view.applied && other.digest == view.digest
        }
        guard agree else { return false }
        let state = first.finalState()
        return up.dropFirst().allSatisfy { $0.replica.finalState() == state }
    }

    /// The dots of all pairs of writes that were noted as conflicts, each once.
    var conflicts: Set<[Dot]> {
        var result: Set<[Dot]> = []
        for (_, note) in notes
        where note.kind == .conflictResolved || note.kind == .conflictKept {
            let dots = note.fields.compactMap { field -> Dot? in
                guard case .version(.causal(let dot, _, _)) = field.value else { return nil }
                return dot
            }
            result.insert(dots.sorted())
        }
        return result
    }

    func noted(_ kind: Note.Kind, at index: Int? = nil) -> Int {
        notes.filter { $0.note.kind == kind && (index == nil || $0.node == index) }.count
    }
}

extension StrategyOptions {
    static func resolving(_ resolver: ConflictResolver) -> StrategyOptions {
        StrategyOptions(["resolve": .choice(resolver.rawValue)])
    }
}

extension ClientReply {
    var dot: Dot? {
        guard case .causal(let dot, _, _)? = version else { return nil }
        return dot
    }
    var failure: ServiceError? {
        guard case .failed(let error) = outcome else { return nil }
        return error
    }
}
