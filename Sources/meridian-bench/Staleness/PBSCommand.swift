import ArgumentParser
import Dispatch
import Foundation
import Reporting
import Synchronization

/// `meridian-bench pbs`: how stale are reads of small quorums? The strategy `quorum` beside the model
/// of "Probabilistically Bounded Staleness".
struct PBSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pbs",
        abstract: "Staleness of partial quorums in virtual time beside the WARS model.")

    @Option(help: "Trials for each figure.")
    var trials = 1_000_000

    @Option(help: "Only the fit of this name: LNKD-SSD, LNKD-DISK, YMMR or WAN.")
    var fit: String?

    @Option(help: "The seed.")
    var seed: UInt64 = 1

    @Flag(help: "Print the table as CSV.")
    var csv = false

    /// The share of reads of which the last column tells when they see the write.
    private static let consistent = 0.999

    /// How far shares may be from the model's, in points of a hundred, beyond what chance makes
    /// of two samples; and how far percentiles and times, as a share or in milliseconds.
    private static let marginPoints = 0.1
    private static let marginShare = 0.05
    private static let marginMilliseconds = 0.25

    /// The times after the commit among which a first look finds where 99.9 % of reads see the write,
    /// in milliseconds.
    private static func grid(of fit: PBSFit) -> [Double] {
        let longest =
            switch fit.name {
            case "LNKD-SSD": 6.0
            case "YMMR": 2_400.0
            case "WAN": 180.0
            case _: 90.0
            }
        return (0...16).map { (longest * Double($0 * $0) / 256 * 1000).rounded() / 1000 }
    }

    private struct Figures: Sendable {
        var readLatency: Double
        var writeLatency: Double
        var atOnce: Double
        var time: Double?
        /// How many trials each of these is from, at least.
        var trials: Int
    }

    private struct Row: Sendable {
        var fit: String
        var read: Int
        var write: Int
        var measured: Figures
        var model: Figures
    }

    func run() throws {
        guard trials >= 1000 else { throw ValidationError("trials: at least 1000") }
        let fits = PBSFit.all.filter { fit == nil || $0.name == fit }
        guard !fits.isEmpty else { throw ValidationError("fit: there is no '\(fit ?? "")'") }
        var cases: [(fit: PBSFit, read: Int, write: Int)] = []
        for fit in fits {
            for read in 1...3 { for write in 1...3 { cases.append((fit, read, write)) } }
        }
        let results = Mutex<[Int: Result<Row, any Error>]>([:])
        let sampled = cases
        DispatchQueue.concurrentPerform(iterations: sampled.count) { index in
            let (fit, read, write) = sampled[index]
            let row = Result { try self.row(fit, read, write) }
            results.withLock { $0[index] = row }
        }
        let rows = try cases.indices.compactMap { index in
            try results.withLock { $0[index] }?.get()
        }
        print(csv ? Self.csv(rows) : Self.table(rows))
        let wrong = rows.filter { !isAsModelled($0) }
        guard !csv else { return }
        let least = rows.map { min($0.measured.trials, $0.model.trials) }.min() ?? 0
        print(
            "p99.9 in ms; t: when 99.9 % of reads see the write, in ms after its commit; each beside "
                + "the model's; at least \(grouped(least)) trials each")
        print("pbs: \(wrong.isEmpty ? "met" : "missed by \(wrong.count) of \(rows.count) rows")")
        if !wrong.isEmpty { throw ArgumentParser.ExitCode(1) }
    }

    private func row(_ fit: PBSFit, _ read: Int, _ write: Int) throws -> Row {
        let run = PBSRun(fit: fit, read: read, write: write)
        let model = WARSModel(fit: fit, read: read, write: write)
        return Row(
            fit: fit.name, read: read, write: write,
            measured: try figures(fit) { count, times, seed in
                try run.trials(count, after: times, seed: seed)
            },
            model: try figures(fit) { count, times, seed in
                model.trials(count, after: times, seed: seed)
            })
    }

    /// The figures of a row, from so many trials at times after the commit, with a seed.
    private func figures(
        _ fit: PBSFit, _ sample: (Int, [Double], UInt64) throws -> PBSTrials
    ) throws -> Figures {
        let atOnce = try sample(trials, [0], seed)
        let later = try later(fit, atOnce, sample)
        return Figures(
            readLatency: quantile(atOnce.reads.sorted(), 0.999),
            writeLatency: quantile(atOnce.writes.sorted(), 0.999), atOnce: atOnce.share(0),
            time: later?.time(at: Self.consistent),
            trials: min(atOnce.reads.count, later?.reads.count ?? .max))
    }

    /// Trials at times around that from which 99.9 % of reads see the write; `nil`: it is later than
    /// all times of the grid. A fifth of the trials looks for it first, and is early by chance rather
    /// than late.
    private func later(
        _ fit: PBSFit, _ atOnce: PBSTrials, _ sample: (Int, [Double], UInt64) throws -> PBSTrials
    ) throws -> PBSTrials? {
        guard atOnce.share(0) < Self.consistent else { return atOnce }
        let grid = Self.grid(of: fit)
        let first = try sample(trials / 5, grid, seed &+ 1)
        var place = grid.indices.first { first.share($0) >= Self.consistent } ?? grid.count
        while place < grid.count {
            let start = grid[max(0, place - 2)]
            let end = grid[min(grid.count - 1, place + 1)]
            let times = (0...4).map {
                ((start + (end - start) * Double($0) / 4) * 1000).rounded() / 1000
            }
            let found = try sample(trials, times, seed &+ 2)
            if found.time(at: Self.consistent) != nil { return found }
            place += 2
        }
        return nil
    }

    private func isAsModelled(_ row: Row) -> Bool {
        // So many trials are beyond the percentile; the heaviest tail, of shape 1.51, makes it least sure.
        let beyond = 0.001 * Double(trials)
        let margin = max(Self.marginShare, 2.8 / beyond.squareRoot())
        func isNear(_ one: Double, _ other: Double) -> Bool {
            abs(one - other) <= max(Self.marginMilliseconds, margin * max(one, other))
        }
        // A time comes from the trials that miss the write at it, one in a thousand.
        func isSoon(_ one: Double?, _ other: Double?) -> Bool {
            guard let one, let other else { return one == nil && other == nil }
            return abs(one - other) <= max(Self.marginMilliseconds, 2 * margin * max(one, other))
        }
        let share = row.model.atOnce
        let chance = 4 * (2 * share * (1 - share) / Double(trials)).squareRoot()
        return abs(row.measured.atOnce - share) <= Self.marginPoints / 100 + chance
            && isNear(row.measured.readLatency, row.model.readLatency)
            && isNear(row.measured.writeLatency, row.model.writeLatency)
            && isSoon(row.measured.time, row.model.time)
    }

    private static func time(_ value: Double?) -> String {
        value.map { decimal($0, places: 2) } ?? "later"
    }

    private static func table(_ rows: [Row]) -> String {
        var table = TextTable([
            .left("fit"), .right("R"), .right("W"), .right("read p99.9"), .right("model"),
            .right("write p99.9"), .right("model"), .right("consistent at t = 0"), .right("model"),
            .right("t"), .right("model"),
        ])
        for row in rows {
            table.add([
                row.fit, "\(row.read)", "\(row.write)",
                decimal(row.measured.readLatency, places: 2),
                decimal(row.model.readLatency, places: 2),
                decimal(row.measured.writeLatency, places: 2),
                decimal(row.model.writeLatency, places: 2),
                decimal(row.measured.atOnce * 100, places: 2) + " %",
                decimal(row.model.atOnce * 100, places: 2) + " %", time(row.measured.time),
                time(row.model.time),
            ])
        }
        return table.text
    }

    private static func csv(_ rows: [Row]) -> String {
        let heading =
            "fit,read,write,read_p999_ms,read_p999_ms_model,write_p999_ms,write_p999_ms_model,"
            + "consistent_at_0,consistent_at_0_model,t_999_ms,t_999_ms_model"
        let lines = rows.map { row in
            let values = [
                row.measured.readLatency, row.model.readLatency, row.measured.writeLatency,
                row.model.writeLatency, row.measured.atOnce, row.model.atOnce,
            ].map { "\($0)" }
            let times = [row.measured.time, row.model.time].map { $0.map { "\($0)" } ?? "" }
            return ([row.fit, "\(row.read)", "\(row.write)"] + values + times)
                .joined(separator: ",")
        }
        return ([heading] + lines).joined(separator: "\n")
    }
}
