import Determinism
import NIOCore
import Replication
import Wire

/// One TCP connection of a node, whoever opened it: cuts what arrives into frames for the host,
/// and collects what the host has to say until the end of its turn.
///
/// Used on the event loop only.
final class Connection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the connection is for.
    enum Part {
        /// It was accepted and has not said Hello yet.
        case unknown
        /// A node sends its messages over it.
        case peer(MemberID)
        /// A client asks over it.
        case client
        /// Whoever conducts the run asks over it.
        case control
        /// This node opened it to send its messages to another, and waits for its Hello.
        case dialling(PeerLink)
        /// This node sends its messages to another over it.
        case link(PeerLink)
        /// It is being closed; what still arrives does not count.
        case closing
    }

    let id: UInt64
    var part: Part
    var reader = FrameReader()
    var writer = FrameWriter()
    /// Bytes of frames that arrived and are not due yet.
    var arrivingBytes = 0
    /// Whether the writer holds something that the host will flush at the end of its turn.
    var isDirty = false
    /// The snapshot that pages of final states are cut from, for a control connection.
    var finalState: (group: GroupID, entries: [FinalEntry])?

    private let host: RegionHost
    private var context: ChannelHandlerContext?

    init(id: UInt64, part: Part, host: RegionHost) {
        self.id = id
        self.part = part
        self.host = host
    }

    var remoteAddress: String { context?.remoteAddress.map { "\($0)" } ?? "unknown" }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // Refused before it was there.
        if case .closing = part { close() }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        do throws(MalformedBytes) {
            while let frame = try reader.next() {
                try host.received(frame, on: self)
                if case .closing = part { return }
            }
        } catch {
            host.refuse(self, malformed: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        host.ended(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        host.failed(self, error)
        context.close(promise: nil)
    }

    /// Sends what was written, in one go. Returns false if the other end has left so much unread
    /// that the connection must be given up.
    func flush() -> Bool {
        isDirty = false
        guard let context, !writer.isEmpty else { return true }
        context.writeAndFlush(wrapOutboundOut(writer.take()), promise: nil)
        if context.channel.isWritable { return true }
        let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        return (waiting ?? 0) <= HostLimits.leavingBytesMax
    }

    /// Sends what was written and closes.
    func close() {
        part = .closing
        guard let context else { return }
        if writer.isEmpty {
            context.close(promise: nil)
        } else {
            let promise = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(writer.take()), promise: promise)
        }
    }
}
