import Determinism
import Geography
import Logging
import NIOCore
import NIOPosix
import RegionCore
import Replication
import Wire

/// Opening connections to peers, whenever their links ask for it.
extension RegionHost {
    func dial(_ peer: PeerLink) {
        guard let address = peer.address, !isStopping else {
            peer.link.connectionFailed(now: HostClock.monotonicNow, into: &outputs)
            return carryOutLink(peer)
        }
        let connection = makeConnection(.dialling(peer))
        peer.attempt = connection.id
        let hello = Hello(.peer, member: member, token: configuration.runToken)
        let host = self
        ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(.nanoseconds(HostLimits.helloTime.nanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: address.host, port: Int(address.port))
            .whenComplete { result in
                switch result {
                case .success:
                    host.expectHello(from: connection)
                    host.write(.hello, Envelope(), hello, on: connection)
                case .failure:
                    host.connections[connection.id] = nil
                    connection.part = .closing
                    host.dialFailed(peer, connection)
                }
            }
    }

    /// The attempt to connect came to nothing.
    func dialFailed(_ peer: PeerLink, _ connection: Connection) {
        guard peer.attempt == connection.id, !isStopping else { return }
        peer.attempt = 0
        peer.link.connectionFailed(now: HostClock.monotonicNow, into: &outputs)
        carryOutLink(peer)
        scheduleTurn()
    }

    /// The peer has answered: the link decides whether the connection may be.
    func connected(_ peer: PeerLink, _ other: MemberID, _ connection: Connection) {
        guard peer.attempt == connection.id else { return connection.close() }
        peer.attempt = 0
        let isAllowed = peer.link.connectionOpened(
            now: HostClock.monotonicNow, into: &outputs)
        carryOutLink(peer)
        guard isAllowed else {
            connection.close()
            return scheduleTurn()
        }
        connection.part = .link(peer)
        peer.connection = connection
        peer.member = other
        logger.debug(
            "connected", metadata: ["peer": "\(configuration.name(of: peer.target))"])
        feed(.connected(other), at: clock.now)
        scheduleTurn()
    }

    /// The connection to the peer has ended without the link's doing.
    func lost(_ peer: PeerLink, _ connection: Connection) {
        guard peer.connection === connection, !isStopping else { return }
        peer.connection = nil
        peer.link.connectionLost(now: HostClock.monotonicNow, into: &outputs)
        carryOutLink(peer)
        scheduleTurn()
    }
}
