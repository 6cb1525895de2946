import Determinism
import Recording
import Replication
import Scenarios
import Workloads

/// Keeps a run's trace in memory, as the rows of `trace.jsonl`.
///
/// Summaries are made when something is sent, so that no message is kept.
package final class TraceCollector: TraceReceiver {
    private let names: [NodeID: String]
    private let regions: [String]
    private let groups: [String]
    private var rows: [TraceRow] = []
    /// The positions of the request and the answer of each attempt that may still move.
    private var attempts: [AttemptID: (request: Int, answer: Int?)] = [:]

    /// Nothing sent yet, in a run of `plan`.
    package init(plan: Plan) {
        names = Dictionary(uniqueKeysWithValues: plan.nodes.map { ($0.id, $0.name) })
        regions = plan.regions.map(\.name)
        groups = plan.groups.map(\.name)
    }

    /// What was sent, in the order of sending, with times counted from `timeZero`.
    package func rows(timeZero: Instant) -> [TraceRow] {
        // What a node sends while its processor is busy leaves when that is done.
        let order = rows.indices.sorted { left, right in
            (rows[left].sent, left) < (rows[right].sent, right)
        }
        return order.map { index in
            var row = rows[index]
            row.sent = .zero + (row.sent - timeZero)
            row.received = row.received.map { .zero + ($0 - timeZero) }
            return row
        }
    }

    package func sent(
        _ message: any ReplicaMessage, from: NodeID, to: NodeID, group: GroupID,
        at instant: Instant, _ fate: TraceFate
    ) -> UInt64 {
        rows.append(
            TraceRow(
                .message, sent: instant, wasHeld: fate == .held, from: name(from), to: name(to),
                dataType: name(group), says: message.summary,
                bytes: Limits.frameOverheadBytes + message.encodedSize,
                isKeepAlive: message.isKeepAlive))
        return UInt64(rows.count)
    }

    package func received(_ number: UInt64, at instant: Instant) {
        rows[Int(number) - 1].received = instant
    }

    package func asked(_ send: ClientSend, at instant: Instant, _ fate: TraceFate) {
        attempts[send.attempt] = (rows.count, nil)
        rows.append(
            TraceRow(
                .request, sent: instant, wasHeld: fate == .held, from: clients(of: send.from),
                to: name(send.node), dataType: name(send.group), says: send.request.summary,
                bytes: Limits.frameOverheadBytes + send.request.encodedSize))
    }

    package func askReceived(_ attempt: AttemptID, at instant: Instant) {
        guard let position = attempts[attempt]?.request else { return }
        rows[position].received = instant
    }

    package func answered(
        _ attempt: AttemptID, _ reply: ClientReply, at instant: Instant, _ fate: TraceFate
    ) {
        guard let position = attempts[attempt]?.request else { return }
        attempts[attempt]?.answer = rows.count
        let request = rows[position]
        rows.append(
            TraceRow(
                .reply, sent: instant, wasHeld: fate == .held, from: request.to,
                to: request.from, dataType: request.dataType,
                says: "\(request.says) → \(reply.summary)",
                bytes: Limits.frameOverheadBytes + reply.encodedSize))
    }

    package func answerReceived(_ attempt: AttemptID, at instant: Instant) {
        guard let position = attempts.removeValue(forKey: attempt)?.answer else { return }
        rows[position].received = instant
    }

    private func name(_ node: NodeID) -> String { names[node] ?? "\(MemberID(node))" }

    private func name(_ group: GroupID) -> String {
        if let service = ServiceID(scope: group) { return service.name }
        return groups.indices.contains(Int(group.index))
            ? groups[Int(group.index)] : "\(group.index)"
    }

    private func clients(of region: RegionID) -> String {
        let index = Int(region.index)
        return TraceRow.clients(of: regions.indices.contains(index) ? regions[index] : "\(index)")
    }
}
