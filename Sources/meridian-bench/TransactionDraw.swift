import Consistency
import Determinism

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
        var number: Int32
        var values: [Int32] = []
    }

    /// The history of this seed.
    func history(seed: UInt64) -> TransactionHistory {
        var random = RandomStream(seed: seed, name: "transactions")
        var history = TransactionHistory(kind: kind)
        var keys = (0..<Self.activeKeys).map { Key(number: Int32($0)) }
        var nextKey = Int32(Self.activeKeys)
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
            history.begin(
                identity: number, process: Int32(process), invoked: invoked, returned: returned,
                outcome: .ok)
            let isStale = number % staleEvery == staleEvery - 1
            for _ in 0...random.index(4) {
                let place = random.index(keys.count)
                if random.chance(0.5), !isStale {
                    let value = Int32(keys[place].values.count + 1)
                    keys[place].values.append(value)
                    write(keys[place].number, value, &history)
                    if keys[place].values.count == Self.writesPerKeyMax {
                        keys[place] = Key(number: nextKey)
                        nextKey += 1
                    }
                } else {
                    let values = keys[place].values
                    read(keys[place].number, isStale ? values.dropLast(4) : values[...], &history)
                }
            }
        }
        return history
    }

    private func write(_ key: Int32, _ value: Int32, _ history: inout TransactionHistory) {
        switch kind {
        case .listAppend: history.append(key, value)
        case .readWriteRegister: history.write(key, value)
        }
    }

    private func read(
        _ key: Int32, _ values: ArraySlice<Int32>, _ history: inout TransactionHistory
    ) {
        switch kind {
        case .listAppend: history.read(key, list: values)
        case .readWriteRegister: history.read(key, value: values.last ?? 0)
        }
    }
}
