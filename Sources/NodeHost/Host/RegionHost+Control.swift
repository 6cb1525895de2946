import Determinism
import Geography
import Logging
import RegionCore
import Replication
import Storage
import Wire

/// What whoever conducts the run asks.
extension RegionHost {
    func receivedFromControl(
        _ frame: Frame, _ connection: Connection
    ) throws(MalformedBytes) {
        guard frame.type == .controlRequest else { return try skip(frame, on: connection) }
        let number = frame.envelope.request
        let request = try ControlRequest.decoded(frame.payload)
        let now = HostClock.monotonicNow
        switch request {
        case .status: reply(.status(takeStatus()), number, connection)
        case .setPeers(let peers):
            for address in peers { link(to: address.node)?.address = address }
            for peer in links where peer.address != nil {
                peer.link.start(now: now, into: &outputs)
                carryOutLink(peer)
            }
            reply(.done, number, connection)
        case .setLinks(let settings): reply(set(settings, now), number, connection)
        case .resetLink(let node):
            guard let peer = link(to: node) else {
                return reply(
                    .failed("there is no link to \(configuration.name(of: node))"), number,
                    connection)
            }
            peer.link.reset(now: now, into: &outputs)
            carryOutLink(peer)
            reply(.done, number, connection)
        case .setWallClock(let setting):
            clock.set(setting)
            reply(.done, number, connection)
        case .setCondition(let condition): reply(set(condition), number, connection)
        case .administer(let group, let command):
            requestsInFlight += 1
            let handle = RequestHandle(connection: connection.id, request: number)
            feed(.administer(command, group: group, handle), at: clock.now)
        case .finalState(let group, let from):
            reply(finalState(of: group, from: from, connection), number, connection)
        case .stop:
            reply(.done, number, connection)
            stop()
        }
        scheduleTurn()
    }

    private func reply(_ reply: ControlReply, _ number: UInt64, _ connection: Connection) {
        write(.controlReply, Envelope(request: number), reply, on: connection)
    }

    private func set(_ settings: [LinkConfiguration], _ now: Instant) -> ControlReply {
        for setting in settings {
            guard let peer = link(to: setting.target) else {
                return .failed("there is no link to \(configuration.name(of: setting.target))")
            }
            peer.link.setProfile(setting.profile, now: now, into: &outputs)
            peer.link.setConditions(setting.conditions, now: now, into: &outputs)
            carryOutLink(peer)
        }
        return .done
    }

    /// Puts what faults do to the node in force.
    private func set(_ condition: NodeCondition) -> ControlReply {
        let before = self.condition
        guard disk != nil || condition.disk == before.disk else {
            return .failed("the database of this node is not on a disk that faults can be put on")
        }
        self.condition = condition
        clock.set(condition.clock)
        if condition.slowness != before.slowness { processor.set(condition.slowness) }
        disk?.set(condition.disk)
        for _ in 0..<max(0, condition.disk.corruptions - before.disk.corruptions) {
            journal.damageRecord()
        }
        logger.notice("under other conditions", metadata: ["condition": "\(condition)"])
        return .done
    }

    private func finalState(
        of group: GroupID, from: UInt64, _ connection: Connection
    ) -> ControlReply {
        if from == 0 || connection.finalState?.group != group {
            guard let entries = node.finalState(of: group) else {
                return .failed("this node has no part in group \(group.index)")
            }
            connection.finalState = (group, entries)
        }
        guard let entries = connection.finalState?.entries, from <= UInt64(entries.count) else {
            return .failed("there is no entry \(from)")
        }
        var page = FinalStatePage(from: from, total: UInt64(entries.count), entries: [])
        var bytes = 0
        for entry in entries[Int(from)...] {
            page.entries.append(entry)
            bytes += entry.key.encodedSize
            for (value, version) in entry.values {
                bytes += (value?.encodedSize ?? 0) + version.encodedSize
            }
            if bytes >= FinalStatePage.bytesMax { break }
        }
        if page.next == nil { connection.finalState = nil }
        return .finalState(page)
    }

    /// How the node is; its notes are handed out with it.
    private func takeStatus() -> NodeStatus {
        let now = HostClock.monotonicNow
        var status = NodeStatus(
            member: member, launch: configuration.launch,
            time: NodeTime(monotonic: now, wall: clock.reading(at: now).wall),
            groups: node.groups.compactMap { group in
                node.view(of: group).map { GroupStatus(group: group, view: $0) }
            },
            links: links.map {
                LinkStatus(
                    target: $0.target, counters: $0.link.counters,
                    isConnected: $0.link.seemsConnected)
            },
            arrivals: arrivals.values.sorted { $0.source < $1.source })
        status.notes = notes
        notes.removeAll()
        status.delayError = delayError.summary
        status.loopLag = loopLag.summary
        status.processorTime = ProcessUsage.processorTime
        status.residentBytes = ProcessUsage.residentBytes
        status.commits = commits
        status.recordsCommitted = recordsCommitted
        status.commitTime = commitTime
        status.requestsInFlight = UInt64(max(0, requestsInFlight))
        status.framesRefused = framesRefused
        status.monotonicLead = clock.monotonicLead(at: now)
        status.disk = disk?.counters ?? DiskCounters()
        status.stalled = processor.stalled
        status.workTime = processor.worked
        status.requestsShed = requestsShed
        status.replicationNotesDropped = replicationNotesDropped
        return status
    }
}
