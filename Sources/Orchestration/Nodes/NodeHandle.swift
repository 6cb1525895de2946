import Conduct
import Determinism
import Foundation
import Geography
import NIOCore
import NodeHost
import RegionCore
import Replication
import Scenarios
import Storage

/// One node, as the engine holds it: its process of the moment, the control connection to it,
/// and where it listens.
final class NodeHandle {
    let node: PlannedNode
    private let folder: String
    private unowned let engine: ProcessEngine
    private(set) var process: NodeProcess?
    private(set) var address: SocketAddress?
    private var control: ControlConnection?
    private var wallClock: WallClockSetting?
    /// How many corruptions of the disk launches so far were told of.
    private var corruptionsTold = 0

    init(node: PlannedNode, folder: String, engine: ProcessEngine) {
        self.node = node
        self.folder = folder
        self.engine = engine
    }

    private var databasePath: String { folder + "/node.sqlite" }

    /// Starts a process; the engine hears of its readiness and of its end.
    func start(
        launch: UInt32, erasing: Bool, condition: NodeCondition,
        conditions: [NodeID: [LinkCondition]]
    ) {
        if erasing { eraseDatabase() }
        var configuration = configuration(launch: launch, conditions: conditions)
        configuration.condition = condition
        configuration.corruptionsBefore = corruptionsTold
        corruptionsTold = condition.disk.corruptions
        let path = folder + "/node.json"
        do {
            try configuration.encoded().write(to: URL(fileURLWithPath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            engine.abandon(
                "the configuration of \(node.name) cannot be written: \(error)",
                interrupted: false)
            return
        }
        let process = NodeProcess(launch: launch)
        self.process = process
        process.start(
            executable: engine.settings.executable, arguments: engine.settings.arguments + [path],
            logPath: folder + "/node.log", eventLoop: engine.eventLoop
        ) { [weak self] notice in self?.take(notice, of: process) }
    }

    /// Asks the node something; nothing happens while there is no connection.
    func request(_ request: ControlRequest) { control?.ask(request) }

    func setConditions(_ conditions: [LinkCondition], to target: NodeID) {
        control?.ask(
            .setLinks([
                LinkConfiguration(
                    target: target, profile: engine.plan.network.link(from: node.id, to: target),
                    conditions: conditions)
            ]))
    }

    /// What faults do to the node itself, from now on.
    func setCondition(_ condition: NodeCondition) {
        guard let control else { return }
        corruptionsTold = condition.disk.corruptions
        control.ask(.setCondition(condition))
    }

    func poll(_ token: UInt64) {
        let launch = process?.launch
        control?.ask(.status) { [unowned engine] reply in
            if case .status(var status) = reply {
                status.launch = launch ?? status.launch
                engine.tell(.status(status, token: token))
            }
        }
    }

    func administer(_ id: UInt64, _ group: GroupID, _ command: Administration) {
        control?.ask(.administer(group, command)) { [unowned engine] reply in
            switch reply {
            case .administered(let answer): engine.tell(.administered(id, answer))
            case .failed(let reason):
                let error = ServiceError(.refused, reason, isIndefinite: true)
                engine.tell(.administered(id, .failed(error)))
            case .done, .status, .finalState: break
            }
        }
    }

    /// Wall clocks say `wall` at `instant`, in this launch and in those that follow.
    func setWall(_ wall: WallTime, at instant: Instant) {
        let setting = WallClockSetting(wall: wall, at: instant)
        wallClock = setting
        control?.ask(.setWallClock(setting))
    }

    /// Reads the final state of a group, page by page.
    func collect(_ group: GroupID) { collect(group, from: 0, []) }

    private func collect(_ group: GroupID, from: UInt64, _ earlier: [FinalEntry]) {
        control?.ask(.finalState(group, from: from)) { [weak self] reply in
            guard let self else { return }
            switch reply {
            case .finalState(let page):
                let entries = earlier + page.entries
                if let next = page.next {
                    collect(group, from: next, entries)
                } else {
                    engine.tell(.finalState(node.id, group, entries))
                }
            case .failed(let reason):
                engine.abandon(
                    "\(node.name) did not give its final state: \(reason)", interrupted: false)
            case .done, .status, .administered: break
            }
        }
    }

    /// Another node listens at `address` now.
    func learn(of other: NodeID, at address: SocketAddress) {
        guard let port = address.port else { return }
        control?.ask(.setPeers([PeerAddress(node: other, port: UInt16(clamping: port))]))
    }

    /// The run is over.
    func close() {
        control?.close()
        control = nil
        if !engine.settings.keepsData {
            eraseDatabase()
            try? FileManager.default.removeItem(atPath: folder + "/node.json")
        }
    }

    // MARK: The process

    private func take(_ notice: NodeProcess.Notice, of process: NodeProcess) {
        guard process === self.process else { return }
        switch notice {
        case .started: break
        case .line(let line):
            guard address == nil, let port = ReadyLine(line)?.port else { return }
            do {
                let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
                self.address = address
                connectControl(to: address, process)
            } catch {
                engine.abandon("\(node.name): \(error)", interrupted: false)
            }
        case .ended(let end): isOver(process, end)
        case .failed(let reason):
            engine.abandon(
                "\(node.name) could not be started with '\(engine.settings.executable)': "
                    + reason, interrupted: false)
            isOver(process, .exited(code: -1))
        }
    }

    private func isOver(_ process: NodeProcess, _ end: ProcessEnd) {
        address = nil
        control?.close()
        control = nil
        self.process = nil
        engine.nodeIsGone(node.id)
        engine.tell(.nodeEnded(node.id, launch: process.launch, end))
    }

    private func connectControl(to address: SocketAddress, _ process: NodeProcess) {
        let connection = ControlConnection(
            eventLoop: engine.eventLoop, token: engine.controlToken,
            opened: { [weak self] in
                guard let self else { return }
                engine.nodeListens(node.id, at: address)
                engine.tell(.nodeReady(node.id, launch: process.launch))
            },
            ended: { [weak self] reason in
                guard let self, process === self.process, !process.hasEnded else { return }
                // A process that dies closes its connections before its end is known.
                noteLostControl(process, reason)
            })
        control = connection
        connection.connect(to: address)
    }

    /// Gives the kernel a moment to tell that the process ended; a process that lives without
    /// its control connection is beyond control.
    private func noteLostControl(_ process: NodeProcess, _ reason: String) {
        let bound = NIOLoopBound((handle: self, process: process), eventLoop: engine.eventLoop)
        engine.eventLoop.scheduleTask(in: .seconds(2)) {
            let (handle, process) = bound.value
            guard process === handle.process, !process.hasEnded else { return }
            handle.engine.abandon(
                "lost the control connection to \(handle.node.name): \(reason)",
                interrupted: false)
        }
    }

    /// Removes the database, with what belongs to it and what was moved aside of it.
    private func eraseDatabase() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix("node.sqlite") {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
    }

    private func configuration(
        launch: UInt32, conditions: [NodeID: [LinkCondition]]
    ) -> NodeConfiguration {
        let plan = engine.plan
        let links = plan.nodes.filter { $0.id != node.id }.map { other in
            LinkConfiguration(
                target: other.id, profile: plan.network.link(from: node.id, to: other.id),
                conditions: conditions[other.id] ?? [])
        }
        var configuration = NodeConfiguration(
            node: node.id, nodes: plan.nodes.map { NamedNode(node: $0.id, name: $0.name) },
            runToken: engine.runToken, controlToken: engine.controlToken,
            databasePath: databasePath, seed: plan.seed, launch: launch,
            groups: plan.groups.map { group in
                GroupConfiguration(
                    GroupPlacement(
                        name: group.name, strategy: group.strategy, options: group.options,
                        voters: group.voters.map { MemberID($0) },
                        learners: group.learners.map { MemberID($0) },
                        candidates: plan.candidates(of: group), valueType: group.valueType,
                        priority: plan.priority(of: group)))
            }, roundTrips: plan.network.roundTrips, links: links)
        configuration.wallClock =
            wallClock ?? WallClockSetting(wall: plan.start, at: MonotonicClock.now)
        if plan.scenario.logsReplication { configuration.logsReplication = true }
        let services = plan.servicesSetup
        if !services.isEmpty { configuration.services = services }
        if services.sessions != nil {
            configuration.tokens = engine.tokenKeys[Int(node.id.region.index)]
        }
        configuration.databaseVFS = NodeDisk.fileSystem
        configuration.parentProcess = ProcessInfo.processInfo.processIdentifier
        // Ten probes a second on each of a few links; fewer each where there are many.
        configuration.probeInterval = max(
            .milliseconds(100), .milliseconds(20) * Int64(links.count))
        configuration.logLevel = engine.settings.isVerbose ? "debug" : "info"
        return configuration
    }
}

/// The line with which a node says that it is ready, and where it listens.
struct ReadyLine {
    let port: Int

    init?(_ line: String) {
        struct Form: Decodable {
            struct Ready: Decodable { var port: Int }
            var ready: Ready
        }
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(line.utf8)) else {
            return nil
        }
        port = form.ready.port
    }
}
