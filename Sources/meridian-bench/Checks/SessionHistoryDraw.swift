import Consistency
import Determinism
import Recording

/// Draws histories of registers that replicas made, one for each session, which apply the writes
/// of all in one order, each at its own pace.
struct SessionHistoryDraw {
    var operations: Int
    var sessions: Int
    var choice = HistoryGenerator.Choice.lastApplied

    /// The history; an operation takes a microsecond.
    func drawn() -> History {
        var generator = HistoryGenerator(sessions: sessions, operations: operations)
        generator.choice = choice
        var history = History()
        for (index, drawn) in generator.generate().enumerated() {
            let isRead = drawn.writes == SessionHistory.nothing
            let shown = isRead ? drawn.reads : drawn.writes
            let invoked = Instant(nanoseconds: Int64(index) * 1_000)
            var operation = HistoryOperation(
                index: index, process: Int(drawn.session), client: UInt64(drawn.session),
                session: UInt64(drawn.session), region: "us-east-1", attempts: 1,
                function: isRead ? .read : .write, dataType: "default", key: "k\(drawn.key)",
                value: shown == 0 ? .null : .integer(Int64(shown)),
                planned: invoked, invoked: invoked)
            operation.outcome = .ok
            operation.completed = Instant(nanoseconds: Int64(index) * 1_000 + 999)
            history.append(operation)
        }
        return history
    }
}
