/// Looks for an order of concurrent operations that a sequential model allows.
///
/// The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the
/// memory of Lowe ("Testing for Linearizability", 2017): operations that are not yet in the order
/// are a linked list of their invocations and returns; an operation may come next if it was
/// invoked before anything in the list returned; no configuration (which operations are in the
/// order, and the state) is entered twice. Three things are added, each of which keeps the
/// verdict:
///
/// - A read that fits the state is put into the order at once, without trying alternatives:
///   whatever order there is, the read can be moved to the front of it.
/// - Of equal operations with unknown outcome the one invoked first goes first.
/// - The model may know that a step leaves others stranded (``ObjectModel/isDeadEnd(from:to:)``).
///
/// A configuration is kept as the number of leading operations that are in the order, and bits
/// for those after: its size grows with concurrency, not with the length of the history.
struct LinearizationSearch<Model: ObjectModel> {
    private struct Frame {
        var operation: Int
        var state: Int64
        var leading: Int
        var highest: Int
        /// Whether there was no alternative to it.
        var isForced: Bool
    }

    private var model: Model
    private let calls: [ObjectCall<Model.Call>]
    /// How many of the calls, from the first, have returned; the others are indefinite.
    private let definiteCount: Int
    /// For an indefinite call an equal one that goes first; -1 for none.
    private let twins: [Int]

    /// Entries 2i and 2i + 1 are the invocation and the return of call i; the last is the head.
    private var next: [Int32]
    private var previous: [Int32]
    private let head: Int

    private var included: [Bool]
    private var bits: [UInt64]
    private var leading = 0
    private var highest = -1
    private var stack: [Frame] = []
    private(set) var states = 0

    init(model: Model, calls: [ObjectCall<Model.Call>]) {
        self.model = model
        let definite = calls.filter { $0.returned != nil }.sorted(by: Self.earlier)
        let indefinite = calls.filter { $0.returned == nil }.sorted(by: Self.earlier)
        let ordered = definite + indefinite
        self.calls = ordered
        definiteCount = definite.count
        var twins = Array(repeating: -1, count: ordered.count)
        var latest: [Model.Call: Int] = [:]
        for index in definite.count..<ordered.count {
            twins[index] = latest.updateValue(index, forKey: ordered[index].call) ?? -1
        }
        self.twins = twins
        head = 2 * ordered.count
        next = Array(repeating: -1, count: head + 1)
        previous = Array(repeating: -1, count: head + 1)
        included = Array(repeating: false, count: ordered.count)
        bits = Array(repeating: 0, count: (definite.count + 63) / 64 + 1)
        link()
    }

    private static func earlier(
        _ left: ObjectCall<Model.Call>, _ right: ObjectCall<Model.Call>
    ) -> Bool {
        (left.invoked, left.identity) < (right.invoked, right.identity)
    }

    /// Builds the list: by time, at the same time invocations before returns.
    private mutating func link() {
        var entries: [(time: Int64, isReturn: Int, index: Int)] = []
        for (index, call) in calls.enumerated() {
            entries.append((call.invoked, 0, index))
            if let returned = call.returned { entries.append((returned, 1, index)) }
        }
        entries.sort { ($0.time, $0.isReturn, $0.index) < ($1.time, $1.isReturn, $1.index) }
        var last = head
        for entry in entries {
            let position = 2 * entry.index + entry.isReturn
            next[last] = Int32(position)
            previous[position] = Int32(last)
            last = position
        }
    }

    /// Searches within `budget`.
    mutating func run(budget: CheckBudget) -> SearchOutcome {
        var cache = ConfigurationCache()
        var state = model.initial
        var remaining = definiteCount
        var configuration: [UInt64] = []
        var best: [Int] = []
        // How many of the best order's operations are the first ones of the present order.
        var shared = 0
        var stuck: [Int]?
        var entry = settle(&state, &remaining)
        while remaining > 0 {
            if entry >= 0, entry & 1 == 0 {
                let index = entry / 2
                if let following = tryNext(index, state) {
                    encode(following, into: &configuration)
                    if cache.insert(configuration) {
                        states += 1
                        guard states < budget.statesMax, cache.bytes < budget.bytesMax,
                            cache.hasRoom(for: configuration.count)
                        else { return .exhausted }
                        stack[stack.count - 1].state = state
                        lift(index)
                        if index < definiteCount { remaining -= 1 }
                        state = following
                        entry = settle(&state, &remaining)
                        continue
                    }
                    undo(index)
                }
                entry = Int(next[entry])
                continue
            }
            if stuck == nil || stack.count > best.count {
                best.removeSubrange(shared...)
                for frame in stack[shared...] { best.append(calls[frame.operation].identity) }
                shared = best.count
                stuck = frontier()
            }
            var backtracked = false
            while let frame = stack.last {
                let index = frame.operation
                unlift(index)
                if index < definiteCount { remaining += 1 }
                undo(index)
                shared = min(shared, stack.count)
                state = frame.state
                if !frame.isForced {
                    entry = Int(next[2 * index])
                    backtracked = true
                    break
                }
            }
            if !backtracked { return .none(prefix: best, stuck: stuck ?? []) }
        }
        return .found(stack.map { calls[$0.operation].identity })
    }

    /// Puts every read that fits into the order; returns where to go on trying.
    private mutating func settle(_ state: inout Int64, _ remaining: inout Int) -> Int {
        while true {
            var entry = Int(next[head])
            while entry >= 0, entry & 1 == 0 {
                let index = entry / 2
                let following = Int(next[entry])
                if index < definiteCount, model.isPure(calls[index].call),
                    model.step(state, calls[index].call) == state
                {
                    push(index, isForced: true)
                    stack[stack.count - 1].state = state
                    lift(index)
                    remaining -= 1
                }
                entry = following
            }
            // A return that went away with its read may have been what held others back.
            if entry < 0 || !included[entry / 2] { return Int(next[head]) }
        }
    }

    /// The state after the call, which then is in the order; `nil`, and nothing changed, if it
    /// cannot come next.
    private mutating func tryNext(_ index: Int, _ state: Int64) -> Int64? {
        if twins[index] >= 0, !included[twins[index]] { return nil }
        guard let following = model.step(state, calls[index].call) else { return nil }
        push(index, isForced: false)
        if model.isDeadEnd(from: state, to: following) {
            undo(index)
            return nil
        }
        return following
    }

    private mutating func push(_ index: Int, isForced: Bool) {
        stack.append(
            Frame(
                operation: index, state: 0, leading: leading, highest: highest,
                isForced: isForced))
        included[index] = true
        model.enter(calls[index].call, isDefinite: index < definiteCount)
        guard index < definiteCount else { return }
        bits[index >> 6] |= 1 << UInt64(index & 63)
        highest = max(highest, index)
        while leading < definiteCount, included[leading] { leading += 1 }
    }

    private mutating func undo(_ index: Int) {
        included[index] = false
        model.leave(calls[index].call, isDefinite: index < definiteCount)
        if let frame = stack.popLast() {
            leading = frame.leading
            highest = frame.highest
        }
        if index < definiteCount { bits[index >> 6] &= ~(1 << UInt64(index & 63)) }
    }

    private mutating func encode(_ state: Int64, into configuration: inout [UInt64]) {
        configuration.removeAll(keepingCapacity: true)
        configuration.append(UInt64(leading))
        configuration.append(UInt64(bitPattern: state))
        var word: UInt64 = 0
        for index in definiteCount..<calls.count {
            let offset = (index - definiteCount) & 63
            if included[index] { word |= 1 << UInt64(offset) }
            if offset == 63 || index == calls.count - 1 {
                configuration.append(word)
                word = 0
            }
        }
        if highest >= leading {
            configuration.append(contentsOf: bits[(leading >> 6)...(highest >> 6)])
        }
    }

    private mutating func lift(_ index: Int) {
        unlink(2 * index)
        if index < definiteCount { unlink(2 * index + 1) }
    }
    private mutating func unlift(_ index: Int) {
        if index < definiteCount { relink(2 * index + 1) }
        relink(2 * index)
    }
    private mutating func unlink(_ entry: Int) {
        next[Int(previous[entry])] = next[entry]
        if next[entry] >= 0 { previous[Int(next[entry])] = previous[entry] }
    }
    private mutating func relink(_ entry: Int) {
        next[Int(previous[entry])] = Int32(entry)
        if next[entry] >= 0 { previous[Int(next[entry])] = Int32(entry) }
    }

    /// The operations that could come next by their times: first the one that returns first.
    private func frontier() -> [Int] {
        var open: [Int] = []
        var entry = Int(next[head])
        while entry >= 0, entry & 1 == 0 {
            if entry / 2 < definiteCount { open.append(entry / 2) }
            entry = Int(next[entry])
        }
        guard entry >= 0 else { return open.map { calls[$0].identity } }
        let first = entry / 2
        return [calls[first].identity]
            + open.filter { $0 != first }.map { calls[$0].identity }
    }
}
