import Determinism
import Recording
import Replication

/// Whether members go back: show again what they had superseded.
///
/// What a member answered says what it had superseded by then: all that the context of a read
/// names and the read does not show, and all that a write's context names. Where only time decides
/// (`last-writer-wins`) a context may name what came from elsewhere with a later time; there that
/// counts which the member itself had shown before.
struct MemberMemories {
    /// A value that came back.
    private(set) var breach: String?

    private struct Place: Hashable {
        var node: String
        var key: String
    }

    /// What a member is known to have had of a key.
    private struct Memory {
        /// In which life of the member.
        var life: Int
        /// All that it knew of.
        var known = VersionVector()
        /// What of that it still showed.
        var shown: Set<Dot> = []
        /// What it had shown and superseded; only kept where time alone decides.
        var gone: Set<Dot> = []
        /// The last operation that said so.
        var source: HistoryOperation?

        func hasSuperseded(_ dot: Dot, byTime: Bool) -> Bool {
            byTime ? gone.contains(dot) : known.contains(dot) && !shown.contains(dot)
        }

        mutating func take(
            _ operation: HistoryOperation, _ context: VersionVector, _ now: [Dot], since: Memory?
        ) {
            gone.formUnion(since?.shown.filter { context.contains($0) && !now.contains($0) } ?? [])
            known.merge(context)
            shown = shown.filter { !context.contains($0) }
            shown.formUnion(now)
            source = operation
        }
    }

    /// Looks at `answers` and then at what members held at the end.
    init(
        _ answers: [HistoryOperation], _ final: [FinalRow], _ dots: WrittenDots,
        _ lives: MemberLives, byTime: Bool
    ) {
        var memories: [Place: Memory] = [:]
        /// What was known when an operation began: all before it must show in its answer.
        var atBegin: [Int: Memory] = [:]
        var last = Instant.zero
        for (operation, isEnd) in ShownContexts.inOrder(answers) {
            guard let key = operation.key, let node = operation.servedBy,
                !lives.isForgetful(node), let time = isEnd ? operation.completed : operation.invoked
            else { continue }
            last = max(last, time)
            let place = Place(node: node, key: key)
            let life = lives.life(of: node, at: time)
            var memory = memories[place] ?? Memory(life: life)
            if memory.life != life { memory = Memory(life: life) }
            guard isEnd else {
                atBegin[operation.index] = memory
                continue
            }
            let before = atBegin.removeValue(forKey: operation.index)
            if operation.function == .read {
                let now = dots.shown(by: operation)
                if let before, before.life == life, let source = before.source,
                    let dot = now.first(where: { before.hasSuperseded($0, byTime: byTime) })
                {
                    breach = Self.breach(
                        "\(operation.described) shows", dot, node, source)
                    return
                }
                memory.take(operation, operation.context, now, since: before)
            } else if let context = operation.version?.causal?.context {
                memory.take(operation, context, [], since: before)
            }
            memories[place] = memory
        }
        for row in final {
            guard row.value != .null, let dot = row.version.causal?.dot,
                let memory = memories[Place(node: row.node, key: row.key)],
                memory.life == lives.life(of: row.node, at: .distantFuture),
                memory.hasSuperseded(dot, byTime: byTime), let source = memory.source
            else { continue }
            breach = Self.breach(
                "key \(row.key) holds, at the end,", dot, row.node, source)
            return
        }
    }

    private static func breach(
        _ what: String, _ dot: Dot, _ node: String, _ source: HistoryOperation
    ) -> String {
        "\(what) \(dot.member):\(dot.counter), which \(node) had superseded when it answered "
            + source.described
    }
}
