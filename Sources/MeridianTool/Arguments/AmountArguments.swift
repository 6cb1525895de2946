import ArgumentParser
import Determinism
import Scenarios

/// A duration as an argument, in the notation of scenario files.
struct DurationArgument: ExpressibleByArgument {
    var span: TimeSpan

    init?(argument: String) {
        guard let span = TimeSpan(notation: argument) else { return nil }
        self.span = span
    }
}

/// A number of bytes as an argument: `500MB`, `1GB`, or the number alone. A KB is 1024 bytes.
struct SizeArgument: ExpressibleByArgument {
    var bytes: Int

    private static let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)]

    init?(argument: String) {
        let unit = Self.units.first { argument.hasSuffix($0.0) }
        let number = argument.dropLast(unit?.0.count ?? 0)
        guard let amount = Int(number), amount > 0 else { return nil }
        let (bytes, overflow) = amount.multipliedReportingOverflow(by: unit?.1 ?? 1)
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}
