import Consistency
import Dispatch
import Synchronization

extension KeyLoop {
    /// Several keys at once, on all processors; tells `progress` how many of how many are done.
    static func onAllProcessors(
        _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) -> KeyLoop {
        KeyLoop { count, body in
            let done = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: count) { index in
                body(index)
                progress(done.add(1, ordering: .relaxed).newValue, count)
            }
        }
    }
}
