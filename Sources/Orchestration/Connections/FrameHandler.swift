import Determinism
import NIOCore
import NIOPosix
import Replication
import Wire

/// Whoever uses a connection to a node.
protocol FrameReceiver: AnyObject {
    /// The node accepted the Hello.
    func opened(_ channel: any Channel)
    /// A frame arrived.
    func received(_ frame: Frame)
    /// The connection is over, or the node did not accept the Hello.
    func ended(_ channel: any Channel, reason: String)
}

/// The near side of a connection to a node: Hello both ways, then frames.
final class FrameHandler<Receiver: FrameReceiver>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let hello: Hello
    private let receiver: NIOLoopBound<Receiver>
    private var reader = FrameReader()
    private var isAccepted = false

    init(_ role: Hello.Role, token: String, receiver: NIOLoopBound<Receiver>) {
        hello = Hello(role, token: token)
        self.receiver = receiver
    }

    func channelActive(context: ChannelHandlerContext) {
        var bytes = context.channel.allocator.buffer(capacity: 256)
        bytes.writeFrame(.hello, Envelope(), payload: hello.encoded)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        do {
            while let frame = try reader.next() {
                if isAccepted {
                    receiver.value.received(frame)
                } else if frame.type == .hello {
                    isAccepted = true
                    reader.frameBytesMax = Limits.frameBytesMax
                    receiver.value.opened(context.channel)
                } else {
                    let refusal = try? Refusal.decoded(frame.payload)
                    end(context, "refused: \(refusal?.message ?? "no reason given")")
                    return
                }
            }
        } catch {
            end(context, "\(error)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        receiver.value.ended(context.channel, reason: "the connection was closed")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, "\(error)")
    }

    private func end(_ context: ChannelHandlerContext, _ reason: String) {
        receiver.value.ended(context.channel, reason: reason)
        context.close(promise: nil)
    }
}

extension FrameHandler {
    /// Connects to a node on this host, without Nagle's delay; the receiver hears of the rest.
    static func connect(
        _ receiver: Receiver, _ role: Hello.Role, token: String, to address: SocketAddress,
        eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let bound = NIOLoopBound(receiver, eventLoop: eventLoop)
        return ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FrameHandler(role, token: token, receiver: bound))
                }
            }
            .connect(to: address)
    }
}
