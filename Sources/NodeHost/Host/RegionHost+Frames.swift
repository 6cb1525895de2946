import Determinism
import Geography
import Logging
import NIOCore
import RegionCore
import Replication
import Storage
import Wire

/// What arrives on connections.
extension RegionHost {
    /// Takes a frame in. Throws if it has no business on this connection.
    func received(_ frame: Frame, on connection: Connection) throws(MalformedBytes) {
        switch connection.part {
        case .closing: return
        case .unknown: try greeted(frame, connection)
        case .dialling(let peer): try answered(frame, connection, peer)
        case .peer(let member): try receivedFromPeer(frame, connection, member)
        case .client: try receivedFromClient(frame, connection)
        case .control: try receivedFromControl(frame, connection)
        case .link: try skip(frame, on: connection)
        }
    }

    private func receivedFromPeer(
        _ frame: Frame, _ connection: Connection, _ member: MemberID
    ) throws(MalformedBytes) {
        switch frame.type {
        case .peerMessage:
            let group = GroupID(index: frame.envelope.scope)
            try collect(
                .message(frame.payload, group: group, from: member), frame, connection)
        case .probe:
            let sent = try ProbePayload.decoded(frame.payload).sent
            guard sent >= .zero, sent <= HostClock.monotonicNow else {
                throw MalformedBytes("a probe that was sent in the future")
            }
            try collect(.probe(sent: sent, from: member.node), frame, connection)
        case _: try skip(frame, on: connection)
        }
    }

    private func receivedFromClient(
        _ frame: Frame, _ connection: Connection
    ) throws(MalformedBytes) {
        guard frame.type == .clientRequest else { return try skip(frame, on: connection) }
        let request = try ClientRequest.decoded(frame.payload)
        let handle = RequestHandle(
            connection: connection.id, request: frame.envelope.request)
        requestsInFlight += 1
        if requestsInFlight > Limits.requestsInFlightMax
            || journal.queuedBytes > HostLimits.journalBytesMax
        {
            requestsInFlight -= 1
            requestsShed += 1
            let error = ServiceError(
                .overloaded, "this node has too much to do; try again later or elsewhere",
                isIndefinite: false)
            return write(
                .clientReply,
                Envelope(request: handle.request, due: HostClock.monotonicNow.nanoseconds),
                ClientReply.failed(error), on: connection)
        }
        if signer != nil, let token = Self.token(in: request) {
            return verify(token, of: request, handle, frame)
        }
        do throws(MalformedBytes) {
            try collect(
                .request(request, group: GroupID(index: frame.envelope.scope), handle), frame,
                connection)
        } catch {
            requestsInFlight -= 1
            throw error
        }
    }

    /// Puts what a frame says into the inbox until it is due.
    func collect(
        _ content: Inbox.Content, _ frame: Frame, _ connection: Connection
    ) throws(MalformedBytes) {
        let now = HostClock.monotonicNow
        let due = Instant(nanoseconds: max(0, frame.envelope.due))
        guard due <= now + HostLimits.travelTimeMax else {
            throw MalformedBytes("a frame that is due in more than two hours")
        }
        let bytes = Frame.headerBytes + frame.payload.count
        connection.arrivingBytes += bytes
        guard connection.arrivingBytes <= HostLimits.arrivingBytesMax else {
            throw MalformedBytes("more bytes under way than a connection may have")
        }
        let arrival = due == .zero ? now : due
        switch content {
        case .request: requests.push(content, due: arrival, bytes: bytes, from: connection)
        case .message, .probe: inbox.push(content, due: arrival, bytes: bytes, from: connection)
        }
        scheduleTurn()
    }

    /// Ignores a frame of an unknown type, which a newer version may have sent, and objects to
    /// one that is known and out of place.
    func skip(_ frame: Frame, on connection: Connection) throws(MalformedBytes) {
        let known: ClosedRange<UInt8> = FrameType.hello.rawValue...FrameType.probeReply.rawValue
        if known.contains(frame.type.rawValue) {
            throw MalformedBytes("a frame of type \(frame.type.rawValue) is out of place here")
        }
        framesSkipped += 1
    }

    // MARK: Hello

    private func greeted(_ frame: Frame, _ connection: Connection) throws(MalformedBytes) {
        guard frame.type == .hello else {
            throw MalformedBytes("the first frame must be a Hello")
        }
        let hello = try Hello.decoded(frame.payload)
        if let refusal = objection(to: hello) { return refuse(connection, refusal) }
        switch hello.role {
        case .peer:
            guard let sender = hello.member else { return }
            connection.part = .peer(sender)
        case .client: connection.part = .client
        case .control: connection.part = .control
        }
        connection.reader.frameBytesMax = Limits.frameBytesMax
        write(
            .hello, Envelope(), Hello(.peer, member: member, token: hello.token), on: connection)
    }

    private func objection(to hello: Hello) -> Refusal? {
        if hello.major != ProtocolVersion.major {
            return Refusal(
                .version,
                "protocol version \(hello.major).\(hello.minor) is not spoken here, "
                    + "\(ProtocolVersion.major).\(ProtocolVersion.minor) is")
        }
        if isStopping { return Refusal(.stopping, "this node is stopping") }
        let expected: String
        switch hello.role {
        case .peer, .client: expected = configuration.runToken
        case .control: expected = configuration.controlToken
        }
        if !hello.hasToken(expected) {
            return Refusal(.token, "the token is not the one of this run")
        }
        guard hello.role == .peer else { return nil }
        guard let sender = hello.member, sender.node != configuration.node,
            configuration.nodes.contains(where: { $0.node == sender.node })
        else {
            return Refusal(.stranger, "a peer must name itself as another node of this run")
        }
        return nil
    }

    private func answered(
        _ frame: Frame, _ connection: Connection, _ peer: PeerLink
    ) throws(MalformedBytes) {
        switch frame.type {
        case .refused:
            let refusal = try Refusal.decoded(frame.payload)
            logger.warning(
                "a peer refused the connection",
                metadata: [
                    "peer": "\(configuration.name(of: peer.target))",
                    "reason": "\(refusal.message)",
                ])
            connection.close()
            dialFailed(peer, connection)
        case .hello:
            let hello = try Hello.decoded(frame.payload)
            guard hello.major == ProtocolVersion.major, let other = hello.member,
                other.node == peer.target, hello.hasToken(configuration.runToken)
            else { throw MalformedBytes("the answer is not the expected node's Hello") }
            connection.reader.frameBytesMax = Limits.frameBytesMax
            connected(peer, other, connection)
        case _: throw MalformedBytes("the first frame must be a Hello")
        }
    }

    /// Closes a connection that has not said Hello in time.
    func expectHello(from connection: Connection) {
        let late = TimeAmount.nanoseconds(HostLimits.helloTime.nanoseconds)
        loop.scheduleTask(in: late) {
            switch connection.part {
            case .unknown:
                self.refuse(connection, Refusal(.late, "no Hello came in time"))
            case .dialling(let peer):
                connection.close()
                self.dialFailed(peer, connection)
            case .peer, .client, .control, .link, .closing: return
            }
        }
    }

    // MARK: Connections' ends

    /// Closes a connection on which something came that should not have.
    func refuse(_ connection: Connection, malformed error: MalformedBytes) {
        framesRefused += 1
        logger.warning(
            "closing a connection because of what it sent",
            metadata: [
                "peer": "\(connection.remoteAddress)", "reason": "\(error.description)",
            ])
        switch connection.part {
        case .closing: return
        case .unknown: refuse(connection, Refusal(.malformed, error.description))
        case .dialling, .link, .peer, .client, .control: giveUp(connection)
        }
    }

    /// Closes a connection before its other end does; a link that it carried learns of that.
    func giveUp(_ connection: Connection) {
        let part = connection.part
        connection.close()
        switch part {
        case .dialling(let peer): dialFailed(peer, connection)
        case .link(let peer): lost(peer, connection)
        case .unknown, .peer, .client, .control, .closing: return
        }
    }

    /// Tells the other end why, and closes.
    func refuse(_ connection: Connection, _ refusal: Refusal) {
        logger.info(
            "refusing a connection",
            metadata: [
                "peer": "\(connection.remoteAddress)", "reason": "\(refusal.message)",
            ])
        if (try? connection.writer.write(.refused, Envelope(), encoding: refusal)) != nil {
            connection.close()
        }
    }

    /// The channel of a connection failed; its end follows.
    func failed(_ connection: Connection, _ error: any Error) {
        logger.debug(
            "a connection failed",
            metadata: ["peer": "\(connection.remoteAddress)", "reason": "\(error)"])
    }

    /// A connection is no more.
    func ended(_ connection: Connection) {
        connections[connection.id] = nil
        if isStopping { return }
        let part = connection.part
        connection.part = .closing
        switch part {
        case .dialling(let peer): dialFailed(peer, connection)
        case .link(let peer): lost(peer, connection)
        case .unknown, .peer, .client, .control, .closing: return
        }
    }
}
