import ArgumentParser

/// Seeds as an argument: `7` or `1..1000`.
struct SeedRange: ExpressibleByArgument {
    let seeds: ClosedRange<UInt64>

    init(_ seeds: ClosedRange<UInt64>) { self.seeds = seeds }

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 1, let seed = UInt64(argument) {
            seeds = seed...seed
        } else if parts.count == 3, parts[1].isEmpty, let first = UInt64(parts[0]),
            let last = UInt64(parts[2]), first <= last, last - first < UInt64(Int32.max)
        {
            seeds = first...last
        } else {
            return nil
        }
    }

    /// As it stands in the help.
    var defaultValueDescription: String {
        "\(seeds.lowerBound)..\(seeds.upperBound)"
    }
}
