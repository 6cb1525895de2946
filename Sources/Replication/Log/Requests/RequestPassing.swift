import DequeModule
import Determinism

/// A member of a group in which one member at a time serves requests: a leader, a primary. The
/// others pass on to it what clients ask them, and let requests wait while there is none.
protocol RequestPassing: Replica {
    /// What the member that serves is called.
    static var server: String { get }
    var setup: GroupSetup { get }
    /// How long a request waits.
    var commitTimeout: TimeSpan { get }
    var waiting: Deque<WaitingRequest> { get set }
    var forwards: ForwardTable { get set }
    /// Why nobody serves, as far as this member knows.
    var noServer: ServiceError { get }

    /// Does what is asked, passes it on, or lets it wait.
    func route(
        _ request: WaitingRequest, _ now: NodeTime,
        _ output: inout ReplicaOutput<Message, Record>)
    /// Has a request served that a member did not.
    func reroute(
        _ request: WaitingRequest, _ now: NodeTime,
        _ output: inout ReplicaOutput<Message, Record>)
    /// Takes note of what became of a request.
    func count(_ event: RequestPassed)
    /// The message that passes work on under a number.
    static func passingOn(_ number: UInt64, _ work: Work) -> Message
    /// The message with the answer.
    static func answering(_ number: UInt64, _ reply: ClientReply) -> Message
}

/// What became of a request that this member does not serve itself.
enum RequestPassed {
    case forwarded, repeated, failed, expired
    /// There was nobody to pass it on to in time.
    case waitedInVain
}

extension RequestPassing {
    typealias PassingOutput = ReplicaOutput<Message, Record>

    func reroute(
        _ request: WaitingRequest, _ now: NodeTime, _ output: inout PassingOutput
    ) { route(request, now, &output) }

    /// Lets a request wait until somebody serves.
    func wait(_ request: WaitingRequest, _ output: inout PassingOutput) {
        guard waiting.count < WaitingRequest.countMax else {
            let error = ServiceError(
                .overloaded, "too many requests wait for a \(Self.server)", isIndefinite: false)
            return answer(.failed(error), to: request.origin, &output)
        }
        waiting.append(request)
    }

    /// Passes a request on to the member that serves.
    func forward(
        _ request: WaitingRequest, to server: MemberID, _ now: NodeTime,
        _ output: inout PassingOutput
    ) {
        guard !forwards.isFull else {
            let error = ServiceError(
                .overloaded, "too many requests are under way to the \(Self.server)",
                isIndefinite: false, hint: server.node)
            return answer(.failed(error), to: request.origin, &output)
        }
        count(.forwarded)
        let roundTrip = setup.roundTrips[setup.member.node.region, server.node.region]
        let number = forwards.add(
            ForwardTable.Forward(
                work: request.work, origin: request.origin, leader: server,
                deadline: now.monotonic + commitTimeout * 2 + roundTrip))
        output.send(Self.passingOn(number, request.work), to: server)
    }

    func askAgain(
        _ work: Work, for origin: Origin, _ now: NodeTime, _ output: inout PassingOutput
    ) {
        count(.repeated)
        let request = WaitingRequest(
            work: work, origin: origin, deadline: now.monotonic + commitTimeout)
        reroute(request, now, &output)
    }

    /// The member that serves or the way to it is lost: what it did is unknown. What can be asked
    /// again is. With `isSuperseded` there is only a later one, and the member may answer the rest
    /// yet.
    func failForwards(
        to member: MemberID, isSuperseded: Bool = false, _ now: NodeTime,
        _ output: inout PassingOutput
    ) {
        for forward in forwards.takeAll(to: member, repeatableOnly: isSuperseded) {
            if forward.work.isHarmless {
                askAgain(forward.work, for: forward.origin, now, &output)
            } else if forward.work.isRepeatable, let handle = forward.origin.handle {
                askAgain(forward.work, for: .repeated(handle), now, &output)
            } else {
                count(.failed)
                let error = ServiceError(
                    .leadershipLost,
                    "the \(Self.server) was lost while the request was under way to it; the request "
                        + "may have taken effect", isIndefinite: true)
                answer(.failed(error), to: forward.origin, &output)
            }
        }
    }

    func expireForwards(_ now: NodeTime, _ output: inout PassingOutput) {
        guard now.monotonic >= forwards.nextDeadline else { return }
        for forward in forwards.takeExpired(at: now.monotonic) {
            count(.expired)
            let error = ServiceError(
                .consensusNotAchieved,
                "no answer from the \(Self.server) in time; the request may have taken effect",
                isIndefinite: !forward.work.isHarmless, hint: forward.leader.node)
            answer(.failed(error), to: forward.origin, &output)
        }
    }

    func expireWaiting(_ now: NodeTime, _ output: inout PassingOutput) {
        while let first = waiting.first, first.deadline <= now.monotonic {
            waiting.removeFirst()
            count(.waitedInVain)
            answer(.failed(noServer), to: first.origin, &output)
        }
    }

    /// Somebody serves: what has waited can go on.
    func dispatchWaiting(_ now: NodeTime, _ output: inout PassingOutput) {
        guard !waiting.isEmpty else { return }
        let requests = waiting
        waiting.removeAll(keepingCapacity: true)
        for request in requests { route(request, now, &output) }
    }

    func answer(_ reply: ClientReply, to origin: Origin, _ output: inout PassingOutput) {
        switch origin {
        case .local(let handle): output.reply(reply, to: handle)
        case .repeated(let handle):
            guard case .failed(var error) = reply.outcome else {
                return output.reply(reply, to: handle)
            }
            // What is refused now, because its session has expired say, may have been done before.
            error.isIndefinite = true
            output.reply(.failed(error), to: handle)
        case .remote(let member, let number):
            output.send(Self.answering(number, reply), to: member)
        case .internal: break
        }
    }
}
