/// Which seeds a fuzz run tries, and which of them are canaries.
package struct FuzzPlan: Hashable, Sendable {
    /// The seeds, in order.
    package var seeds: ClosedRange<UInt64>
    /// Whether one seed in a hundred is made to fail.
    package var hasCanaries: Bool

    /// The seeds `seeds`, with canaries among them or not.
    package init(seeds: ClosedRange<UInt64>, hasCanaries: Bool) {
        self.seeds = seeds
        self.hasCanaries = hasCanaries
    }

    /// How many seeds there are.
    package var count: UInt64 { seeds.upperBound - seeds.lowerBound + 1 }

    /// Whether the run under `seed` is made to fail: the last of every hundred, and the last of
    /// all if there are fewer.
    package func isCanary(_ seed: UInt64) -> Bool {
        guard hasCanaries, seeds.contains(seed) else { return false }
        let position = seed - seeds.lowerBound
        return position % 100 == 99 || (count < 100 && seed == seeds.upperBound)
    }

    /// The seeds of a worker among `workers`: every `workers`-th, beginning with the `index`-th,
    /// and after `last` if that is given.
    package func share(of index: Int, among workers: Int, after last: UInt64? = nil) -> [UInt64] {
        var share: [UInt64] = []
        var (seed, overflow) = seeds.lowerBound.addingReportingOverflow(UInt64(index))
        while !overflow, seed <= seeds.upperBound {
            if last.map({ seed > $0 }) ?? true { share.append(seed) }
            (seed, overflow) = seed.addingReportingOverflow(UInt64(workers))
        }
        return share
    }
}
