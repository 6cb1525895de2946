import Determinism
import Geography
import Logging
import RegionCore
import Replication
import Storage
import Wire

/// Carrying out what the machine and the links want done.
extension RegionHost {
    /// Carries out the machine's actions and empties them.
    func carryOut() {
        actions.beginTaking()
        while let record = actions.takeRecord() {
            batch.append(record.record, group: record.group, position: record.position)
        }
        while let action = actions.takeAction() {
            switch action {
            case .send(let message, let group, let member):
                send(message.content, group, to: member)
            case .reply(let reply, let handle): answer(reply, handle)
            case .note(let note, let group): take(note, group)
            case .checkpoint(let bytes, let group, let through):
                batch.append(checkpoint: bytes, group: group, through: through)
            }
        }
    }

    private func send(_ message: any ReplicaMessage, _ group: GroupID, to member: MemberID) {
        guard let peer = link(to: member.node), peer.member.map({ $0 == member }) ?? true else {
            return
        }
        let bytes = Frame.prefixBytes + Frame.headerBytes + message.encodedSize
        let verdict = peer.link.offer(
            bytes: bytes, kind: message.kind, isKeepAlive: message.isKeepAlive,
            priority: priorities[of: group], now: HostClock.monotonicNow)
        switch verdict {
        case .due(let due): write(message, group, due, on: peer)
        case .held(let ticket): peer.hold(message, group: group, ticket: ticket)
        case .lost, .full, .notConnected: return
        }
    }

    private func write(
        _ message: any ReplicaMessage, _ group: GroupID, _ due: Instant, on peer: PeerLink
    ) {
        guard let connection = peer.connection else { return }
        write(
            .peerMessage, Envelope(scope: group.index, due: due.nanoseconds), message,
            on: connection)
    }

    /// Adds a frame to what `connection` will flush at the end of the turn.
    func write(
        _ type: FrameType, _ envelope: Envelope, _ payload: any ByteCodable,
        on connection: Connection
    ) {
        do throws(MalformedBytes) {
            try connection.writer.write(type, envelope, encoding: payload)
        } catch {
            logger.error(
                "a frame was too large to send and was dropped",
                metadata: ["type": "\(type.rawValue)", "reason": "\(error)"])
            return
        }
        if !connection.isDirty {
            connection.isDirty = true
            dirty.append(connection)
        }
        scheduleTurn()
    }

    private func answer(_ reply: ClientReply, _ handle: RequestHandle) {
        requestsInFlight -= 1
        guard let connection = connections[handle.connection] else { return }
        switch connection.part {
        case .client:
            if case .called(.session(.granted(let grant))) = reply.outcome {
                return sign(grant, in: reply, to: handle)
            }
            write(
                .clientReply,
                Envelope(request: handle.request, due: HostClock.monotonicNow.nanoseconds),
                reply, on: connection)
        case .control:
            write(
                .controlReply, Envelope(request: handle.request),
                ControlReply.administered(reply), on: connection)
        case .unknown, .peer, .dialling, .link, .closing: return
        }
    }

    private func take(_ note: Note, _ group: GroupID) {
        // They are many, and must not push out what else is noted.
        if note.kind == .replicated, notes.count >= HostLimits.replicationNotesMax {
            replicationNotesDropped += 1
            return
        }
        if notes.count >= HostLimits.notesMax {
            notes.removeFirst(HostLimits.notesMax / 10)
            notesDropped += UInt64(HostLimits.notesMax / 10)
        }
        notes.append(TimedNote(time: HostClock.monotonicNow, group: group, note: note))
    }

    // MARK: Links

    /// The link to `node`, if there is one.
    func link(to node: NodeID) -> PeerLink? {
        var low = 0
        var high = links.count
        while low < high {
            let middle = (low + high) / 2
            if links[middle].target < node { low = middle + 1 } else { high = middle }
        }
        return low < links.count && links[low].target == node ? links[low] : nil
    }

    /// Carries out what `peer`'s link has put into ``outputs``, and empties it.
    func carryOutLink(_ peer: PeerLink) {
        if outputs.isEmpty { return }
        let taken = outputs
        outputs.removeAll(keepingCapacity: true)
        for output in taken {
            switch output {
            case .release(let ticket, let due):
                if let held = peer.release(ticket) {
                    write(held.message, held.group, due, on: peer)
                }
            case .discard(let ticket): _ = peer.release(ticket)
            case .connect: dial(peer)
            case .reset(let reason): reset(peer, reason)
            }
        }
    }

    private func reset(_ peer: PeerLink, _ reason: LinkResetReason) {
        peer.forgetHeld()
        let connection = peer.connection
        peer.connection = nil
        connection?.close()
        logger.info(
            "the link was reset",
            metadata: [
                "to": "\(configuration.name(of: peer.target))", "why": "\(reason.rawValue)",
            ])
        if let member = peer.member { feed(.disconnected(member), at: clock.now) }
    }

    /// Sends one probe over `peer`'s link, as far as its conditions let it through.
    func probe(_ peer: PeerLink, _ now: Instant) {
        guard let due = peer.link.probe(now: now), let connection = peer.connection else { return }
        write(
            .probe, Envelope(due: due.nanoseconds), ProbePayload(sent: now), on: connection)
    }
}

/// What a probe carries: when it was sent.
struct ProbePayload: ByteCodable {
    var sent: Instant
    var encodedSize: Int { 8 }
    func encode(into writer: inout ByteWriter) { writer.writeInteger(sent.nanoseconds) }
    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> ProbePayload {
        ProbePayload(sent: Instant(nanoseconds: try reader.readInteger()))
    }
}
