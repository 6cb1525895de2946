import Synchronization

/// How the keys of a history are gone through: one after the other, or several at once. This
/// floor knows no threads; who has some brings them along.
public struct KeyLoop: Sendable {
    private let run: @Sendable (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void

    /// A loop that calls its body once with each number from 0 up to `count`, on whatever threads,
    /// and returns when all calls have.
    public init(
        _ run: @escaping @Sendable (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void
    ) {
        self.run = run
    }

    /// One after the other.
    public static let sequential = KeyLoop { count, body in
        for index in 0..<count { body(index) }
    }

    /// What `body` makes of each number.
    func map<Result: Sendable>(
        _ count: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
        run(count) { index in
            let result = body(index)
            results.withLock { $0[index] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}
