import Determinism

/// Whether the members of all groups came to agree at the end.
public struct Convergence: Hashable, Sendable {
    /// When that was clear.
    public var time: Instant
    /// Whether they agree.
    public var converged: Bool
    /// How long after the later of the last heal and the last client's stop; for members that did
    /// not agree how long was waited.
    public var after: TimeSpan
    /// The digest of the logical state of each group at each live member.
    public var digests: [Digest]
    /// Members that were killed for good, by node name: left out.
    public var leftOut: [String]

    /// The digest of one group's state at one node.
    public struct Digest: Hashable, Sendable {
        /// The data type of the group.
        public var group: String
        /// The node.
        public var node: String
        /// The digest, 32 hexadecimal digits.
        public var digest: String
        /// The digest of `group` at `node`.
        public init(group: String, node: String, digest: String) {
            self.group = group
            self.node = node
            self.digest = digest
        }
    }

    /// A finding with these parts.
    public init(
        time: Instant, converged: Bool, after: TimeSpan, digests: [Digest],
        leftOut: [String] = []
    ) {
        self.time = time
        self.converged = converged
        self.after = after
        self.digests = digests
        self.leftOut = leftOut
    }

    /// The event that says so.
    public var event: RecordedEvent {
        let rows = digests.map { row in
            JSONValue.members([
                "group": .text(row.group), "node": .text(row.node), "digest": .text(row.digest),
            ])
        }
        return RecordedEvent(
            time: time, kind: converged ? .converged : .notConverged,
            fields: [
                .init("ms", .number(after.milliseconds)), .init("digests", .list(rows)),
                .init("left_out", .texts(leftOut)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .converged || event.kind == .notConverged,
            let after = TimeSpan(recordedMilliseconds: event["ms"])
        else { return nil }
        self.init(
            time: event.time, converged: event.kind == .converged,
            after: after,
            digests: (event["digests"]?.elements ?? []).compactMap { row in
                guard let group = row["group"]?.text, let node = row["node"]?.text,
                    let digest = row["digest"]?.text
                else { return nil }
                return Digest(group: group, node: node, digest: digest)
            },
            leftOut: (event["left_out"]?.elements ?? []).compactMap(\.text))
    }
}

extension TimeSpan {
    /// The milliseconds of an event; `nil` if they are none, or more than decades.
    init?(recordedMilliseconds json: JSONValue?) {
        guard let milliseconds = json?.double, milliseconds.magnitude < 1e12 else { return nil }
        self = .milliseconds(milliseconds)
    }
}

/// Quantiles of something measured in milliseconds.
public struct MillisecondQuantiles: Hashable, Sendable {
    /// Half were below.
    public var p50: Double
    /// 99 of 100 were below.
    public var p99: Double
    /// None was above.
    public var max: Double

    /// These quantiles, in milliseconds.
    public init(p50: Double, p99: Double, max: Double) {
        self.p50 = p50
        self.p99 = p99
        self.max = max
    }

    /// All zero: what a run in virtual time has.
    public static let zero = MillisecondQuantiles(p50: 0, p99: 0, max: 0)

    /// As an object.
    public var json: JSONValue {
        .members(["p50": .number(p50), "p99": .number(p99), "max": .number(max)])
    }

    /// What an object says; `nil` when it lacks something.
    public init?(json: JSONValue?) {
        guard let p50 = json?["p50"]?.double, let p99 = json?["p99"]?.double,
            let max = json?["max"]?.double
        else { return nil }
        self.init(p50: p50, p99: p99, max: max)
    }
}

/// What the run cost the network, keep-alives included; probes and control traffic are not.
public struct NetworkTotals: Hashable, Sendable {
    /// When it was counted.
    public var time: Instant
    /// Messages between nodes.
    public var messages: Int64
    /// Their bytes on the wire.
    public var bytes: Int64
    /// The bytes that went from one region to another.
    public var crossRegionBytes: Int64
    /// How far the links were from the delay that they should have had.
    public var delayError: MillisecondQuantiles

    /// Totals with these parts.
    public init(
        time: Instant, messages: Int64, bytes: Int64, crossRegionBytes: Int64,
        delayError: MillisecondQuantiles
    ) {
        self.time = time
        self.messages = messages
        self.bytes = bytes
        self.crossRegionBytes = crossRegionBytes
        self.delayError = delayError
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .networkTotals,
            fields: [
                .init("messages", .integer(messages)), .init("bytes", .integer(bytes)),
                .init("cross_region_bytes", .integer(crossRegionBytes)),
                .init("delay_error_ms", delayError.json),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .networkTotals, let messages = event["messages"]?.integer,
            let bytes = event["bytes"]?.integer,
            let crossRegionBytes = event["cross_region_bytes"]?.integer,
            let delayError = MillisecondQuantiles(json: event["delay_error_ms"])
        else { return nil }
        self.init(
            time: event.time, messages: messages, bytes: bytes,
            crossRegionBytes: crossRegionBytes, delayError: delayError)
    }
}

/// How late the clients and event loops of the harness ran.
public struct HarnessLag: Hashable, Sendable {
    /// When it was counted.
    public var time: Instant
    /// How late they were.
    public var lag: MillisecondQuantiles

    /// The lag measured until `time`.
    public init(time: Instant, lag: MillisecondQuantiles) {
        self.time = time
        self.lag = lag
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .harnessLag, fields: [.init("ms", lag.json)])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .harnessLag, let lag = MillisecondQuantiles(json: event["ms"]) else {
            return nil
        }
        self.init(time: event.time, lag: lag)
    }
}

/// Two concurrent writes of a key met at a replica. Every replica that sees it says so; figures
/// count each pair of versions once.
public struct ConflictMet: Hashable, Sendable {
    /// The data type.
    public var group: String
    /// The key.
    public var key: String
    /// The version that was kept; of two that were both kept the smaller text.
    public var winner: String
    /// The version that was discarded, or the other of two that were kept.
    public var loser: String
    /// The rule that decided; `nil` when both were kept.
    public var rule: String?

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard let key = event["key"]?.text else { return nil }
        group = event.group ?? ""
        self.key = key
        if event.kind == .conflictResolved {
            guard let winner = event["winner"]?.text, let loser = event["loser"]?.text else {
                return nil
            }
            self.winner = winner
            self.loser = loser
            rule = event["rule"]?.text ?? "unnamed"
        } else if event.kind == .conflictKept {
            guard let first = event["first"]?.text, let second = event["second"]?.text else {
                return nil
            }
            winner = min(first, second)
            loser = max(first, second)
        } else {
            return nil
        }
    }
}
