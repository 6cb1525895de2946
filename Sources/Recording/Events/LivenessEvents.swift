import Determinism

/// A core of nodes was healed, connected and shielded from all others, to see whether it gets on.
public struct LivenessBegan: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// The nodes of the core, by name.
    public var core: [String]
    /// How long they may take.
    public var within: TimeSpan

    /// The beginning of a phase with these parts.
    public init(time: Instant, core: [String], within: TimeSpan) {
        self.time = time
        self.core = core
        self.within = within
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .livenessBegan,
            fields: [
                .init("core", .texts(core)), .init("within_ms", .number(within.milliseconds)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .livenessBegan, let core = event["core"]?.elements,
            let within = TimeSpan(recordedMilliseconds: event["within_ms"])
        else { return nil }
        self.init(time: event.time, core: core.compactMap(\.text), within: within)
    }
}

/// Whether the core got on: served clients, and came to agree.
public struct LivenessOutcome: Hashable, Sendable {
    /// When that was clear.
    public var time: Instant
    /// The nodes of the core, by name.
    public var core: [String]
    /// How long after the core was healed it had served everything that was asked of it; `nil` if
    /// it did not in time.
    public var served: TimeSpan?
    /// How long after the clients had stopped all of the core agreed; `nil` if not in time.
    public var agreed: TimeSpan?
    /// What was missing, each in a sentence; empty if nothing was.
    public var missing: [String]

    /// An outcome with these parts.
    public init(
        time: Instant, core: [String], served: TimeSpan?, agreed: TimeSpan?, missing: [String]
    ) {
        self.time = time
        self.core = core
        self.served = served
        self.agreed = agreed
        self.missing = missing
    }

    /// The event that says so.
    public var event: RecordedEvent {
        func milliseconds(_ span: TimeSpan?) -> JSONValue {
            span.map { .number($0.milliseconds) } ?? .null
        }
        return RecordedEvent(
            time: time, kind: .liveness,
            fields: [
                .init("core", .texts(core)), .init("progress", .flag(served != nil)),
                .init("served_ms", milliseconds(served)),
                .init("converged", .flag(agreed != nil)),
                .init("agreed_ms", milliseconds(agreed)), .init("missing", .texts(missing)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .liveness, let core = event["core"]?.elements,
            let missing = event["missing"]?.elements
        else { return nil }
        self.init(
            time: event.time, core: core.compactMap(\.text),
            served: TimeSpan(recordedMilliseconds: event["served_ms"]),
            agreed: TimeSpan(recordedMilliseconds: event["agreed_ms"]),
            missing: missing.compactMap(\.text))
    }
}
