/// What a directed link did: the evidence that a fault on it took effect.
///
/// Frames that only show that their sender lives are counted by themselves, and so are probes:
/// neither is an effect. All numbers count from the link's creation.
public struct LinkCounters: Hashable, Sendable, Codable {
    /// Frames that the host offered, keep-alives apart.
    public var framesOffered = 0
    /// Bytes of frames offered, keep-alives included.
    public var bytesOffered = 0
    /// Frames that got a due time, at once or after having been held.
    public var framesStamped = 0
    /// Bytes of frames that got a due time, keep-alives included.
    public var bytesStamped = 0
    /// Frames that were held for a while.
    public var framesHeld = 0
    /// Frames that were held and then lost when their connection was reset.
    public var framesLostInReset = 0
    /// Frames that vanished at the message layer.
    public var framesDropped = 0
    /// Frames sent into a connection whose other end had gone.
    public var framesOrphaned = 0
    /// Frames that the host offered without a connection.
    public var framesUnconnected = 0
    /// Frames turned away because the link's queue was full.
    public var framesTurnedAway = 0
    /// Frames that were lost on the way and resent.
    public var framesResent = 0
    /// Frames stamped while delay, jitter, loss or bandwidth were other than in the profile.
    public var framesImpaired = 0
    /// Keep-alives offered.
    public var keepAlivesOffered = 0
    /// Keep-alives that were held, dropped or turned away.
    public var keepAlivesStopped = 0
    /// Connections that were torn down: by silence, by an action, or by the peer's end.
    public var resets = 0
    /// Of those, the ones that an action tore down.
    public var resetsInjected = 0
    /// Attempts to connect that the link's conditions prevented.
    public var connectionsPrevented = 0
    /// Probes asked for.
    public var probesSent = 0
    /// Probes that did not pass.
    public var probesLost = 0
    /// Frames that waited for a narrow link because others were under way or more urgent.
    public var framesQueued = 0
    /// Frames of high priority that left while the link was narrow; zero where priorities do not
    /// count.
    public var highFrames = 0
    /// Their bytes.
    public var highBytes = 0
    /// How long they took to leave, together, in nanoseconds.
    public var highNanoseconds = 0
    /// Frames of normal priority that left while the link was narrow; zero where priorities do not
    /// count.
    public var normalFrames = 0
    /// Their bytes.
    public var normalBytes = 0
    /// How long they took to leave, together, in nanoseconds.
    public var normalNanoseconds = 0
    /// Frames of low priority that left while the link was narrow; zero where priorities do not
    /// count.
    public var lowFrames = 0
    /// Their bytes.
    public var lowBytes = 0
    /// How long they took to leave, together, in nanoseconds.
    public var lowNanoseconds = 0

    /// All zero.
    public init() {}

    /// Whether the link kept frames of the protocol, or a connection, from what they would have
    /// had without a fault.
    public var showsEffect: Bool {
        framesHeld + framesDropped + framesLostInReset + framesImpaired + resetsInjected
            + connectionsPrevented > 0
    }
}

extension LinkCounters {
    /// What frames of `priority` met while the link was narrow.
    public subscript(priority: TrafficPriority) -> PriorityCounters {
        switch priority {
        case .high:
            PriorityCounters(frames: highFrames, bytes: highBytes, nanoseconds: highNanoseconds)
        case .normal:
            PriorityCounters(
                frames: normalFrames, bytes: normalBytes, nanoseconds: normalNanoseconds)
        case .low:
            PriorityCounters(frames: lowFrames, bytes: lowBytes, nanoseconds: lowNanoseconds)
        }
    }

    mutating func count(_ priority: TrafficPriority, bytes: Int, nanoseconds: Int) {
        switch priority {
        case .high:
            highFrames += 1
            highBytes += bytes
            highNanoseconds += nanoseconds
        case .normal:
            normalFrames += 1
            normalBytes += bytes
            normalNanoseconds += nanoseconds
        case .low:
            lowFrames += 1
            lowBytes += bytes
            lowNanoseconds += nanoseconds
        }
    }

    /// What was counted since `earlier`, a reading of the same link.
    public func since(_ earlier: LinkCounters) -> LinkCounters {
        var result = self
        for field in Self.fields { result[keyPath: field] -= earlier[keyPath: field] }
        return result
    }

    /// The sum over two links.
    public static func + (left: LinkCounters, right: LinkCounters) -> LinkCounters {
        var result = left
        for field in Self.fields { result[keyPath: field] += right[keyPath: field] }
        return result
    }

    private static var fields: [WritableKeyPath<LinkCounters, Int>] {
        [
            \.framesOffered, \.bytesOffered, \.framesStamped, \.bytesStamped, \.framesHeld,
            \.framesLostInReset, \.framesDropped, \.framesOrphaned, \.framesUnconnected,
            \.framesTurnedAway,
            \.framesResent, \.framesImpaired, \.keepAlivesOffered, \.keepAlivesStopped, \.resets,
            \.resetsInjected, \.connectionsPrevented, \.probesSent, \.probesLost,
            \.framesQueued, \.highFrames, \.highBytes, \.highNanoseconds, \.normalFrames,
            \.normalBytes, \.normalNanoseconds, \.lowFrames, \.lowBytes, \.lowNanoseconds,
        ]
    }
}
