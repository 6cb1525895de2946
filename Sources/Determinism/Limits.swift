/// Every bound of the system, in one place, with the relations between them.
///
/// Bounds are enforced before memory is allocated for what they bound.
public enum Limits {
    /// The largest frame on the wire, in bytes, without its length prefix.
    public static let frameBytesMax = 16 * mebibyte
    /// How many bytes a frame has on the wire besides its payload: length, type and envelope.
    public static let frameOverheadBytes = 31
    /// The largest frame before a connection's Hello was accepted, in bytes.
    public static let helloBytesMax = 4096
    /// The longest key, in bytes.
    public static let keyBytesMax = 1024
    /// The largest value of one write, in bytes.
    public static let valueBytesMax = mebibyte
    /// The most steps of one transaction.
    public static let transactionStepsMax = 32
    /// The most bytes of one transaction's steps: two values of the largest size, as a
    /// compare-and-set has.
    public static let transactionBytesMax = 2 * mebibyte
    /// The most bytes that one transaction reads, so that one message can carry its answer: more
    /// than a list may have.
    public static let transactionReadBytesMax = 6 * mebibyte
    /// The most bytes of a value that members merge, with all that its state remembers: leaves
    /// room in a message for its key and versions.
    public static let mergedStateBytesMax = 6 * mebibyte
    /// The most elements of a list value.
    public static let listElementsMax = 65_536
    /// The most regions of a run.
    public static let regionsMax = 256
    /// The most nodes of a run.
    public static let nodesMax = 1024
    /// The most groups (data types) of a run.
    public static let groupsMax = 64
    /// The most replies that a node holds back for durability or delay, over all connections.
    public static let repliesHeldMax = 1 << 20
    /// The most bytes in one message of the replication protocols: leaves room for the envelope.
    public static let messageBytesMax = 8 * mebibyte
    /// The most bytes of one chunk of a snapshot.
    public static let snapshotChunkBytes = mebibyte
    /// The most bytes queued on one link before senders are told that it is full.
    public static let linkQueueBytesMax = 64 * mebibyte
    /// The most rows of a record's replication log; about 200 bytes each.
    public static let replicationLogRowsMax = 5_000_000
    /// The most requests that a node has taken in and not yet answered.
    public static let requestsInFlightMax = 65_536
    /// The longest name of a user, session, device or address, in bytes.
    public static let sessionTextBytesMax = 256
    /// The longest token of a session, in bytes.
    public static let sessionTokenBytesMax = 4096
    /// The most sessions that a user may have open at one node, or that a list names of each.
    public static let sessionsPerUserMax = 128
    /// The most sessions that one answer lists.
    public static let sessionsListedMax = 16_384
    /// The most sessions of other regions that a node keeps.
    public static let sessionsCachedMax = 65_536
    /// The most bytes of a scenario file.
    public static let scenarioBytesMax = mebibyte

    /// 2 to the power of 20.
    public static let mebibyte = 1 << 20

    /// States that the bounds fit each other; a unit test calls it.
    public static func check() -> Bool {
        messageBytesMax + helloBytesMax < frameBytesMax
            && valueBytesMax + keyBytesMax < messageBytesMax
            && valueBytesMax + keyBytesMax < transactionBytesMax
            && transactionBytesMax + keyBytesMax < messageBytesMax
            && transactionReadBytesMax + transactionStepsMax + keyBytesMax < messageBytesMax
            && snapshotChunkBytes < messageBytesMax
            && valueBytesMax < mergedStateBytesMax
            && mergedStateBytesMax + mebibyte < messageBytesMax
            && regionsMax <= nodesMax
            && nodesMax <= Int(UInt16.max)
    }
}
