import Determinism

/// What one node used from time 0 of the run until its members agreed at the end, in all its
/// launches together.
public struct NodeUsage: Hashable, Sendable {
    /// When it was counted.
    public var time: Instant
    /// The node, by name.
    public var node: String
    /// Processor time of all its threads, in user mode and in the kernel.
    public var processorTime: TimeSpan
    /// Processor time of its machine alone: what it did with messages, requests, timers and commits,
    /// as if the processor were not slow.
    public var workTime: TimeSpan
    /// Memory resident at the end, in bytes.
    public var residentBytes: Int64
    /// Commits of its journal: each is one sync of the disk.
    public var commits: Int64
    /// Records in those commits.
    public var records: Int64
    /// How long all commits took together.
    public var commitTime: TimeSpan
    /// Messages of other nodes that were sent to it, keep-alives included.
    public var messages: Int64

    /// A usage with these parts.
    public init(
        time: Instant, node: String, processorTime: TimeSpan,
        workTime: TimeSpan = .zero, residentBytes: Int64, commits: Int64, records: Int64,
        commitTime: TimeSpan,
        messages: Int64 = 0
    ) {
        self.time = time
        self.node = node
        self.processorTime = processorTime
        self.workTime = workTime
        self.residentBytes = residentBytes
        self.commits = commits
        self.records = records
        self.commitTime = commitTime
        self.messages = messages
    }

    /// How long a commit took on average; zero if there was none.
    public var commitMean: TimeSpan { commits > 0 ? commitTime / commits : .zero }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .nodeUsage, node: node,
            fields: [
                .init("processor_ms", .number(processorTime.milliseconds)),
                .init("work_ms", .number(workTime.milliseconds)),
                .init("resident_bytes", .integer(residentBytes)),
                .init("commits", .integer(commits)), .init("records", .integer(records)),
                .init("commit_ms", .number(commitTime.milliseconds)),
                .init("messages", .integer(messages)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .nodeUsage, let node = event.node,
            let processorTime = TimeSpan(recordedMilliseconds: event["processor_ms"]),
            let residentBytes = event["resident_bytes"]?.integer,
            let commits = event["commits"]?.integer, let records = event["records"]?.integer,
            let commitTime = TimeSpan(recordedMilliseconds: event["commit_ms"])
        else { return nil }
        self.init(
            time: event.time, node: node, processorTime: processorTime,
            workTime: TimeSpan(recordedMilliseconds: event["work_ms"]) ?? .zero,
            residentBytes: residentBytes, commits: commits, records: records,
            commitTime: commitTime, messages: event["messages"]?.integer ?? 0)
    }
}
