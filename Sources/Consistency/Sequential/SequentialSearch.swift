/// An operation of a session, for a search over several objects.
public struct SequentialCall<Call: Hashable & Sendable>: Hashable, Sendable {
    /// Names it in the outcome.
    public var identity: Int
    /// The object, by its index among the models.
    public var object: Int
    /// What it did.
    public var call: Call
    /// Whether its outcome is known. One of unknown outcome may be left out; it ends its session.
    public var isDefinite: Bool
    /// Where it probably comes among the others: lower ones first. Nothing rests on it.
    public var hint: Int64

    /// An operation with these parts.
    public init(
        identity: Int, object: Int, call: Call, isDefinite: Bool = true, hint: Int64 = 0
    ) {
        self.identity = identity
        self.object = object
        self.call = call
        self.isDefinite = isDefinite
        self.hint = hint
    }
}

/// Looks for one order of the operations of all sessions, each session's in its own, that the
/// models of the objects allow.
///
/// A configuration is how far each session is, and the states of all objects; none is entered
/// twice. A call that changes nothing and fits its object's state is taken at once, without
/// alternatives: in whatever order there is, it can be moved to the front. Models may know dead
/// ends (``ObjectModel/isDeadEnd(from:to:)``). Of several calls that could be next the one of the
/// lowest hint is tried first.
struct SequentialSearch<Model: ObjectModel> {
    private struct Frame {
        var session: Int32
        var isForced: Bool
        /// The state of its object before it.
        var state: Int64
    }

    private var models: [Model]
    private let sessions: [[SequentialCall<Model.Call>]]
    private var positions: [Int]
    private var states: [Int64]
    private var stack: [Frame] = []
    /// How many definite calls are not in the order.
    private var remaining: Int
    private let usesDeadEnds: Bool
    private var cache = ConfigurationCache()
    private var configuration: [UInt64] = []

    /// The longest order found, and how much of it the present one shares.
    private var best: [Int32] = []
    private var shared = 0
    private var stuck: [Int] = []
    /// How many configurations were entered.
    private(set) var entered = 0

    /// A search for an order of the calls of `sessions` on objects that `models` describe; it
    /// believes them when they know a dead end, or goes on.
    init(
        models: [Model], sessions: [[SequentialCall<Model.Call>]], usesDeadEnds: Bool = true
    ) {
        self.usesDeadEnds = usesDeadEnds
        self.models = models
        self.sessions = sessions
        positions = Array(repeating: 0, count: sessions.count)
        states = models.map(\.initial)
        remaining = sessions.reduce(0) { $0 + $1.count { $0.isDefinite } }
    }

    /// Searches. Without alternatives, it gives up where it would have to go back for the first
    /// time, and needs no memory of configurations.
    mutating func run(budget: CheckBudget, withAlternatives: Bool = true) -> SearchOutcome {
        takeFitting()
        var tried: (hint: Int64, session: Int)?
        while true {
            if remaining == 0 { return .found(order(stack.map(\.session))) }
            if let (hint, session) = candidate(after: tried) {
                guard place(session) else {
                    tried = (hint, session)
                    continue
                }
                takeFitting()
                entered += 1
                if !withAlternatives || remember() {
                    tried = nil
                    if !withAlternatives { continue }
                    if entered >= budget.statesMax || cache.bytes > budget.bytesMax
                        || !cache.hasRoom(for: configuration.count)
                    {
                        return remaining == 0
                            ? .found(order(stack.map(\.session))) : .exhausted
                    }
                    continue
                }
            } else {
                note()
                if !withAlternatives { return .exhausted }
            }
            guard let last = goBack() else {
                return .none(prefix: order(best), stuck: stuck)
            }
            tried = last
        }
    }

    /// The longest order found so far from which nothing followed, and what could not follow.
    var longest: (prefix: [Int], stuck: [Int]) { (order(best), stuck) }

    /// The head of lowest hint among those that come after `tried` by hint and session.
    private func candidate(after tried: (hint: Int64, session: Int)?) -> (Int64, Int)? {
        var found: (Int64, Int)?
        for session in sessions.indices where positions[session] < sessions[session].count {
            let hint = sessions[session][positions[session]].hint
            if let tried, (hint, session) <= (tried.hint, tried.session) { continue }
            if let found, found <= (hint, session) { continue }
            found = (hint, session)
        }
        return found
    }

    /// Puts the next call of `session` into the order if it can come now.
    private mutating func place(_ session: Int, isForced: Bool = false) -> Bool {
        let call = sessions[session][positions[session]]
        let state = states[call.object]
        guard let next = models[call.object].step(state, call.call) else { return false }
        models[call.object].enter(call.call, isDefinite: call.isDefinite)
        if usesDeadEnds, next != state, models[call.object].isDeadEnd(from: state, to: next) {
            models[call.object].leave(call.call, isDefinite: call.isDefinite)
            return false
        }
        states[call.object] = next
        positions[session] += 1
        if call.isDefinite { remaining -= 1 }
        stack.append(Frame(session: Int32(session), isForced: isForced, state: state))
        return true
    }

    /// Takes all calls that fit and change nothing.
    private mutating func takeFitting() {
        for session in sessions.indices {
            while positions[session] < sessions[session].count {
                let call = sessions[session][positions[session]]
                guard call.isDefinite, models[call.object].isPure(call.call),
                    place(session, isForced: true)
                else { break }
            }
        }
    }

    /// Takes the last call that had alternatives out of the order, and those forced after it.
    private mutating func goBack() -> (hint: Int64, session: Int)? {
        while let frame = stack.popLast() {
            let session = Int(frame.session)
            positions[session] -= 1
            let call = sessions[session][positions[session]]
            states[call.object] = frame.state
            models[call.object].leave(call.call, isDefinite: call.isDefinite)
            if call.isDefinite { remaining += 1 }
            shared = min(shared, stack.count)
            if !frame.isForced { return (call.hint, session) }
        }
        return nil
    }

    /// Keeps the present order if it is the longest so far.
    private mutating func note() {
        guard stack.count > best.count || stuck.isEmpty else { return }
        best.removeSubrange(min(shared, best.count)...)
        for frame in stack[best.count...] { best.append(frame.session) }
        shared = best.count
        stuck = sessions.indices.compactMap { session in
            guard positions[session] < sessions[session].count else { return nil }
            let call = sessions[session][positions[session]]
            return call.isDefinite ? call.identity : nil
        }
    }

    /// Notes the configuration; false if it was entered before.
    private mutating func remember() -> Bool {
        configuration.removeAll(keepingCapacity: true)
        var half: UInt64?
        for position in positions {
            if let low = half {
                configuration.append(low | UInt64(position) << 32)
                half = nil
            } else {
                half = UInt64(position)
            }
        }
        if let low = half { configuration.append(low) }
        for state in states { configuration.append(UInt64(bitPattern: state)) }
        return cache.insert(configuration)
    }

    /// The identities of the calls in an order of sessions.
    private func order(_ turns: [Int32]) -> [Int] {
        var next = Array(repeating: 0, count: sessions.count)
        return turns.map { session in
            defer { next[Int(session)] += 1 }
            return sessions[Int(session)][next[Int(session)]].identity
        }
    }
}
