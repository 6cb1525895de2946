import Consistency

/// How far the check of a history is.
public struct CheckProgress: Hashable, Sendable {
    /// The model that is checked.
    public var model: String
    /// How many keys are done; 0 for a model that looks at all of them together.
    public var done = 0
    /// How many keys there are; 0 for a model that looks at all of them together.
    public var total = 0

    /// A loop over keys on all processors, which tells `watch` how far the check of `model` is.
    static func loop(
        _ model: String, _ watch: @escaping @Sendable (CheckProgress) -> Void
    ) -> KeyLoop {
        watch(CheckProgress(model: model))
        return .onAllProcessors { done, total in
            watch(CheckProgress(model: model, done: done, total: total))
        }
    }
}
