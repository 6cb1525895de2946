import Determinism
import NIOCore
import NIOPosix
import Replication
import Wire

/// The client's side of a connection: Hello both ways, then frames.
final class ClientPathHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let token: String
    private let path: NIOLoopBound<ClientPath>
    private var reader = FrameReader()
    private var isAccepted = false

    init(token: String, path: NIOLoopBound<ClientPath>) {
        self.token = token
        self.path = path
    }

    func channelActive(context: ChannelHandlerContext) {
        var bytes = context.channel.allocator.buffer(capacity: 256)
        bytes.writeFrame(.hello, Envelope(), payload: Hello(.client, token: token).encoded)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        do {
            while let frame = try reader.next() {
                if isAccepted {
                    path.value.received(frame)
                } else if frame.type == .hello {
                    isAccepted = true
                    reader.frameBytesMax = Limits.frameBytesMax
                    path.value.opened(context.channel)
                } else {
                    context.close(promise: nil)
                    return
                }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        path.value.ended(context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ClientBootstrap {
    /// A bootstrap for connections on this host, without Nagle's delay.
    static func onLoopback(
        _ eventLoop: any EventLoop, handler: sending some ChannelInboundHandler
    ) -> ClientBootstrap {
        let bound = NIOLoopBoundBox(handler, eventLoop: eventLoop)
        return ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
    }
}
