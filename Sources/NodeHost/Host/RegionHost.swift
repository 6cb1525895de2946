import Determinism
import Geography
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RegionCore
import Replication
import Storage
import Tokens
import Wire

/// Gives a ``RegionNode`` sockets, a disk and time: one event loop owns the machine and
/// everything around it.
///
/// The loop works in turns. Whatever arrives during one round of the selector is collected; then
/// one turn takes in what is due, hands the disk one batch and flushes each connection once. So a
/// busy node commits and sends in groups by itself, and an idle one at once.
///
/// Everything but the journal's thread runs on the loop; that is why the class may be passed
/// around, and why its state needs no locks.
package final class RegionHost: @unchecked Sendable {
    /// Why a host ended.
    package enum End: Sendable, Equatable {
        /// It was asked to.
        case asked
        /// The disk failed: nothing that was not durable before was acknowledged.
        case journalFailed(String)
    }

    let configuration: NodeConfiguration
    let logger: Logger
    let loop: any EventLoop
    let member: MemberID
    let node: RegionNode
    let priorities: GroupPriorities
    let journal: Journal
    /// The disk under the journal, if it is one that faults can be put on.
    let disk: NodeDisk?
    /// Signs and verifies session tokens, where sessions are offered.
    private(set) var signer: TokenSigner?
    var condition: NodeCondition
    var clock: HostClock
    var processor = SlowProcessor()
    var random: RandomStream

    // What the turn works on.
    /// What members sent.
    var inbox = Inbox()
    /// What clients ask.
    var requests = Inbox()
    var actions = NodeActions()
    var batch = JournalBatch()
    var outputs: [LinkOutput] = []
    var dirty: [Connection] = []
    /// Messages taken in since a timer or a request was.
    private var messagesInTurn = 0
    private var isTurnScheduled = false
    private var timer: Scheduled<Void>?
    private var timerDue = Instant.distantFuture

    // The world around.
    var connections: [UInt64: Connection] = [:]
    private var connectionsMade: UInt64 = 0
    /// The links from this node, in order of their targets.
    var links: [PeerLink] = []
    private var listener: (any Channel)?
    var isStopping = false

    // What is told to whoever asks.
    var requestsInFlight = 0
    var notes: [TimedNote] = []
    var notesDropped: UInt64 = 0
    var replicationNotesDropped: UInt64 = 0
    var arrivals: [NodeID: ProbeArrivals] = [:]
    var delayError = Lateness()
    var loopLag = Lateness()
    var commits: UInt64 = 0
    var recordsCommitted: UInt64 = 0
    var commitTime = TimeSpan.zero
    var framesRefused: UInt64 = 0
    var framesSkipped: UInt64 = 0
    var requestsShed: UInt64 = 0
    private var tickDue = Instant.distantFuture
    private var probesDue = Instant.distantFuture

    /// Commits that the journal's thread reported and the loop has not taken in yet.
    private let reported = NIOLockedValueBox<[Journal.Commit]>([])
    private let endPromise: EventLoopPromise<End>

    init(
        configuration: NodeConfiguration, recovered: RecoveredNode, logger: Logger,
        loop: any EventLoop
    ) {
        self.configuration = configuration
        self.logger = logger
        self.loop = loop
        member = recovered.member
        node = recovered.node
        journal = recovered.journal
        disk = recovered.disk
        condition = configuration.condition ?? NodeCondition()
        clock = HostClock(configuration.wallClock, condition.clock)
        endPromise = loop.makePromise()
        random = RandomStream(
            seed: configuration.seed, name: "host/\(recovered.member)/\(configuration.launch)")
        let priorities = GroupPriorities(of: configuration.groups.map(\.placement))
        self.priorities = priorities
        links = configuration.links.sorted { $0.target < $1.target }.map { setting in
            let name = "link/\(MemberID(configuration.node))/\(MemberID(setting.target))"
            let stream = RandomStream(
                seed: configuration.seed, name: "\(name)/\(configuration.launch)")
            let peer = PeerLink(
                target: setting.target,
                link: Link(
                    profile: setting.profile, random: stream, prioritises: priorities.differ))
            var ignored: [LinkOutput] = []
            peer.link.setConditions(
                setting.conditions, now: HostClock.monotonicNow, into: &ignored)
            return peer
        }
    }

    /// Becomes what it is when the host has ended and closed everything.
    package var end: EventLoopFuture<End> { endPromise.futureResult }

    /// Listens, starts the machine and the links, and says on which port clients and peers find
    /// the node.
    package func start() -> EventLoopFuture<Int> {
        let host = self
        guard let ring = configuration.tokens else { return listen() }
        return loop.makeFutureWithTask { try await TokenSigner(ring) }.flatMap { signer in
            host.signer = signer
            return host.listen()
        }
    }

    private func listen() -> EventLoopFuture<Int> {
        let host = self
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(host.accept())
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .map { channel in
                host.listening(on: channel)
                return channel.localAddress?.port ?? 0
            }
    }

    /// Ends in good order: what was handed to the disk is written, connections are closed.
    package func stop() {
        loop.execute { self.finish(.asked) }
    }

    private func listening(on channel: any Channel) {
        listener = channel
        let host = self
        journal.start { event in
            switch event {
            case .durable(let commit):
                let isFirst = host.reported.withLockedValue { reported in
                    reported.append(commit)
                    return reported.count == 1
                }
                if isFirst { host.loop.execute { host.takeCommits() } }
            case .failed(let reason):
                host.loop.execute {
                    host.logger.critical(
                        "the journal failed; the node ends without acknowledging more",
                        metadata: ["reason": "\(reason)"])
                    host.finish(.journalFailed(reason))
                }
            }
        }
        processor.set(condition.slowness)
        node.start(at: clock.now, into: &actions)
        carryOut()
        let now = HostClock.monotonicNow
        tickDue = now + HostLimits.tickInterval
        probesDue = now + configuration.probeInterval
        scheduleTurn()
    }

    private func accept() -> Connection {
        connectionsMade += 1
        let connection = Connection(id: connectionsMade, part: .unknown, host: self)
        connections[connection.id] = connection
        if connections.count > HostLimits.connectionsMax || isStopping {
            refuse(connection, Refusal(.full, "this node has no room for another connection"))
        }
        expectHello(from: connection)
        return connection
    }

    func makeConnection(_ part: Connection.Part) -> Connection {
        connectionsMade += 1
        let connection = Connection(id: connectionsMade, part: part, host: self)
        connections[connection.id] = connection
        return connection
    }

    // MARK: Turns

    /// Sees to it that a turn follows this round of the selector.
    func scheduleTurn() {
        if isTurnScheduled { return }
        isTurnScheduled = true
        loop.execute { self.turn() }
    }

    private func turn() {
        if isStopping { return }
        // What it has to write goes out at its end.
        isTurnScheduled = true
        processor.begin()
        takeInWhatIsDue()
        processor.end()
        let now = HostClock.monotonicNow
        for peer in links where peer.link.nextWake <= now {
            peer.link.advance(to: now, into: &outputs)
            carryOutLink(peer)
        }
        if now >= tickDue { tick(now) }
        if now >= probesDue { probe(now) }
        flush()
        isTurnScheduled = false
        if !dirty.isEmpty || !batch.isEmpty { scheduleTurn() }
        armTimer()
    }

    /// What members say goes first, then what time alone demands, then clients: however much these
    /// ask, a leader must hear its followers and they their leader, and who is late must not take
    /// the other for silent. All are bounded; the rest waits until the sockets were read again.
    private func takeInWhatIsDue() {
        var now = HostClock.monotonicNow
        let end = now + HostLimits.timePerTurn
        while messagesInTurn < HostLimits.messagesPerTurn, let item = inbox.pop(dueAt: now) {
            messagesInTurn += 1
            takeIn(item)
            now = HostClock.monotonicNow
            if now >= end { return }
        }
        messagesInTurn = 0
        let time = clock.now
        if time.monotonic >= node.nextWake { feed(.wake, at: time) }
        for _ in 0..<HostLimits.requestsPerTurn {
            guard let item = requests.pop(dueAt: HostClock.monotonicNow) else { break }
            takeIn(item)
            if HostClock.monotonicNow >= end { return }
        }
    }

    private func takeIn(_ item: Inbox.Item) {
        item.connection.arrivingBytes -= item.bytes
        let host = HostClock.monotonicNow
        let now = clock.reading(at: host)
        delayError.record(host - item.due)
        switch item.content {
        case .message(let bytes, let group, let sender):
            feed(
                .message(bytes, group: group, from: sender), at: now,
                blaming: item.connection)
        case .request(let request, let group, let handle):
            feed(.request(request, group: group, handle), at: now)
        case .probe(let sent, let source):
            let delay = host - sent
            arrivals[source, default: ProbeArrivals(source: source, count: 0, delayTotal: .zero)]
                .add(delay)
        }
    }

    /// Gives the machine an event and carries out what it wants done.
    func feed(_ event: NodeEvent, at now: NodeTime, blaming connection: Connection? = nil) {
        do throws(MalformedBytes) {
            try node.handle(event, at: now, into: &actions)
        } catch {
            if let connection { refuse(connection, malformed: error) }
        }
        // With a slow processor the machine would not have come to its actions yet.
        standStill()
        carryOut()
    }

    /// Takes the time that a slow processor would have taken. What is on its way out leaves before:
    /// its due times are drawn already.
    private func standStill() {
        guard processor.owesRest() else { return }
        flush()
        processor.rest()
    }

    private func takeCommits() {
        let commits = reported.withLockedValue { reported in
            defer { reported.removeAll(keepingCapacity: true) }
            return reported
        }
        if isStopping { return }
        processor.begin()
        for commit in commits {
            self.commits += 1
            recordsCommitted += UInt64(commit.records)
            commitTime += TimeSpan(nanoseconds: Int64(clamping: commit.nanoseconds))
            for (group, through) in commit.positions {
                feed(.durable(through, group: group), at: clock.now)
            }
        }
        processor.end()
        scheduleTurn()
    }

    private func tick(_ now: Instant) {
        loopLag.record(now - tickDue)
        tickDue = now + HostLimits.tickInterval
    }

    private func probe(_ now: Instant) {
        probesDue = now + configuration.probeInterval
        for peer in links { probe(peer, now) }
    }

    /// Hands the disk its batch and the connections their frames.
    private func flush() {
        if !batch.isEmpty {
            journal.submit(batch)
            batch = JournalBatch()
        }
        let flushed = dirty
        dirty.removeAll(keepingCapacity: true)
        for connection in flushed where !connection.flush() {
            logger.warning(
                "closing a connection whose other end does not read",
                metadata: ["peer": "\(connection.remoteAddress)"])
            giveUp(connection)
        }
    }

    private func armTimer() {
        let wake = clock.host(of: node.nextWake)
        var due = min(inbox.nextDue, requests.nextDue, wake, tickDue, probesDue)
        for peer in links { due = min(due, peer.link.nextWake) }
        if processor.slowness > 1 {
            due = max(due, HostClock.monotonicNow + HostLimits.pauseOfSlowNodes)
        }
        if timer != nil, timerDue <= due { return }
        timer?.cancel()
        timerDue = due
        let nanoseconds = UInt64(clamping: due.nanoseconds)
        timer = loop.scheduleTask(deadline: .uptimeNanoseconds(nanoseconds)) {
            self.timer = nil
            self.turn()
        }
    }

    // MARK: The end

    func finish(_ reason: End) {
        if isStopping { return }
        if case .asked = reason {
            flush()
        }
        isStopping = true
        timer?.cancel()
        listener?.close(promise: nil)
        for connection in connections.values.sorted(by: { $0.id < $1.id }) {
            connection.close()
        }
        logger.notice("ending", metadata: ["why": "\(reason)"])
        let host = self
        // The journal's last commit must not hold up the loop, which still closes connections.
        NIOThreadPool.singleton.submit { _ in
            host.journal.close()
            host.loop.execute { host.endPromise.succeed(reason) }
        }
    }
}

extension ProbeArrivals {
    mutating func add(_ delay: TimeSpan) {
        count += 1
        delayTotal = TimeSpan(
            nanoseconds: delayTotal.nanoseconds.addingReportingOverflow(delay.nanoseconds)
                .partialValue)
    }
}
