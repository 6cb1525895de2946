import Conduct
@preconcurrency import Dispatch
import Glibc
import NIOCore
import NIOPosix
import Recording
import RegionCore
import Scenarios

/// One run with real processes, from the launch of the nodes to the last line of the record.
package enum ProcessRun {
    /// Carries out `plan` and records it in `folder`, whose `run.json` and plan the caller writes.
    ///
    /// Ctrl-C and SIGTERM end the run in order; a second one ends this process at once, and the
    /// kernel then ends the nodes. `watch` is called several times a second.
    package static func carryOut(
        _ plan: Plan, strategies: StrategyRegistry, settings: RunSettings, folder: RecordFolder,
        watch: @escaping @Sendable (RunProgress) -> Void
    ) async throws -> RunEnd {
        // A reader of our output that went away must not end the run.
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // Signals must be heard before there is anything that they would have to end.
        let interrupts = Interrupts()
        await interrupts.listen()
        let eventLoop = group.next()
        let finished = eventLoop.makePromise(of: RunEnd.self)
        let holder = try await eventLoop.submit {
            let engine = try ProcessEngine(
                plan: plan, strategies: strategies, settings: settings, folder: folder,
                eventLoop: eventLoop, finished: finished, watch: watch)
            engine.begin()
            return NIOLoopBound(engine, eventLoop: eventLoop)
        }.get()
        interrupts.tell { signal in
            eventLoop.execute {
                holder.value.abandon(
                    signal == SIGINT ? "interrupted" : "terminated", interrupted: true)
            }
        }
        let end = try await finished.futureResult.get()
        interrupts.cancel()
        // The engine lets go of its last timers on its loop.
        try await eventLoop.submit { _ = holder }.get()
        try await group.shutdownGracefully()
        return end
    }
}

/// Hears SIGINT and SIGTERM: the first is told, the second ends the process.
private final class Interrupts: @unchecked Sendable {
    // Used on the queue alone, but for the sources, which are set once.
    private let queue = DispatchQueue(label: "interrupts")
    private var sources: [any DispatchSourceSignal] = []
    private var heard: [Int32] = []
    private var listener: (@Sendable (Int32) -> Void)?

    /// Returns when signals are heard. In the moment before, they are lost.
    func listen() async {
        for number in [SIGINT, SIGTERM] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            sources.append(source)
            source.setEventHandler { [unowned self] in hear(number) }
            await withCheckedContinuation { continuation in
                // The source takes the place of what is set before it.
                signal(number, SIG_IGN)
                source.setRegistrationHandler { continuation.resume() }
                source.resume()
            }
        }
    }

    /// From now on `listener` is told of signals, and of one that came before.
    func tell(_ listener: @escaping @Sendable (Int32) -> Void) {
        queue.async { [self] in
            self.listener = listener
            if let first = heard.first { listener(first) }
        }
    }

    private func hear(_ number: Int32) {
        heard.append(number)
        if heard.count > 1 { _exit(130) }
        listener?(number)
    }

    func cancel() {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}
