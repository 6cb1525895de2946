import Determinism
import Recording

/// The part of a trace that is to be shown: messages, and what happened meanwhile.
public struct TraceSelection: Sendable {
    /// The rows chosen, in the order of sending.
    public private(set) var rows: [TraceRow]
    /// What happened, in order of time.
    public private(set) var events: [RecordedEvent]
    /// How many rows more the choice would have had without its limit.
    public private(set) var leftOut = 0

    /// The faults that are in force meanwhile, whenever they struck.
    public private(set) var faults: [Fault] = []

    /// A fault that is in force in the time shown.
    public struct Fault: Hashable, Sendable {
        /// Its identity in the Plan.
        public var id: String
        /// What kind of fault it is.
        public var kind: String
        /// What it struck: nodes, or regions with all that is in them.
        public var targets: [String]
        /// When it struck; `nil`: before what is shown.
        public var start: Instant?
        /// When it ended; `nil`: after what is shown.
        public var end: Instant?

        /// Whether it struck `participant`, or all of its region.
        public func strikes(_ participant: String) -> Bool {
            targets.contains { Choice.isPart(participant, of: $0) }
        }
    }

    /// What to choose.
    public struct Choice: Hashable, Sendable {
        /// From when; `nil`: from the beginning.
        public var from: Instant?
        /// Until when; `nil`: to the end.
        public var until: Instant?
        /// The participants whose rows are wanted: nodes, regions (all that is in them), or
        /// `clients of <region>`. Empty: all.
        public var names: [String]
        /// Whether rows that only show that their senders live are wanted.
        public var hasKeepAlives: Bool
        /// The most rows; `nil`: all.
        public var limit: Int?

        /// A choice with these parts.
        public init(
            from: Instant? = nil, until: Instant? = nil, names: [String] = [],
            hasKeepAlives: Bool = true, limit: Int? = nil
        ) {
            self.from = from
            self.until = until
            self.names = names
            self.hasKeepAlives = hasKeepAlives
            self.limit = limit
        }

        /// Whether `participant` is one that is wanted.
        public func wants(_ participant: String) -> Bool {
            names.isEmpty || names.contains { Self.isPart(participant, of: $0) }
        }

        /// Whether `participant` is what `name` names, or in the region of that name.
        public static func isPart(_ participant: String, of name: String) -> Bool {
            participant == name || participant.hasPrefix(name + "/")
        }

        private func contains(_ instant: Instant) -> Bool {
            (from.map { instant >= $0 } ?? true) && (until.map { instant <= $0 } ?? true)
        }

        /// Whether the row is wanted: one that was under way in the time chosen, too.
        func wants(_ row: TraceRow) -> Bool {
            guard hasKeepAlives || !row.isKeepAlive, wants(row.from) || wants(row.to) else {
                return false
            }
            guard let received = row.received else { return contains(row.sent) }
            return (from.map { received >= $0 } ?? true) && (until.map { row.sent <= $0 } ?? true)
        }

        /// Whether the event is wanted. One of the run as a whole is, whatever the names.
        func wants(_ event: RecordedEvent) -> Bool {
            contains(event.time) && !Self.measurements.contains(event.kind)
                && (event.node.map(wants) ?? true)
        }

        /// What is measured rather than happens.
        private static let measurements: Set<RecordedEvent.Kind> = [
            .faultEvidence, .networkTotals, .priorityTraffic, .replicationLog, .harnessLag,
            .nodeUsage,
            RecordedEvent.Kind(rawValue: "applied"),
        ]
    }

    /// What `choice` takes of a trace and of the events of its run.
    public init(_ rows: [TraceRow], events: [RecordedEvent], _ choice: Choice) {
        let wanted = rows.filter(choice.wants)
        self.rows = choice.limit.map { Array(wanted.prefix($0)) } ?? wanted
        leftOut = wanted.count - self.rows.count
        let chosen = events.filter(choice.wants)
        self.events = chosen.indices.sorted {
            (chosen[$0].time, $0) < (chosen[$1].time, $1)
        }.map { chosen[$0] }
        // What happened after the last row shown would only seem to have nothing beside it.
        if leftOut > 0, let last = self.rows.last {
            self.events.removeAll { $0.time > last.sent }
        }
        faults = faults(in: events)
    }

    private func faults(in events: [RecordedEvent]) -> [Fault] {
        let sent = rows.map(\.sent) + self.events.map(\.time)
        let shown = sent + rows.compactMap(\.received)
        guard let first = sent.min(), let last = shown.max() else { return [] }
        let ends = events.compactMap(FaultEnded.init)
        return events.compactMap(FaultStarted.init).compactMap { strike in
            let end = ends.first { $0.id == strike.id }?.time
            guard strike.time <= last, end.map({ $0 >= first }) ?? true else { return nil }
            return Fault(
                id: strike.id, kind: strike.kind, targets: strike.targets,
                start: strike.time >= first ? strike.time : nil,
                end: end.flatMap { $0 <= last ? $0 : nil })
        }
    }

    /// A sentence about what was left out; `nil` if that is nothing.
    public var remark: String? {
        leftOut == 0
            ? nil
            : "\(grouped(leftOut)) more \(leftOut == 1 ? "message" : "messages") left out; "
                + "--from, --until, --node and --limit choose others"
    }
}
