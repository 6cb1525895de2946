import Determinism
import NIOCore
import NodeHost
import Replication
import Wire

/// The connection over which the orchestrator asks a node and sets what it is under. Answers come
/// under the number of their question.
final class ControlConnection: FrameReceiver {
    typealias Answer = (ControlReply) -> Void

    private let eventLoop: any EventLoop
    private let token: String
    private let tellOpened: () -> Void
    private let tellEnded: (_ reason: String) -> Void
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
        tellOpened = opened
        tellEnded = ended
    }

    func connect(to address: SocketAddress) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        FrameHandler.connect(
            self, .control, token: token, to: address, eventLoop: eventLoop
        ).whenFailure { error in bound.value.isOver("cannot connect: \(error)") }
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

    func opened(_ channel: any Channel) {
        guard !isClosed else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        tellOpened()
        flushSoon()
    }

    func received(_ frame: Frame) {
        guard frame.type == .controlReply,
            let answer = questions.removeValue(forKey: frame.envelope.request)
        else { return }
        do {
            answer(try ControlReply.decoded(frame.payload))
        } catch {
            answer(.failed("an answer that cannot be read: \(error)"))
        }
    }

    func ended(_ channel: any Channel, reason: String) { isOver(reason) }

    private func isOver(_ reason: String) {
        guard !isClosed else { return }
        close()
        tellEnded(reason)
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
