import Determinism
import Recording
import Replication
import Scenarios
import Workloads

/// Clients: what they send, and what becomes of their operations.
extension Director {
    func passOnClientActions(_ actions: inout [ConductAction]) {
        guard !clientActions.isEmpty else { return }
        // Out of the director while it is emptied, so that nothing has to be copied.
        var wanted: [ClientAction] = []
        swap(&wanted, &clientActions)
        wanted.takeAll { action in
            switch action {
            case .send(let send):
                if phase == .running || phase == .draining { lateness.add(now - send.due) }
                noteCut(send.node)
                actions.append(.send(send))
            case .abandon(let attempt): actions.append(.abandonAttempt(attempt))
            case .completed(let operation):
                interval.add(operation)
                noteProgress(operation)
                if operation.result == .ok, operation.operation.isUpdate,
                    let version = operation.version
                {
                    acknowledge(version, in: dataGroup(operation.group))
                }
                actions.append(.record(.operation(history(of: operation))))
            }
        }
        swap(&wanted, &clientActions)
    }

    /// A client's operation as histories record it. Made where it is recorded, for it is large.
    @inline(__always)
    private func history(of operation: CompletedOperation) -> HistoryOperation {
        HistoryOperation(
            index: Int(operation.index), process: Int(operation.process),
            client: operation.client.rawValue, session: operation.session,
            region: plan.name(of: operation.region),
            // Named without a reference to the method, which would copy the whole Plan.
            servedBy: operation.servedBy.map { plan.name(of: $0) },
            attempts: operation.attempts, function: HistoryFunction(operation.operation.kind),
            dataType: name(of: operation.group),
            key: operation.operation.kind == .txn ? nil : operation.key.text,
            value: Self.argument(of: operation), result: Self.result(of: operation),
            planned: recordTime(operation.planned),
            invoked: operation.invoked.map { recordTime($0) },
            completed: operation.result == .info
                ? nil : operation.completed.map { recordTime($0) },
            outcome: Self.outcome(of: operation), error: operation.error,
            version: operation.version, context: operation.context)
    }

    private static func outcome(of operation: CompletedOperation) -> HistoryOperation.Outcome {
        switch operation.result {
        case .ok: .ok
        case .fail: .fail
        case .info: .info
        }
    }

    private static func result(of operation: CompletedOperation) -> HistoryValue? {
        switch operation.answer {
        case .mismatch(let actual): actual.map(value(of:)) ?? .null
        case .done(let reading): reading.map(value(of:))
        case .called(.session(.granted(let grant))): .integer(grant.duration.nanoseconds)
        case .called(.session(.valid(let sight))): .text(sight.source.name)
        case .called(.session(.sessions(let sessions, _))):
            operation.operation.kind == .endSessions
                ? .list(sessions.map { .text($0.session) }) : .integer(Int64(sessions.count))
        case .values, .transaction, .sessionOpened, .called, .failed, nil: nil
        }
    }

    private static func argument(of operation: CompletedOperation) -> HistoryValue {
        switch operation.operation {
        case .read:
            guard case .values(let values)? = operation.answer else { return .null }
            switch values.count {
            case 0: return .null
            case 1: return value(of: values[0])
            case _:
                return .list(values.map(value(of:)))
            }
        case .write(let bytes), .append(let bytes), .add(let bytes), .remove(let bytes):
            return .text(text(bytes))
        case .put(let field, let content):
            return .text(text(MapField(field, content).joined))
        case .delete: return .null
        case .compareAndSet(let expected, let new):
            return .pair(
                from: expected.map { .text(text($0)) } ?? .null, to: .text(text(new)))
        case .increment(let amount): return .integer(amount)
        case .call(.session(.login(let user, _, _))): return .text(user)
        case .call: return operation.tokenSlack.map { .integer($0.nanoseconds) } ?? .null
        case .transaction(let steps): return .transaction(micro(steps, operation.answer))
        }
    }

    /// The steps of a transaction, with what they read if that is known.
    private static func micro(
        _ steps: [Operation.MicroOperation], _ answer: ClientReply.Outcome?
    ) -> [MicroOperation] {
        var reads: ArraySlice<Value?> = []
        if case .transaction(let answered)? = answer { reads = answered[...] }
        return steps.map { step in
            switch step.action {
            case .read:
                MicroOperation(
                    .read, step.key.text, reads.popFirst()?.map(value(of:)) ?? .null)
            case .write(let bytes): MicroOperation(.write, step.key.text, .text(text(bytes)))
            case .append(let bytes): MicroOperation(.append, step.key.text, .text(text(bytes)))
            }
        }
    }

    private static func value(of value: Value) -> HistoryValue {
        switch value {
        case .bytes(let bytes): .text(text(bytes))
        case .integer(let number): .integer(number)
        case .list(let elements), .set(let elements): .list(tokens: elements.map(text))
        case .map(let fields): .list(tokens: fields.map { text($0.joined) })
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    func collected(
        _ entries: [FinalEntry], _ node: NodeID, _ group: GroupID,
        _ actions: inout [ConductAction]
    ) {
        guard uncollected.remove(Collection(node: node, group: group)) != nil else { return }
        let rows = entries.flatMap { entry in
            FinalRow.rows(entry, dataType: name(of: group), node: plan.name(of: node)) {
                Self.text(ValueToken.stripped($0))
            }
        }
        actions.append(.record(.final(rows)))
    }

    func collect(_ actions: inout [ConductAction]) {
        if !askedToCollect {
            askedToCollect = true
            for group in plan.groups {
                for node in liveMembers(of: group)
                where nodes[node]?.isLive == true && nodes[node]?.view(of: group.id) != nil {
                    uncollected.insert(Collection(node: node, group: group.id))
                    actions.append(.collect(node, group.id))
                }
            }
        }
        if uncollected.isEmpty {
            endNodes(&actions)
        } else if now - phaseBegan > timing.answerMax * 6 {
            let missing = uncollected.map { plan.name(of: $0.node) }.sorted()
            abandon(
                "no final state from \(missing.joined(separator: ", "))", interrupted: false,
                &actions)
        } else {
            nextPoll = now + timing.eagerPollInterval
        }
    }
}
