import Determinism
import Replication
import Scenarios

/// What becomes of attempts, and what follows from it.
extension ClientFleet {
    /// How many hints in a row an operation follows before it goes on along its route.
    private static let hintsMax = 2

    /// Takes in an answer.
    func take(
        _ reply: ClientReply, to id: AttemptID, _ actions: inout [ClientAction]
    ) {
        guard let place = openPlace(of: id), id.attempt < places[place].attempts.count else {
            lateReplies += 1
            return
        }
        let node = places[place].attempts[id.attempt].node
        if places[place].purpose == .openSession {
            guard case .sessionOpened(let session) = reply.outcome else {
                return takeFailure(reply, to: id, place, &actions)
            }
            return sessionOpened(place, session, &actions)
        }
        switch reply.outcome {
        case .values(let values) where places[place].operation.kind == .read:
            succeed(place, reply, node, seen: values.first, &actions)
        case .done where places[place].isUpdate && places[place].operation.kind != .txn:
            succeed(place, reply, node, seen: nil, &actions)
        case .transaction(let reads) where answers(reads, to: places[place].operation):
            finish(
                place, .ok, answer: ValueToken.stripped(reply.outcome), servedBy: node,
                version: reply.version, &actions)
        case .mismatch(let actual) where places[place].operation.kind == .cas:
            let operation = places[place]
            if keepsValues {
                clients[operation.client].memory.see(
                    value: bytes(of: actual), group: operation.group, key: operation.key)
            }
            finish(
                place, .fail, answer: ValueToken.stripped(reply.outcome), servedBy: node,
                error: FailureText.mismatch, version: reply.version, &actions)
        case .called(.session(let answer)) where places[place].operation.kind.service == .sessions:
            take(answer, reply, to: id, place, node, &actions)
        case .values, .done, .transaction, .mismatch, .sessionOpened, .called, .failed:
            takeFailure(reply, to: id, place, &actions)
        }
    }

    /// Whether `reads` can be what a transaction read: one answer for each read.
    private func answers(_ reads: [Value?], to operation: Operation) -> Bool {
        guard case .transaction(let steps) = operation else { return false }
        return reads.count == steps.count { $0.isRead }
    }

    private func succeed(
        _ place: Int, _ reply: ClientReply, _ node: NodeID, seen: Value?,
        _ actions: inout [ClientAction]
    ) {
        let client = places[place].client
        let group = places[place].group
        let key = places[place].key
        let isUpdate = places[place].isUpdate
        clients[client].memory.see(reply.context, group: group, key: key)
        if keepsValues {
            let value = isUpdate ? held(after: places[place].request.command) : bytes(of: seen)
            clients[client].memory.see(value: value, group: group, key: key)
        }
        if places[place].purpose == .readBeforeCas {
            casDue.append(
                CasDue(client: client, group: group, key: key, expected: bytes(of: seen)))
        }
        finish(
            place, .ok, answer: ValueToken.stripped(reply.outcome), servedBy: node,
            version: reply.version, readContext: isUpdate ? nil : reply.context,
            &actions)
    }

    /// Takes in an answer that is an error, or that does not answer what was asked.
    private func takeFailure(
        _ reply: ClientReply, to id: AttemptID, _ place: Int, _ actions: inout [ClientAction]
    ) {
        guard case .failed(let error) = reply.outcome else {
            return settle(
                id, place, definite: false,
                FailureText.disconnected("the answer is to another question"),
                .next, &actions)
        }
        let next: Next
        switch error.code {
        case .unsupported, .invalid, .refused: next = .giveUp
        case .sessionExpired: next = .sessionExpired
        case .noLeader, .leadershipLost, .consensusNotAchieved: next = .wait(hint: error.hint)
        case .notMember, .overloaded, .recovering, .storage, .regionsSilent:
            next = .hintOrNext(error.hint)
        }
        settle(
            id, place, definite: !error.isIndefinite, FailureText.error(error), next, &actions)
    }

    /// Takes in that an attempt came to nothing on its way.
    func fail(
        _ id: AttemptID, definite: Bool, reason: String, _ actions: inout [ClientAction]
    ) {
        guard let place = openPlace(of: id), id.attempt < places[place].attempts.count else {
            return
        }
        settle(
            id, place, definite: definite, FailureText.disconnected(reason), .next, &actions)
    }

    /// What an operation does after an attempt that failed, if it may try again.
    private enum Next {
        /// End: no node will answer otherwise.
        case giveUp
        /// Open another session; an update ends, a read goes on without one.
        case sessionExpired
        /// Go to the hinted node at once, or else to the next one after a wait.
        case wait(hint: NodeID?)
        /// Go to the hinted node, or else to the next one, at once unless all were tried.
        case hintOrNext(NodeID?)
        /// Go to the next node, at once unless all were tried.
        static var next: Next { .hintOrNext(nil) }
    }

    private func settle(
        _ id: AttemptID, _ place: Int, definite: Bool, _ reason: String, _ next: Next,
        _ actions: inout [ClientAction]
    ) {
        let fate = places[place].attempts[id.attempt].fate
        guard fate == .awaited || fate == .silent else { return }
        places[place].attempts[id.attempt].fate = definite ? .definite : .indefinite
        places[place].lastError = reason
        let node = places[place].attempts[id.attempt].node
        switch next {
        case .giveUp: return end(place, node, reason, &actions)
        case .sessionExpired:
            sessionExpired(place, &actions)
            if places[place].isUpdate { return end(place, node, reason, &actions) }
            places[place].request.session = 0
        case .wait, .hintOrNext: break
        }
        guard id.attempt == places[place].attempts.count - 1, mayRetry(place) else { return }
        switch next {
        case .wait(let hint):
            if follow(hint, from: node, place, &actions) { return }
            _ = stepOn(place)
            planRetry(place)
        case .hintOrNext(let hint):
            if follow(hint, from: node, place, &actions) { return }
            if stepOn(place) { planRetry(place) } else { sendToRoute(place, due: now, &actions) }
        case .giveUp, .sessionExpired:
            if stepOn(place) { planRetry(place) } else { sendToRoute(place, due: now, &actions) }
        }
    }

    private func end(
        _ place: Int, _ node: NodeID, _ reason: String, _ actions: inout [ClientAction]
    ) {
        switch places[place].purpose {
        case .openSession: sessionRefused(place, reason, &actions)
        case .operation, .probe, .readBeforeCas:
            let result: CompletedOperation.Result = places[place].mayTakeEffect ? .info : .fail
            finish(place, result, servedBy: node, error: reason, &actions)
        }
    }

    private func mayRetry(_ place: Int) -> Bool {
        !places[place].mayTakeEffect || groups[places[place].group].strategy.recognisesRepeats
    }

    private func follow(
        _ hint: NodeID?, from node: NodeID, _ place: Int, _ actions: inout [ClientAction]
    ) -> Bool {
        guard let hint, hint != node, places[place].hints < Self.hintsMax else { return false }
        let region = clients[places[place].client].region
        guard regions[region].routes[places[place].group].contains(hint) else { return false }
        places[place].hints += 1
        send(place, to: hint, due: now, &actions)
        return true
    }

    /// Goes on to the next node of the route; returns whether that is the first one again.
    private func stepOn(_ place: Int) -> Bool {
        let region = clients[places[place].client].region
        let count = regions[region].routes[places[place].group].count
        places[place].position = (places[place].position + 1) % count
        return places[place].position == 0
    }

    private func planRetry(_ place: Int) {
        let wait = backoff.wait(
            after: places[place].waits, &clients[places[place].client].waits)
        places[place].waits += 1
        places[place].hints = 0
        places[place].isRetryPlanned = true
        agenda.insert(.retry(id(place, attempt: 0)), at: now + wait)
    }

    /// An attempt has not been answered within the attempt timeout.
    func expireAttempt(_ actions: inout [ClientAction]) {
        guard let first = attemptDeadlines.first else { return }
        attemptDeadlines.removeFirst()
        guard isAwaitedLast(first.item), let place = openPlace(of: first.item) else { return }
        places[place].attempts[first.item.attempt].fate = .silent
        // What a node said explains more than that another one said nothing.
        if places[place].lastError == nil {
            places[place].lastError = FailureText.timeout(after: workload.attemptTimeout)
        }
        guard mayRetry(place) else { return }
        _ = stepOn(place)
        sendToRoute(place, due: now, &actions)
    }

    /// Lets the engine forget the attempts of an operation that ends.
    func abandonUnanswered(_ place: Int, _ actions: inout [ClientAction]) {
        for (number, attempt) in places[place].attempts.enumerated() {
            switch attempt.fate {
            case .awaited, .silent: actions.append(.abandon(id(place, attempt: number)))
            case .definite, .indefinite: break
            }
        }
    }

    private func bytes(of value: Value?) -> [UInt8]? {
        switch value {
        case .bytes(let bytes): bytes
        case .integer, .list, .set, .map, nil: nil
        }
    }

    /// The value, as on the wire, that a register holds after `command` has taken effect.
    private func held(after command: ClientRequest.Command) -> [UInt8]? {
        guard case .operate(_, let operation, _) = command else { return nil }
        return switch operation {
        case .write(let bytes), .compareAndSet(_, let bytes): bytes
        case .read, .delete, .append, .increment, .add, .remove, .put, .transaction,
            .call:
            nil
        }
    }
}
