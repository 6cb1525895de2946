/// Everything that a judgement needs of a record, in memory.
public struct RecordContents: Sendable {
    /// What the run was made with.
    public var run: RunInformation
    /// The resolved scenario, as text.
    public var plan: String
    /// The operations, in order of invocation.
    public var history: History
    /// What happened besides, in the order in which it was recorded.
    public var events: [RecordedEvent]
    /// How each region fared over time.
    public var samples: [Sample]
    /// What each replica held at the end.
    public var final: [FinalRow]
    /// Names of files whose last line was cut off and left out: the run ended in a crash.
    public var truncated: [String]

    /// Contents with these parts.
    public init(
        run: RunInformation, plan: String, history: [HistoryOperation], events: [RecordedEvent],
        samples: [Sample] = [], final: [FinalRow], truncated: [String] = []
    ) {
        self.init(
            run: run, plan: plan, history: History(history), events: events, samples: samples,
            final: final, truncated: truncated)
    }

    /// Contents with these parts.
    public init(
        run: RunInformation, plan: String, history: History, events: [RecordedEvent],
        samples: [Sample] = [], final: [FinalRow], truncated: [String] = []
    ) {
        self.run = run
        self.plan = plan
        self.history = history
        self.events = events
        self.samples = samples
        self.final = final
        self.truncated = truncated
    }
}
