import Determinism
import NIOCore
import NIOPosix
import NodeHost
import Replication
import Wire

/// The connection over which the orchestrator asks a node and sets what it is under. Answers come
/// under the number of their question.
final class ControlConnection {
    typealias Answer = (ControlReply) -> Void

    private let eventLoop: any EventLoop
    private let token: String
    private let opened: () -> Void
    private let ended: (_ reason: String) -> Void
    private var channel: (any Channel)?
    private var writer = FrameWriter()
    private var waitsToFlush = false
    private var questions: [UInt64: Answer] = [:]
    private var nextNumber: UInt64 = 1
    private var isClosed = false

    /// A connection that tells when the node accepted it and when it is over.
    init(
        eventLoop: any EventLoop, token: String, opened: @escaping () -> Void,
        ended: @escaping (_ reason: String) -> Void
    ) {
        self.eventLoop = eventLoop
        self.token = token
        self.opened = opened
        self.ended = ended
    }

    func connect(to address: SocketAddress) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let handler = ControlHandler(token: token, connection: bound)
        ClientBootstrap.onLoopback(eventLoop, handler: handler).connect(to: address)
            .whenFailure { error in bound.value.isOver("cannot connect: \(error)") }
    }

    /// Asks; `answer` is called once, unless the connection ends first.
    func ask(_ request: ControlRequest, _ answer: @escaping Answer = { _ in }) {
        guard !isClosed else { return }
        let number = nextNumber
        nextNumber += 1
        questions[number] = answer
        do {
            try writer.write(.controlRequest, Envelope(request: number), encoding: request)
        } catch {
            questions[number] = nil
            answer(.failed("\(error)"))
            return
        }
        flushSoon()
    }

    func close() {
        isClosed = true
        questions.removeAll()
        channel?.close(promise: nil)
        channel = nil
    }

    fileprivate func isOpen(_ channel: any Channel) {
        guard !isClosed else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        opened()
        flushSoon()
    }

    fileprivate func received(_ frame: Frame) {
        guard frame.type == .controlReply,
            let answer = questions.removeValue(forKey: frame.envelope.request)
        else { return }
        do {
            answer(try ControlReply.decoded(frame.payload))
        } catch {
            answer(.failed("an answer that cannot be read: \(error)"))
        }
    }

    fileprivate func isOver(_ reason: String) {
        guard !isClosed else { return }
        close()
        ended(reason)
    }

    private func flushSoon() {
        guard !waitsToFlush, channel != nil else { return }
        waitsToFlush = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.flush() }
    }

    private func flush() {
        waitsToFlush = false
        guard !writer.isEmpty, let channel else { return }
        channel.writeAndFlush(writer.take(), promise: nil)
    }
}

/// The orchestrator's side of a control connection: Hello both ways, then frames.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let token: String
    private let connection: NIOLoopBound<ControlConnection>
    private var reader = FrameReader()
    private var isAccepted = false

    init(token: String, connection: NIOLoopBound<ControlConnection>) {
        self.token = token
        self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
        var bytes = context.channel.allocator.buffer(capacity: 256)
        bytes.writeFrame(.hello, Envelope(), payload: Hello(.control, token: token).encoded)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        do {
            while let frame = try reader.next() {
                if isAccepted {
                    connection.value.received(frame)
                } else if frame.type == .hello {
                    isAccepted = true
                    reader.frameBytesMax = Limits.frameBytesMax
                    connection.value.isOpen(context.channel)
                } else {
                    let refusal = try? Refusal.decoded(frame.payload)
                    connection.value.isOver("refused: \(refusal?.message ?? "no reason given")")
                    context.close(promise: nil)
                    return
                }
            }
        } catch {
            connection.value.isOver("\(error)")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.value.isOver("the connection was closed")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.value.isOver("\(error)")
        context.close(promise: nil)
    }
}
