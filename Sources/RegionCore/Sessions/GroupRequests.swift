import Determinism
import Replication

/// The service's own requests for its group: who waits for which, and the session with the group
/// where the strategy asks for one.
struct GroupRequests {
    struct Request {
        var call: UInt64
        var part: SessionCall.Part
        var key: Key
        var operation: Operation
        var context: VersionVector
    }

    enum Session {
        case none
        case opening(number: UInt64)
        case open(UInt64)
    }

    var session = Session.none
    /// Updates that wait for the session.
    var waiting: [Request] = []
    private var sent: [UInt64: Request] = [:]
    /// The numbers given, in order, from the first that is not answered.
    private var order: [UInt64] = []
    private var last: UInt64 = 0

    mutating func number(for request: Request) -> UInt64 {
        let number = next()
        sent[number] = request
        return number
    }

    mutating func next() -> UInt64 {
        last += 1
        order.append(last)
        return last
    }

    mutating func take(_ number: UInt64) -> Request? {
        let request = sent.removeValue(forKey: number)
        if let index = order.firstIndex(of: number) { order.remove(at: index) }
        return request
    }

    /// Every answer below has been taken in.
    var firstUnanswered: UInt64 { order.first ?? last + 1 }
}

extension SessionService {
    /// Who the service is for its group: no client of a run has such a number.
    private var client: ClientID {
        let incarnation = UInt64(me.incarnation & 0xFFFF)
        return ClientID(rawValue: 1 << 62 | UInt64(me.node.packed) << 16 | incarnation)
    }

    /// Asks the own replica for a part of a call.
    func ask(
        _ key: Key, _ operation: Operation, context: VersionVector = VersionVector(),
        for call: UInt64, _ part: SessionCall.Part
    ) {
        calls[call]?.awaited += 1
        submit(
            GroupRequests.Request(
                call: call, part: part, key: key, operation: operation, context: context))
    }

    private func submit(_ request: GroupRequests.Request) {
        var session: UInt64 = 0
        if needsGroupSession, request.operation.isUpdate {
            switch requests.session {
            case .open(let number): session = number
            case .opening: return requests.waiting.append(request)
            case .none:
                requests.waiting.append(request)
                return openSession()
            }
        }
        let number = requests.number(for: request)
        ask(
            ClientRequest(
                client: client, session: session, sequence: number,
                firstUnanswered: requests.firstUnanswered,
                command: .operate(request.key, request.operation, context: request.context)),
            number: number)
    }

    private func openSession() {
        let number = requests.next()
        requests.session = .opening(number: number)
        ask(
            ClientRequest(
                client: client, sequence: number, firstUnanswered: requests.firstUnanswered,
                command: .openSession), number: number)
    }

    /// Takes in what the group answers.
    func answered(
        _ reply: ClientReply, _ number: UInt64, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        if case .opening(let opening) = requests.session, opening == number {
            _ = requests.take(number)
            return sessionOpened(reply, now, &actions)
        }
        guard let request = requests.take(number) else { return }
        if case .failed(let error) = reply.outcome, error.code == .sessionExpired,
            !error.isIndefinite, needsGroupSession
        {
            // Not applied by this attempt: it goes out again in another session.
            if case .open = requests.session { requests.session = .none }
            return submit(request)
        }
        take(reply, request.part, of: request.call, now, &actions)
    }

    private func sessionOpened(
        _ reply: ClientReply, _ now: NodeTime, _ actions: inout NodeActions
    ) {
        let waiting = requests.waiting
        requests.waiting.removeAll()
        if case .sessionOpened(let session) = reply.outcome {
            requests.session = .open(session)
            for request in waiting { submit(request) }
            return
        }
        requests.session = .none
        var error = ServiceError(
            .recovering, "the sessions' data type could not be reached", isIndefinite: false)
        if case .failed(let reason) = reply.outcome { error = reason }
        // What waited was never sent.
        error.isIndefinite = false
        for request in waiting {
            take(.failed(error), request.part, of: request.call, now, &actions)
        }
    }
}
