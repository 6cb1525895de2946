/// What a run was made with, and everything about it that a wall clock said: `run.json`.
///
/// Everything else in a record of virtual time is the same for the same seed.
public struct RunInformation: Hashable, Sendable {
    /// The version of Meridian.
    public var meridian: String
    /// The compiler and its version.
    public var toolchain: String
    /// The latency data used, by matrix: its name, source and date in one line.
    public var latencyData: String
    /// The command line.
    public var commandLine: [String]
    /// Which engine ran it.
    public var engine: Engine
    /// The name of the scenario.
    public var scenario: String
    /// The seed.
    public var seed: UInt64
    /// The host: operating system, processors, memory.
    public var host: [JSONValue.Member]
    /// Whether the run came to its end and everything is recorded. Written as `false` at the
    /// start and rewritten at the end.
    public var isComplete: Bool
    /// Why the run is not complete, where that is known.
    public var failure: String?
    /// When it started, as in `2026-01-31T12:00:00Z`.
    public var startedAt: String
    /// When it ended; `nil` while it runs and after a crash.
    public var endedAt: String?
    /// How long it took by the wall clock, launch and convergence included, in milliseconds.
    public var wallMilliseconds: Double?

    /// How many messages, requests and answers were delivered; in virtual time only.
    public var delivered: Int64?

    /// How many lines each file of rows has, its first among them, by the file's name; empty while the
    /// run goes on, and if it was not said.
    public var lines: [String: Int] = [:]

    /// What carried out a run.
    public enum Engine: String, CaseIterable, Hashable, Sendable {
        /// Real processes over real sockets.
        case processes
        /// Virtual time in one process.
        case virtual
    }

    /// What is known when a run starts.
    public init(
        meridian: String, toolchain: String, latencyData: String, commandLine: [String],
        engine: Engine, scenario: String, seed: UInt64, host: [JSONValue.Member],
        startedAt: String
    ) {
        self.meridian = meridian
        self.toolchain = toolchain
        self.latencyData = latencyData
        self.commandLine = commandLine
        self.engine = engine
        self.scenario = scenario
        self.seed = seed
        self.host = host
        self.startedAt = startedAt
        isComplete = false
    }

    var json: JSONValue {
        .members([
            "schema": .text(RecordSchema.run.name), "meridian": .text(meridian),
            "toolchain": .text(toolchain), "latency_data": .text(latencyData),
            "command_line": .texts(commandLine), "engine": .text(engine.rawValue),
            "scenario": .text(scenario), "seed": .text(String(seed)), "host": .object(host),
            "complete": .flag(isComplete), "failure": .optional(failure),
            "started_at": .text(startedAt), "ended_at": .optional(endedAt),
            "wall_ms": .optional(wallMilliseconds), "delivered": .optional(delivered),
            "lines": .object(
                lines.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .count($0.value)) }),
        ])
    }

    init(row: RowReader) throws(MalformedRow) {
        let name = try row.text("engine")
        guard let engine = Engine(rawValue: name) else {
            throw MalformedRow("\"engine\" must be processes or virtual, not \"\(name)\"")
        }
        guard let seed = UInt64(try row.text("seed")) else {
            throw MalformedRow("\"seed\" must be a whole number in a string")
        }
        guard let host = try row.value("host").members else {
            throw MalformedRow("\"host\" must be an object")
        }
        self.init(
            meridian: try row.text("meridian"), toolchain: try row.text("toolchain"),
            latencyData: try row.text("latency_data"),
            commandLine: try row.texts("command_line"), engine: engine,
            scenario: try row.text("scenario"), seed: seed, host: host,
            startedAt: try row.text("started_at"))
        isComplete = try row.flag("complete")
        failure = try row.optionalText("failure")
        endedAt = try row.optionalText("ended_at")
        wallMilliseconds = try row.optionalDouble("wall_ms")
        delivered = row.row["delivered"]?.integer
        for member in row.row["lines"]?.members ?? [] {
            guard let count = member.value.integer else {
                throw MalformedRow("\"lines\" must be numbers of lines")
            }
            lines[member.name] = Int(count)
        }
    }
}
