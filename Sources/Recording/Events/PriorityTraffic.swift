import Determinism

/// What the messages of one priority met on narrow links during a run.
public struct PriorityTraffic: Hashable, Sendable {
    /// When it was counted.
    public var time: Instant
    /// `high`, `normal` or `low`.
    public var priority: String
    /// The data types of this priority.
    public var dataTypes: [String]
    /// Messages that left on a link while its bandwidth was bounded.
    public var messages: Int64
    /// Their bytes.
    public var bytes: Int64
    /// How long they took on average, in milliseconds, from when they were sent until their last
    /// bit had left: the queue and the link, not the way.
    public var queued: Double

    /// Figures with these parts.
    public init(
        time: Instant, priority: String, dataTypes: [String], messages: Int64, bytes: Int64,
        queued: Double
    ) {
        self.time = time
        self.priority = priority
        self.dataTypes = dataTypes
        self.messages = messages
        self.bytes = bytes
        self.queued = queued
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(time: time, kind: .priorityTraffic, fields: members)
    }

    /// The figures by name.
    public var members: [JSONValue.Member] {
        [
            .init("priority", .text(priority)), .init("data_types", .texts(dataTypes)),
            .init("messages", .integer(messages)), .init("bytes", .integer(bytes)),
            .init("queued_ms", .number(queued)),
        ]
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .priorityTraffic else { return nil }
        self.init(time: event.time) { event[$0] }
    }

    /// What an object says; `nil` when it lacks something.
    public init?(json: JSONValue) {
        self.init(time: .zero) { json[$0] }
    }

    private init?(time: Instant, _ field: (String) -> JSONValue?) {
        guard let priority = field("priority")?.text,
            let dataTypes = field("data_types")?.elements,
            let messages = field("messages")?.integer, let bytes = field("bytes")?.integer,
            let queued = field("queued_ms")?.double
        else { return nil }
        self.init(
            time: time, priority: priority, dataTypes: dataTypes.compactMap(\.text),
            messages: messages, bytes: bytes, queued: queued)
    }
}
