import Determinism
import Recording
import Replication
import Scenarios

/// When the members of a group began anew without what they had known.
struct MemberLives {
    /// By node: when it had taken over another member's state.
    private var completions: [String: [Instant]] = [:]
    /// By node: when its processes ended.
    private var ends: [String: [Instant]] = [:]
    /// By node: when it was added or removed.
    private var changes: [String: [Instant]] = [:]
    /// Nodes that may have forgotten something without knowing it.
    private var forgetful: Set<String> = []
    private var forgetfulNodes: Set<NodeID> = []

    /// What the events of `record` tell about the group of `dataType`.
    init(_ record: RecordContents, dataType: String, plan: Plan) {
        for event in record.events {
            guard let node = event.node else { continue }
            switch event.kind {
            case .processEnded: ends[node, default: []].append(event.time)
            case .snapshotInstalled, .begunAnew:
                guard event.group == dataType else { continue }
                completions[node, default: []].append(event.time)
            case .membershipChanged:
                guard event.group == dataType, event["change"]?.text != "renewed",
                    let member = event["member"]?.text
                else { continue }
                let name = String(member.prefix { $0 != "#" })
                changes[name, default: []].append(event.time)
            case _: break
            }
        }
        for (fault, span) in zip(plan.faults, FaultSpan.all(of: plan, events: record.events)) {
            guard case .disk(_, let trouble) = fault.kind, trouble.losesUnsynced,
                let start = span.start
            else { continue }
            forgetful.formUnion(
                span.targets.filter { node in ends[node]?.contains { $0 >= start } ?? false })
        }
        for node in plan.nodes where forgetful.contains(node.name) {
            forgetfulNodes.insert(node.id)
        }
    }

    /// Whether `node` may have forgotten something without knowing it.
    func isForgetful(_ node: String) -> Bool { forgetful.contains(node) }
    /// Whether `node` may have forgotten something without knowing it.
    func isForgetful(_ node: NodeID) -> Bool { forgetfulNodes.contains(node) }

    /// In which of its lives `node` is: how often it had begun anew by then.
    func life(of node: String, at instant: Instant) -> Int {
        completions[node]?.count { $0 <= instant } ?? 0
    }

    /// An answer of a member that had begun without a state and did not have another's yet.
    func answerWithoutState(among answers: [HistoryOperation]) -> String? {
        for operation in answers {
            guard let node = operation.servedBy, let invoked = operation.invoked,
                let completed = operation.completed,
                let complete = completions[node]?.first(where: { $0 > completed }),
                let began = ends[node]?.last(where: { $0 < complete }), began < invoked,
                !(changes[node]?.contains { $0 > began && $0 <= complete } ?? false)
            else { continue }
            return "\(operation.described) was answered \(milliseconds(completed - began)) ms "
                + "after \(node) had lost its state, and \(milliseconds(complete - completed)) "
                + "ms before it had taken over another's"
        }
        return nil
    }
}
