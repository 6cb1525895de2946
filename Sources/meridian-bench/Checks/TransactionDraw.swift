import Consistency
import Determinism
import Recording

/// Draws histories of transactions that a strictly serializable database could have answered,
/// as large as a benchmark wants them.
///
/// Transactions take effect a microsecond apart; each is invoked up to fifty before and returns
/// up to fifty after, so that about fifty run at once. About ten keys are in use at a time, each
/// until it was written 32 times.
struct TransactionDraw {
    /// What the objects are.
    var kind: TransactionHistory.Kind
    /// How many transactions are drawn.
    var count: Int
    /// How many processes carry them out.
    var processes = 100
    /// How many transactions, spread evenly, read what was there some time before.
    var staleCount = 0

    private static let activeKeys = 10
    private static let writesPerKeyMax = 32
    private static let stepNanoseconds: Int64 = 1_000
    private static let spanNanoseconds: UInt64 = 50_000

    private struct Key {
        var name: String
        var values: [HistoryValue] = []

        init(_ number: Int) { name = "k\(number)" }
    }

    /// The history of this seed.
    func history(seed: UInt64) -> History {
        var random = RandomStream(seed: seed, name: "transactions")
        var history = History()
        var keys = (0..<Self.activeKeys).map(Key.init)
        var nextKey = Self.activeKeys
        var free = [Int64](repeating: 0, count: processes)
        let staleEvery = staleCount > 0 ? max(1, count / (staleCount + 1)) : Int.max
        for number in 0..<count {
            let effect = Int64(number + 100) * Self.stepNanoseconds
            var process = random.index(processes)
            while free[process] >= effect { process = (process + 1) % processes }
            let invoked = max(
                free[process] + 1, effect - Int64(random.below(Self.spanNanoseconds)))
            let returned = effect + Int64(random.below(Self.spanNanoseconds))
            free[process] = returned
            let isStale = number % staleEvery == staleEvery - 1
            var parts: [MicroOperation] = []
            for _ in 0...random.index(4) {
                let place = random.index(keys.count)
                if random.chance(0.5), !isStale {
                    let value = HistoryValue.integer(Int64(keys[place].values.count + 1))
                    keys[place].values.append(value)
                    parts.append(MicroOperation(write, keys[place].name, value))
                    if keys[place].values.count == Self.writesPerKeyMax {
                        keys[place] = Key(nextKey)
                        nextKey += 1
                    }
                } else {
                    let values = keys[place].values
                    let seen = isStale ? values.dropLast(4) : values[...]
                    parts.append(MicroOperation(.read, keys[place].name, answer(seen)))
                }
            }
            var operation = HistoryOperation(
                index: number, process: process, client: UInt64(process),
                session: UInt64(process), region: "us-east-1", attempts: 1, function: .txn,
                dataType: "default", key: nil, value: .transaction(parts),
                planned: Instant(nanoseconds: invoked), invoked: Instant(nanoseconds: invoked))
            operation.outcome = .ok
            operation.completed = Instant(nanoseconds: returned)
            history.append(operation)
        }
        return history
    }

    private var write: MicroOperation.Function { kind == .listAppend ? .append : .write }

    private func answer(_ values: ArraySlice<HistoryValue>) -> HistoryValue {
        switch kind {
        case .listAppend: .list(Array(values))
        case .readWriteRegister: values.last ?? .null
        }
    }
}
