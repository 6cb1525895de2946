import ArgumentParser
import Consistency
import Foundation
import Recording
import Reporting
import Scenarios

/// `meridian-bench check`: how fast histories are read and checked.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Time and memory of consistency checks; what is solved within 10 s.")

    @OptionGroup var place: Workplace

    @Flag(inversion: .prefixedNo, help: "Whether the curves are measured.")
    var curves = true

    private static let secondsMax = (
        million: 2.0, hotKey: 1.0, causal: 10.0, recorded: 0.05, curve: 10.0
    )
    private static let bytesMax = 1_000_000_000
    static let loadingRateMin = 100.0

    func run() throws {
        print("check: histories on disk, each in a process of its own; \(HostFigures.summary)")
        var isMet = try measureRegisters()
        isMet = try measureSessions() && isMet
        isMet = try measureTransactions() && isMet
        isMet = try measureRecorded() && isMet
        if curves {
            try measureGrowth()
            try measureConcurrency()
        }
        print("check: \(isMet ? "met" : "missed")")
        if !isMet { throw ArgumentParser.ExitCode(1) }
    }

    // MARK: Single figures

    private func measureRegisters() throws -> Bool {
        var table = CheckTable("registers, every value written once")
        let million = try measured(
            RegisterHistoryDraw(operations: 1_000_000, processes: 100, keys: 1000))
        let hot = try measured(RegisterHistoryDraw(operations: 100_000, processes: 50))
        table.add("1,000 keys, 100 processes", million)
        table.add("one key, 50 processes", hot)
        print(table.text)
        let isMet =
            million.verdict == "valid" && hot.verdict == "valid"
            && million.checkingSeconds <= Self.secondsMax.million
            && million.bytesMax <= Self.bytesMax
            && hot.checkingSeconds <= Self.secondsMax.hotKey
            && million.loadingRate >= Self.loadingRateMin
        print(
            "targets: \(decimal(Self.secondsMax.million, places: 0)) s and "
                + "\(bytes(Self.bytesMax)); \(decimal(Self.secondsMax.hotKey, places: 0)) s; "
                + "\(decimal(Self.loadingRateMin, places: 0)) MB/s: \(isMet ? "met" : "missed")\n")
        return isMet
    }

    /// A million operations of 100 sessions on causal memory, by each form of causal consistency
    /// that it keeps, and on a convergent one.
    private func measureSessions() throws -> Bool {
        var table = CheckTable("registers of 100 sessions, every value written once")
        var isMet = true
        for (choice, models) in [
            (HistoryGenerator.Choice.lastApplied, [ConsistencyModel.causal, .causalMemory]),
            (.latestInLog, [.causal, .causalConvergence]),
        ] {
            let draw = SessionHistoryDraw(operations: 1_000_000, sessions: 100, choice: choice)
            try place.withFile(of: draw.drawn()) { path in
                for model in models {
                    let arguments = ["--kind", ObjectKind.register.rawValue, "--model"]
                    guard let run = try CheckRun.measured(path, arguments + [model.rawValue])
                    else { throw BenchFailure("a check took longer than ten minutes") }
                    table.add("\(choice.rawValue), \(model.rawValue)", run)
                    isMet =
                        isMet && run.verdict == "valid"
                        && run.checkingSeconds <= Self.secondsMax.causal
                }
            }
        }
        print(table.text)
        print(
            "target: \(decimal(Self.secondsMax.causal, places: 0)) s: "
                + "\(isMet ? "met" : "missed")\n")
        return isMet
    }

    private func measureTransactions() throws -> Bool {
        var table = CheckTable("transactions of 100 processes, 50 at once")
        var isMet = true
        for kind in TransactionHistory.Kind.allCases {
            let draw = TransactionDraw(kind: kind, count: 1_000_000)
            let run = try place.withFile(of: draw.history(seed: 1)) {
                try CheckRun.measured($0, CheckTransactionsCommand.arguments)
            }
            guard let run else { throw BenchFailure("a check took longer than ten minutes") }
            table.add("\(kind.rawValue), strict-serializable", run)
            isMet = CheckTransactionsCommand.isMet(run) && isMet
        }
        print(table.text)
        print(
            "targets: 10 s; 3 GB; \(decimal(Self.loadingRateMin, places: 0)) MB/s: "
                + "\(isMet ? "met" : "missed")\n")
        return isMet
    }

    /// The histories that others recorded, if there are any: all of them in one process.
    private func measureRecorded() throws -> Bool {
        guard let folder = ProcessInfo.processInfo.environment["MERIDIAN_HISTORIES"] else {
            print("recorded histories: MERIDIAN_HISTORIES names no folder\n")
            return true
        }
        let table = try String(contentsOfFile: folder + "/verdicts.csv", encoding: .utf8)
        let rows = table.split(separator: "\n").dropFirst().map {
            $0.split(separator: ",").map(String.init)
        }
        var times: [Double] = []
        var wrong: [String] = []
        for _ in 0..<5 {
            let started = ContinuousClock.now
            for row in rows {
                guard let kind = ObjectKind(rawValue: row[1]) else {
                    throw BenchFailure("verdicts.csv: no model \(row[1])")
                }
                let file = try HistoryFile(path: folder + "/" + row[0])
                let result = Linearizability.check(
                    file.history, dataType: History.dataTypeOfOthers, kind: kind)
                if result.verdict.rawValue != row[2] { wrong.append(row[0]) }
            }
            times.append((.now - started).seconds)
        }
        let median = times.sorted()[times.count / 2]
        let isMet = wrong.isEmpty && median <= Self.secondsMax.recorded
        print(
            "recorded histories: \(rows.count) files read and checked in "
                + "\(decimal(median * 1000, places: 1)) ms (median of \(times.count); target "
                + "\(decimal(Self.secondsMax.recorded * 1000, places: 0)) ms)"
                + (wrong.isEmpty ? "" : ", wrong verdicts: \(Set(wrong).sorted())")
                + ": \(isMet ? "met" : "missed")\n")
        return isMet
    }

    // MARK: Curves

    private func measureGrowth() throws {
        var table = CheckTable("100 processes, a thousandth as many keys")
        for count in [10_000, 100_000, 1_000_000, 10_000_000] {
            let run = try measured(
                RegisterHistoryDraw(operations: count, processes: 100, keys: max(10, count / 1000)))
            table.add("\(grouped(count))", run)
        }
        print(table.text + "\n")
    }

    /// Of few values, so that times alone decide nothing.
    private func measureConcurrency() throws {
        let concurrencies = [10, 30, 100, 300, 1000]
        var table = TextTable(
            [.left("cas-register of 5 values, solved of 5 within 10 s"), .left("histories")]
                + concurrencies.map { .right("\($0) at once") })
        for unknown in [0.0, 0.05, 0.2] {
            for isInvalid in [false, true] {
                var cells = [
                    "\(decimal(unknown * 100, places: 0)) % unknown",
                    isInvalid ? "invalid" : "valid",
                ]
                for processes in concurrencies {
                    cells.append(try solved(processes, unknown, isInvalid))
                }
                table.add(cells)
            }
        }
        print(table.text + "\n")
    }

    private func solved(_ processes: Int, _ unknown: Double, _ isInvalid: Bool) throws -> String {
        var solved = 0
        for seed in 1...5 as ClosedRange<UInt64> {
            let draw = RegisterHistoryDraw(
                operations: 10 * processes, processes: processes, unknownShare: unknown, values: 5,
                casShare: 0.3, isInvalid: isInvalid, seed: seed)
            let run = try place.withFile(of: draw.drawn()) {
                try CheckRun.measured($0, [], limit: Self.secondsMax.curve)
            }
            if let run, run.verdict != "unknown" { solved += 1 }
        }
        return "\(solved)"
    }

    // MARK: Files

    private func measured(_ draw: RegisterHistoryDraw) throws -> CheckRun {
        let run = try place.withFile(of: draw.drawn()) { try CheckRun.measured($0, []) }
        guard let run else { throw BenchFailure("a check took longer than ten minutes") }
        return run
    }

}
