import Determinism
import Replication

/// Two members that had applied the same positions of one order held different states.
public struct StateDiverged: Hashable, Sendable {
    /// When the later of them said so.
    public var time: Instant
    /// The group, by the name of its data type.
    public var group: String
    /// Up to which position both had applied.
    public var position: UInt64
    /// Who said so, and the digest of its state.
    public var node: String
    /// The digest of its state.
    public var digest: String
    /// Who had said something else.
    public var other: String
    /// The digest of the other's state.
    public var otherDigest: String

    /// A difference with these parts.
    public init(
        time: Instant, group: String, position: UInt64, node: String, digest: String,
        other: String, otherDigest: String
    ) {
        self.time = time
        self.group = group
        self.position = position
        self.node = node
        self.digest = digest
        self.other = other
        self.otherDigest = otherDigest
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .stateDiverged, node: node, group: group,
            fields: [
                .init("position", .integer(Int64(clamping: position))),
                .init("digest", .text(digest)), .init("other", .text(other)),
                .init("other_digest", .text(otherDigest)),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .stateDiverged, let group = event.group, let node = event.node,
            let position = event["position"]?.integer, position >= 0,
            let digest = event["digest"]?.text, let other = event["other"]?.text,
            let otherDigest = event["other_digest"]?.text
        else { return nil }
        self.init(
            time: event.time, group: group, position: UInt64(position), node: node,
            digest: digest, other: other, otherDigest: otherDigest)
    }
}

/// A member was in an earlier term than it had been in before.
public struct TermWentBack: Hashable, Sendable {
    /// When it said so.
    public var time: Instant
    /// The group, by the name of its data type.
    public var group: String
    /// Who it is.
    public var node: String
    /// The latest term that it had been in.
    public var from: UInt64
    /// The term that it is in.
    public var to: UInt64

    /// A regress with these parts.
    public init(time: Instant, group: String, node: String, from: UInt64, to: UInt64) {
        self.time = time
        self.group = group
        self.node = node
        self.from = from
        self.to = to
    }

    /// The event that says so.
    public var event: RecordedEvent {
        RecordedEvent(
            time: time, kind: .termWentBack, node: node, group: group,
            fields: [
                .init("from", .integer(Int64(clamping: from))),
                .init("to", .integer(Int64(clamping: to))),
            ])
    }

    /// What `event` says; `nil` when it is of another kind or lacks something.
    public init?(_ event: RecordedEvent) {
        guard event.kind == .termWentBack, let group = event.group, let node = event.node,
            let from = event["from"]?.integer, let to = event["to"]?.integer, from >= 0, to >= 0
        else { return nil }
        self.init(
            time: event.time, group: group, node: node, from: UInt64(from), to: UInt64(to))
    }
}
