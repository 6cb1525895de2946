import DequeModule
import Determinism

/// Requests that this member has passed on to the leader, by number.
///
/// Numbers begin somewhere else in each life of the member, so that the answer to a request of
/// an earlier life is never taken for another's.
struct ForwardTable: Sendable {
    struct Forward: Sendable {
        var work: Work
        var origin: Origin
        var leader: MemberID
        var deadline: Instant
    }

    private var firstNumber: UInt64 = 0
    private var slots: Deque<Forward?> = []
    /// The deadlines of what is in the slots, which are looked at far more often.
    private var deadlines: Deque<Instant?> = []

    /// The most requests under way to a leader; more are refused.
    static let countMax = Limits.requestsInFlightMax

    mutating func begin(at now: NodeTime, _ random: inout RandomStream) {
        let moment = UInt64(bitPattern: now.wall.nanosecondsSince1970)
        let uptime = UInt64(bitPattern: now.monotonic.nanoseconds)
        firstNumber = mixed(moment ^ mixed(uptime) ^ random.next()) >> 1
    }

    var isFull: Bool { slots.count >= Self.countMax }
    /// When the oldest request has waited long enough.
    private(set) var nextDeadline = Instant.distantFuture

    /// Takes note of a request and returns its number.
    mutating func add(_ forward: Forward) -> UInt64 {
        if slots.isEmpty { nextDeadline = forward.deadline }
        deadlines.append(forward.deadline)
        slots.append(forward)
        return firstNumber &+ UInt64(slots.count - 1)
    }

    /// Removes and returns the request with this number, if it was passed on to `member`.
    mutating func take(_ number: UInt64, answeredBy member: MemberID) -> Forward? {
        let offset = number &- firstNumber
        guard offset < UInt64(slots.count) else { return nil }
        let forward = take(Int(offset)) { $0.leader == member }
        trim()
        return forward
    }

    /// Removes and returns the requests that were passed on to `member`, oldest first: all, or
    /// those that can be asked again.
    mutating func takeAll(to member: MemberID, repeatableOnly: Bool) -> [Forward] {
        var taken: [Forward] = []
        for offset in slots.indices {
            let forward = take(offset) { forward in
                forward.leader == member && (forward.work.isRepeatable || !repeatableOnly)
            }
            if let forward { taken.append(forward) }
        }
        trim()
        return taken
    }

    /// Removes and returns every request whose deadline has come.
    mutating func takeExpired(at now: Instant) -> [Forward] {
        var taken: [Forward] = []
        while nextDeadline <= now, let forward = take(0, if: { _ in true }) {
            taken.append(forward)
            trim()
        }
        return taken
    }

    /// Removes and returns the request in a slot if there is one that fulfils `condition`.
    private mutating func take(_ offset: Int, if condition: (Forward) -> Bool) -> Forward? {
        func takeOut(_ slot: inout Forward?) -> Forward? {
            guard slot.map(condition) == true else { return nil }
            return slot.take()
        }
        let forward = takeOut(&slots[offset])
        if forward != nil { deadlines[offset] = nil }
        return forward
    }

    /// Drops the slots at the front that are empty.
    private mutating func trim() {
        while deadlines.first == .some(nil) {
            deadlines.removeFirst()
            slots.removeFirst()
            firstNumber &+= 1
        }
        nextDeadline = deadlines.first.flatMap { $0 } ?? .distantFuture
    }
}
