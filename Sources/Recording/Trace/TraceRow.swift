import Determinism

/// Something that was sent in a run: a line of `trace.jsonl`. Rows stand in the order of sending.
public struct TraceRow: Hashable, Sendable {
    /// What was sent.
    public var kind: Kind
    /// When it left its sender, from time 0 of the run.
    public var sent: Instant
    /// When its receiver took it in; `nil`: never.
    public var received: Instant?
    /// Whether its link, or a connection that was not there, held it back at first.
    public var wasHeld: Bool
    /// The node that sent it, by name, or `clients of <region>`.
    public var from: String
    /// The node that it was sent to, or `clients of <region>`.
    public var to: String
    /// The data type of the group.
    public var dataType: String
    /// What it says, in the terms of the protocol.
    public var says: String
    /// Its size on the wire, in bytes.
    public var bytes: Int
    /// Whether it only shows that its sender lives.
    public var isKeepAlive: Bool

    /// What can be sent.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// From one member of a group to another.
        case message
        /// From a client to a node.
        case request
        /// From a node to a client.
        case reply
    }

    /// A row with these parts.
    public init(
        _ kind: Kind, sent: Instant, received: Instant? = nil, wasHeld: Bool = false,
        from: String, to: String, dataType: String, says: String, bytes: Int,
        isKeepAlive: Bool = false
    ) {
        self.kind = kind
        self.sent = sent
        self.received = received
        self.wasHeld = wasHeld
        self.from = from
        self.to = to
        self.dataType = dataType
        self.says = says
        self.bytes = bytes
        self.isKeepAlive = isKeepAlive
    }

    /// What rows call the clients that stand beside a region.
    public static func clients(of region: String) -> String { "clients of \(region)" }

    /// The row as an object.
    public var json: JSONValue {
        .members([
            "kind": .text(kind.rawValue), "sent_ns": .integer(sent.nanoseconds),
            "received_ns": .optional(received?.nanoseconds), "held": .flag(wasHeld),
            "from": .text(from), "to": .text(to), "data_type": .text(dataType),
            "says": .text(says), "bytes": .count(bytes), "keep_alive": .flag(isKeepAlive),
        ])
    }

    init(row: RowReader) throws(MalformedRow) {
        let name = try row.text("kind")
        guard let kind = Kind(rawValue: name) else {
            throw MalformedRow("\"kind\" must be message, request or reply, not \"\(name)\"")
        }
        self.init(
            kind, sent: Instant(nanoseconds: try row.time("sent_ns")),
            received: try row.optionalTime("received_ns").map { Instant(nanoseconds: $0) },
            wasHeld: try row.flag("held"), from: try row.text("from"), to: try row.text("to"),
            dataType: try row.text("data_type"), says: try row.text("says"),
            bytes: Int(clamping: try row.integer("bytes")),
            isKeepAlive: try row.flag("keep_alive"))
    }
}
