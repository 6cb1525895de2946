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
        let eventLoop = group.next()
        let finished = eventLoop.makePromise(of: RunEnd.self)
        let holder = try await eventLoop.submit {
            let engine = try ProcessEngine(
                plan: plan, strategies: strategies, settings: settings, folder: folder,
                eventLoop: eventLoop, finished: finished, watch: watch)
            engine.begin()
            return NIOLoopBound(engine, eventLoop: eventLoop)
        }.get()
        let interrupts = Interrupts { signal in
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
private final class Interrupts: Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ tell: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "interrupts")
        let count = InterruptCount()
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if count.next() > 1 { _exit(130) }
                tell(number)
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}

/// Used on one queue alone.
private final class InterruptCount: @unchecked Sendable {
    private var count = 0
    func next() -> Int {
        count += 1
        return count
    }
}
