import Determinism

/// Makes large histories that are known to be right: replicas that apply writes, one for each
/// session, all in the order of one log, each at its own pace.
///
/// A replica has always applied a beginning of the log and its own writes, so what it knows is
/// closed under causes. How reads choose among writes makes the difference.
package struct HistoryGenerator {
    /// Which write a replica shows.
    package enum Choice: String, CaseIterable, Sendable {
        /// The one it applied last: causal memory, but replicas may never agree.
        case lastApplied = "last-applied"
        /// The one that is latest in the log: causal convergence, but a replica may go on showing
        /// its own write though it has applied earlier ones since.
        case latestInLog = "latest-in-log"
        /// All replicas are one: sequential consistency.
        case single = "single"
    }

    /// How keys are drawn.
    package enum Keys: String, CaseIterable, Sendable {
        case uniform
        /// In proportion to 1 / (rank + 1).
        case zipfian
    }

    package var choice = Choice.lastApplied
    package var sessions = 100
    package var operations = 1_000_000
    package var keys = 1_000
    package var distribution = Keys.uniform
    package var writeShare = 0.5
    /// How likely an operation is to read and then write.
    package var swapShare = 0.0
    /// Replicas catch up by up to this many writes before each operation, as a multiple of the
    /// number of sessions.
    package var pace = 2.0
    package var seed: UInt64 = 1

    /// A generator of causal memory with these sizes.
    package init(sessions: Int, operations: Int, keys: Int = 1_000) {
        self.sessions = sessions
        self.operations = operations
        self.keys = keys
    }

    /// An operation as generated; identities count them from 0.
    package struct Operation: Sendable {
        package var session: Int32
        package var key: Int32
        package var reads: Int32
        package var writes: Int32
    }

    /// The history of the operations, if wanted with their places as times.
    package static func history(
        _ operations: ContiguousArray<Operation>, withTimes: Bool = false
    ) -> SessionHistory {
        var builder = SessionHistory.Builder()
        builder.reserveCapacity(operations.count)
        for (index, operation) in operations.enumerated() {
            let reads = operation.reads == SessionHistory.nothing ? nil : operation.reads
            let writes = operation.writes == SessionHistory.nothing ? nil : operation.writes
            builder.append(
                process: Int(operation.session), identity: index, key: operation.key,
                reads: reads, writes: writes, invoked: withTimes ? Int64(index) : nil)
        }
        return builder.build()
    }

    /// Generates operations, in the order in which they happened.
    package func generate() -> ContiguousArray<Operation> {
        var random = RandomStream(seed: seed, name: "history-generator")
        var made: ContiguousArray<Operation> = []
        made.reserveCapacity(operations)
        // For each write its session and key; a value is the place in the log, plus one.
        var log: ContiguousArray<(session: Int32, key: Int32)> = []
        let replicas = choice == .single ? 1 : sessions
        var shown = ContiguousArray<Int32>(repeating: 0, count: replicas * keys)
        var applied = ContiguousArray<Int>(repeating: 0, count: sessions)
        let weights = weights()
        let stepMax = max(1, Int(Double(sessions) * pace * writeShare))
        for _ in 0..<operations {
            let session = random.index(sessions)
            let base = choice == .single ? 0 : session * keys
            if choice != .single {
                let target = min(log.count, applied[session] + random.index(stepMax + 1))
                while applied[session] < target {
                    let place = applied[session]
                    let write = log[place]
                    applied[session] += 1
                    guard Int(write.session) != session else { continue }
                    let value = Int32(place + 1)
                    let cell = base + Int(write.key)
                    if choice == .lastApplied || shown[cell] < value { shown[cell] = value }
                }
            }
            let key = draw(weights, &random)
            let cell = base + key
            var operation = Operation(
                session: Int32(session), key: Int32(key), reads: SessionHistory.nothing,
                writes: SessionHistory.nothing)
            let isSwap = swapShare > 0 && random.chance(swapShare)
            let isWrite = isSwap || random.chance(writeShare)
            if isSwap || !isWrite { operation.reads = shown[cell] }
            if isWrite {
                log.append((Int32(session), Int32(key)))
                operation.writes = Int32(log.count)
                shown[cell] = operation.writes
            }
            made.append(operation)
        }
        return made
    }

    /// The weights of the keys, summed up.
    private func weights() -> ContiguousArray<Double> {
        var sum = 0.0
        return ContiguousArray(
            (0..<keys).map { rank in
                sum += distribution == .uniform ? 1 : 1 / Double(rank + 1)
                return sum
            })
    }

    private func draw(_ weights: ContiguousArray<Double>, _ random: inout RandomStream) -> Int {
        let goal = random.unit() * weights[weights.count - 1]
        var low = 0
        var high = weights.count - 1
        while low < high {
            let middle = (low + high) / 2
            if weights[middle] <= goal { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension HistoryGenerator {
    /// Lets a read return another value of its key: an earlier or later one, or absence; false if
    /// there is none. The history may be right all the same.
    package static func disturb(
        _ operations: inout ContiguousArray<Operation>, _ random: inout RandomStream
    ) -> Bool {
        let reads = operations.indices.filter {
            operations[$0].reads != SessionHistory.nothing
        }
        guard !reads.isEmpty else { return false }
        let read = reads[random.index(reads.count)]
        let key = operations[read].key
        let values = operations.filter {
            $0.key == key && $0.writes != SessionHistory.nothing
                && $0.writes != operations[read].reads && $0.writes != operations[read].writes
        }.map(\.writes)
        guard !values.isEmpty else { return false }
        operations[read].reads = random.chance(0.1) ? 0 : values[random.index(values.count)]
        return true
    }
}
