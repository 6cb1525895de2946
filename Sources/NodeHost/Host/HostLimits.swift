import Determinism

/// The bounds of a node's process, besides those in ``Limits``.
enum HostLimits {
    /// The most connections, both ways together.
    static let connectionsMax = 8192
    /// How long a connection may take to say Hello, and a peer to answer it.
    static let helloTime = TimeSpan.seconds(5)
    /// The most bytes that one connection may have under way to this node: beyond that it is
    /// closed.
    static let arrivingBytesMax = Limits.linkQueueBytesMax
    /// The most bytes that wait for one connection to take them: beyond that it is closed.
    static let leavingBytesMax = Limits.linkQueueBytesMax
    /// The most messages of members that one turn of the event loop takes in.
    static let messagesPerTurn = 4096
    /// The most clients' requests that one turn takes in.
    static let requestsPerTurn = 1024
    /// For so long one turn takes in what has come; then the sockets are read again, so that a node
    /// that is slow, or has more to do than it can, goes on hearing its members.
    static let timePerTurn = TimeSpan.milliseconds(5)
    /// How long the event loop of a slow node is left to itself, at least, before a timer has it
    /// turn again. It reads its sockets only when no timer is due, and while the node stands still
    /// they all come due.
    static let pauseOfSlowNodes = TimeSpan.milliseconds(1)
    /// No frame is under way for longer; a due time beyond that is malformed.
    static let travelTimeMax = TimeSpan.seconds(2 * 3600)
    /// With more bytes than this waiting for the disk, clients are told that the node is
    /// overloaded.
    static let journalBytesMax = 128 * Limits.mebibyte
    /// Notes that nobody fetched; beyond that the oldest are forgotten.
    static let notesMax = 100_000
    /// How full the list of notes may be for another of a write that was applied.
    static let replicationNotesMax = 50_000
    /// How often the event loop's punctuality is measured.
    static let tickInterval = TimeSpan.milliseconds(50)
}
