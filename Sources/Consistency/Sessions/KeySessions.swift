import Determinism
import Recording
import Replication

/// What every session has seen of one key, replayed in the order of time.
struct KeySessions {
    /// A guarantee that was broken, and how.
    struct Breach {
        let guarantee: SessionGuarantee
        /// The read that shows it first, then what it contradicts.
        let operations: [Int]
        let reason: String
    }

    /// The first breach of each guarantee.
    private(set) var breaches: [SessionGuarantee: Breach] = [:]

    private let keepsConcurrent: Bool
    private var updates: [SessionUpdate] = []
    private var writers: [String: Int] = [:]
    private var deletes: [Int] = []
    private var sessions: [Session] = []
    private var numbers: [UInt64: Int] = [:]
    /// By node: the updates that its answers showed, and when that was first answered.
    private var shown: [String: [(id: Int, at: Instant)]] = [:]

    /// How many updates a session or a node is held to, the latest ones.
    private static let rememberedMax = 64

    private struct Session {
        /// What it has read, and made, and all that comes before.
        var seen = CausalPast()
        /// How many of its updates were acknowledged.
        var acknowledged = 0
        /// Its acknowledged updates that no later one of them follows.
        var own: [Int] = []
        /// What its reads showed and none of the others follows.
        var read: [Int] = []
        /// In which order it first read each value.
        var order: [Int: Int] = [:]
        /// What its last read showed.
        var latest: Set<Int> = []
        /// What a read showed and a later one did not.
        var gone: Set<Int> = []
    }

    /// The sessions of a key that nobody has touched.
    init(keepsConcurrent: Bool) { self.keepsConcurrent = keepsConcurrent }

    /// Takes in the operations on the key.
    mutating func run(_ operations: HistorySelection) {
        struct Moment {
            var time: Instant
            /// What ends at an instant comes before what begins then, as clients see it.
            var rank: Int
            var place: Int
        }
        var moments: [Moment] = []
        for (place, operation) in operations.enumerated() {
            guard let invoked = operation.invoked, operation.outcome != .fail else { continue }
            if operation.function.isUpdate {
                moments.append(Moment(time: invoked, rank: 1, place: place))
            }
            if operation.outcome == .ok, let completed = operation.completed {
                moments.append(
                    Moment(time: completed, rank: completed == invoked ? 2 : 0, place: place))
            }
        }
        moments.sort { ($0.time, $0.rank, $0.place) < ($1.time, $1.rank, $1.place) }
        var begun: [Int: Int] = [:]
        for moment in moments {
            let operation = operations[moment.place]
            if moment.rank == 1 {
                begun[moment.place] = begin(operation, at: moment.time)
            } else if let id = begun[moment.place] {
                acknowledge(updates[id])
            } else if operation.function == .read {
                read(operation)
            }
        }
    }

    private mutating func session(of client: UInt64) -> Int {
        if let known = numbers[client] { return known }
        numbers[client] = sessions.count
        sessions.append(Session())
        return sessions.count - 1
    }

    // MARK: - Updates

    private mutating func begin(_ operation: HistoryOperation, at invoked: Instant) -> Int {
        let session = session(of: operation.client)
        let isAcknowledged = operation.outcome == .ok
        var past = sessions[session].seen
        if keepsConcurrent, operation.context.entries.isEmpty {
            // It was sent without what its client had read, which was nothing or is forgotten.
            past = CausalPast()
        }
        if case .pair(let expected, _) = operation.value, isAcknowledged,
            let token = expected.token, let writer = writers[token]
        {
            past.merge(updates[writer].past)
            past.insert(updates[writer])
        }
        if isAcknowledged { sessions[session].acknowledged += 1 }
        let update = SessionUpdate(
            id: updates.count, index: operation.index, session: session,
            number: isAcknowledged && !keepsConcurrent ? sessions[session].acknowledged : nil,
            isDelete: operation.function == .delete, invoked: invoked,
            acknowledged: isAcknowledged ? operation.completed : nil, past: past,
            valuesRead: sessions[session].order.count)
        updates.append(update)
        if update.isDelete { deletes.append(update.id) }
        if let token = operation.tokenWritten { writers[token] = update.id }
        return update.id
    }

    private mutating func acknowledge(_ update: SessionUpdate) {
        if !keepsConcurrent { sessions[update.session].seen.insert(update) }
        add(update, to: \.own, of: update.session)
    }

    /// Holds a session to an update in place of those that it follows.
    private mutating func add(
        _ update: SessionUpdate, to list: WritableKeyPath<Session, [Int]>, of session: Int
    ) {
        sessions[session][keyPath: list].removeAll {
            $0 == update.id || update.past.contains(updates[$0])
        }
        sessions[session][keyPath: list].append(update.id)
        if sessions[session][keyPath: list].count > Self.rememberedMax {
            sessions[session][keyPath: list].removeFirst()
        }
    }

    // MARK: - Reads

    private mutating func read(_ operation: HistoryOperation) {
        guard let completed = operation.completed else { return }
        let tokens = operation.tokensRead
        let values = tokens.compactMap { writers[$0] }
        // Of a value that no client wrote nothing can be said.
        guard values.count == tokens.count else { return }
        let session = session(of: operation.client)
        for id in sessions[session].own where !explains(values, updates[id], until: completed) {
            note(.readYourWrites, operation, updates[id], "that its client had made")
        }
        for id in sessions[session].read where !explains(values, updates[id], until: completed) {
            note(.monotonicReads, operation, updates[id], "that its client had read")
        }
        for id in values where sessions[session].gone.contains(id) {
            note(
                .monotonicReads, operation, updates[id],
                "again after its client had seen that it was gone,")
        }
        compare(operation, values)
        see(values, session)
    }

    private mutating func see(_ values: [Int], _ session: Int) {
        for id in values {
            sessions[session].seen.merge(updates[id].past)
            sessions[session].seen.insert(updates[id])
            let count = sessions[session].order.count
            if sessions[session].order[id] == nil { sessions[session].order[id] = count }
            add(updates[id], to: \.read, of: session)
        }
        sessions[session].gone.formUnion(sessions[session].latest.subtracting(values))
        sessions[session].latest = Set(values)
    }

    /// Whether a read that shows `values` can have taken place where `update` had taken effect:
    /// nothing that it shows comes before the update, and it shows it, or something may have
    /// replaced it.
    private func explains(
        _ values: [Int], _ update: SessionUpdate, until completed: Instant
    ) -> Bool {
        if values.contains(where: { update.past.contains(updates[$0]) }) { return false }
        if update.isDelete || values.contains(update.id) { return true }
        func mayReplace(_ id: Int) -> Bool {
            let other = updates[id]
            if update.past.contains(other) { return false }
            // To replace one of several concurrent values takes a client that had read it.
            guard keepsConcurrent, let end = other.acknowledged else { return true }
            return end > update.invoked
        }
        if !values.isEmpty, values.contains(where: mayReplace) { return true }
        guard values.isEmpty || keepsConcurrent else { return false }
        return deletes.reversed().contains { updates[$0].invoked < completed && mayReplace($0) }
    }

    // MARK: - What nodes show

    /// Compares what a read shows with what the same node had shown before: an order of updates
    /// that one of their clients knew must be the node's order, too.
    private mutating func compare(_ operation: HistoryOperation, _ values: [Int]) {
        for id in values {
            for other in values where follows(updates[other], updates[id]) {
                note(
                    .writesFollowReads, operation, updates[other],
                    "whose client had read it, beside operation \(updates[id].index)")
            }
        }
        guard let node = operation.servedBy, let invoked = operation.invoked,
            let completed = operation.completed
        else { return }
        let before = shown[node, default: []]
        for id in values {
            for (earlier, time) in before where time < invoked && !values.contains(earlier) {
                if follows(updates[earlier], updates[id]) {
                    note(
                        .writesFollowReads, operation, updates[earlier],
                        "that \(node) had shown and whose client had read "
                            + "operation \(updates[id].index),")
                }
                if isLater(updates[earlier], updates[id]) {
                    note(
                        .monotonicWrites, operation, updates[earlier],
                        "that \(node) had shown and that is later than operation "
                            + "\(updates[id].index) of the same client,")
                }
            }
        }
        var list = before
        for id in values where !list.contains(where: { $0.id == id }) {
            list.append((id, completed))
        }
        shown[node] = Array(list.suffix(Self.rememberedMax))
    }

    /// Whether the client of `update` had read `other` before.
    private func follows(_ update: SessionUpdate, _ other: SessionUpdate) -> Bool {
        guard update.id != other.id, let order = sessions[update.session].order[other.id],
            order < update.valuesRead
        else { return false }
        return !keepsConcurrent || update.past.contains(other)
    }

    /// Whether both are acknowledged updates of one client, `update` the later one.
    private func isLater(_ update: SessionUpdate, _ other: SessionUpdate) -> Bool {
        guard update.session == other.session, let mine = update.number,
            let theirs = other.number
        else { return false }
        return mine > theirs
    }

    private mutating func note(
        _ guarantee: SessionGuarantee, _ read: HistoryOperation, _ update: SessionUpdate,
        _ relation: String
    ) {
        guard breaches[guarantee] == nil else { return }
        let verb: String
        switch guarantee {
        case .readYourWrites, .monotonicReads: verb = "does not reflect"
        case .monotonicWrites, .writesFollowReads: verb = "contradicts"
        }
        breaches[guarantee] = Breach(
            guarantee: guarantee, operations: [read.index, update.index],
            reason: "operation \(read.index) (read of \(read.value.summary) at "
                + "\(read.servedBy ?? "an unknown node")) \(verb) operation \(update.index) "
                + relation)
    }
}
