import Determinism
import Replication
import Scenarios

/// How operations are put into requests and sent.
extension ClientFleet {
    /// Sends the operation to the node where it stands on its route.
    func sendToRoute(_ place: Int, due: Instant, _ actions: inout [ClientAction]) {
        let client = places[place].client
        let route = regions[clients[client].region].routes[places[place].group]
        let position = places[place].position % route.count
        let node = route.node(at: position, ordinal: clients[client].ordinal)
        send(place, to: node, due: due, &actions)
    }

    /// Sends the operation once more, the same as before.
    func send(
        _ place: Int, to node: NodeID, due: Instant, _ actions: inout [ClientAction]
    ) {
        let attempt = places[place].attempts.count
        guard attempt < AttemptID.attemptsMax else {
            return attemptsExhausted(place, &actions)
        }
        let region = clients[places[place].client].region
        if attempt == 0 { composeRequest(place) }
        if places[place].purpose != .openSession {
            if attempt == 0 { regions[region].tally.invoked += 1 }
            regions[region].tally.attempts += 1
        }
        places[place].attempts.append(OpenOperation.Attempt(node: node, fate: .awaited))
        let id = id(place, attempt: attempt)
        attemptDeadlines.append(id, at: now + workload.attemptTimeout)
        actions.append(
            .send(
                ClientSend(
                    attempt: id, from: regions[region].id, node: node,
                    group: groups[places[place].group].id, request: places[place].request,
                    planned: places[place].planned, due: due)))
    }

    /// The operation was sent as often as its identifiers can tell apart. An operation of the
    /// workload awaits its timeout; a session has none, and is opened by another operation.
    private func attemptsExhausted(_ place: Int, _ actions: inout [ClientAction]) {
        switch places[place].purpose {
        case .operation, .probe, .readBeforeCas: break
        case .openSession: reopenSession(place, &actions)
        }
    }

    /// Fixes what the operation sends, the same in every attempt.
    private func composeRequest(_ place: Int) {
        let client = places[place].client
        let group = places[place].group
        let sequence = clients[client].sequences[group].take()
        var session: UInt64 = 0
        if case .open(let number) = clients[client].sessions[group] { session = number }
        let command: ClientRequest.Command
        switch places[place].purpose {
        case .openSession:
            session = 0
            command = .openSession
        case .operation, .probe, .readBeforeCas:
            command = .operate(
                keyName(of: place), onWire(places[place].operation, group),
                context: places[place].context)
        }
        places[place].request = ClientRequest(
            client: clients[client].id, session: session, sequence: sequence,
            firstUnanswered: clients[client].sequences[group].firstUnanswered, command: command)
    }

    /// The key that an operation's request names.
    func keyName(of place: Int) -> Key {
        switch places[place].operation {
        case .transaction: Self.noKey
        case .call: sessionKey(of: place)
        case .read, .write, .delete, .compareAndSet, .append, .increment, .add, .remove, .put:
            keyNames[places[place].key]
        }
    }

    /// The key of transactions.
    private static let noKey = Key([])

    private func onWire(_ operation: Operation, _ group: Int) -> Operation {
        let size = min(workload.valueSize, Limits.valueBytesMax)
        return switch operation {
        case .read, .delete, .increment, .call: operation
        case .write(let token): .write(ValueToken.padded(token, to: size))
        case .append(let token): .append(ValueToken.padded(token, to: size))
        case .add(let token): .add(ValueToken.padded(token, to: size))
        // Fields are short names; elements have the size that they were added with.
        case .remove(let token):
            groups[group].valueType == .map
                ? operation : .remove(ValueToken.padded(token, to: size))
        case .put(let field, let token):
            .put(field: field, content: ValueToken.padded(token, to: size))
        case .compareAndSet(let expected, let new):
            .compareAndSet(
                expected: expected.map { ValueToken.padded($0, to: size) },
                new: ValueToken.padded(new, to: size))
        case .transaction(let steps):
            .transaction(
                steps.map { step in
                    switch step.action {
                    case .read: step
                    case .write(let token):
                        Operation.MicroOperation(
                            .write(ValueToken.padded(token, to: size)), step.key)
                    case .append(let token):
                        Operation.MicroOperation(
                            .append(ValueToken.padded(token, to: size)), step.key)
                    }
                })
        }
    }
}
