import Determinism
import Recording
import Replication
import Scenarios

/// Whether answers know of what they show: a read's context names the value, and what a client
/// writes afterwards supersedes it.
struct ShownContexts {
    /// An answer that does not.
    private(set) var breach: String?

    /// A client and a key, as clients remember what they have been shown.
    private struct Place: Hashable {
        var client: UInt64
        var key: String
    }

    /// Looks at `answers`; `dots` are those of the values that they show.
    init(
        _ answers: [HistoryOperation], _ dots: WrittenDots, _ lives: MemberLives, _ plan: Plan
    ) {
        for read in answers where read.function == .read {
            guard let dot = read.version?.causal?.dot, !read.context.contains(dot) else { continue }
            breach =
                "\(read.described) shows \(dot.member):\(dot.counter), which is not among "
                + "what it says it reflects"
            return
        }
        let founders = Set(plan.nodes.map(\.id))
        var shown: [Place: [(dot: Dot, read: HistoryOperation)]] = [:]
        for (operation, isEnd) in Self.inOrder(answers) {
            guard let key = operation.key else { continue }
            let place = Place(client: operation.client, key: key)
            if isEnd, operation.function == .read {
                shown[place, default: []] = dots.shown(by: operation).map { ($0, operation) }
            } else if !isEnd, operation.function.isUpdate, !operation.context.entries.isEmpty,
                let version = operation.version?.causal
            {
                // What a client was shown of a member that is not known yet does not count.
                let missed = shown[place]?.first { item in
                    !version.context.contains(item.dot) && item.dot != version.dot
                        && founders.contains(item.dot.member.node)
                        && !lives.isForgetful(item.dot.member.node)
                }
                guard let missed else { continue }
                breach =
                    "\(operation.described) does not supersede what its client had been "
                    + "shown by \(missed.read.described)"
                return
            }
        }
    }

    /// The beginnings and ends of operations; what ends at an instant comes after what begins then.
    static func inOrder(
        _ operations: [HistoryOperation]
    ) -> [(operation: HistoryOperation, isEnd: Bool)] {
        var moments: [(time: Instant, rank: Int, place: Int)] = []
        for (place, operation) in operations.enumerated() {
            guard let invoked = operation.invoked, let completed = operation.completed else {
                continue
            }
            moments.append((invoked, 0, place))
            moments.append((completed, 1, place))
        }
        moments.sort { ($0.time, $0.rank, $0.place) < ($1.time, $1.rank, $1.place) }
        return moments.map { (operations[$0.place], $0.rank == 1) }
    }
}
