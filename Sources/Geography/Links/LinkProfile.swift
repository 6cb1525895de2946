import Determinism

/// In which order a link delivers what was sent on it.
public enum LinkOrdering: String, CaseIterable, Sendable, Codable {
    /// In the order of sending, as one TCP connection does.
    case fifo
    /// Each message by its own delay.
    case none
}

/// The delay of one kind of message on a link: a base and what varies.
public struct DelayModel: Hashable, Sendable, Codable {
    /// The part that is always the same.
    public var base: TimeSpan
    /// What is drawn and added, one sample of each. The sum is never less than zero.
    public var jitters: [DelayDistribution]

    /// A delay of `base` plus one sample of each of `jitters`.
    public init(base: TimeSpan, jitters: [DelayDistribution] = []) {
        self.base = base
        self.jitters = jitters
    }

    /// A delay that is a distribution altogether.
    public init(_ distribution: DelayDistribution) {
        self.init(base: .zero, jitters: [distribution])
    }

    /// The base with the middle of what varies.
    public var typical: TimeSpan {
        jitters.reduce(base) { $0 + $1.typical }
    }

    /// One delay.
    public func sample(using random: inout RandomStream) -> TimeSpan {
        if jitters.isEmpty { return base }
        var sum = base
        for jitter in jitters { sum += jitter.jitter(using: &random) }
        return max(.zero, sum)
    }
}

/// What a directed link is like when nothing is wrong: the part of a scenario's topology that
/// concerns one pair of nodes in one direction.
public struct LinkProfile: Hashable, Sendable, Codable {
    /// The delay of messages of every kind without one of their own.
    public var delay: DelayModel
    /// Delays of single kinds, in place of ``delay``; of two for the same kind the later counts.
    public var delayByKind: [KindDelay]
    /// The base delay of the way back, which acknowledgements take: with ``delay`` it makes the
    /// round trip by which loss is repaired.
    public var returnDelay: TimeSpan
    /// The share of frames that are lost on the way and sent again, 0 to 1.
    public var loss: Double
    /// Bits per second; `nil` for no bound.
    public var bandwidth: UInt64?
    /// The most bytes that wait on the link, for bandwidth or for a heal; what exceeds it is
    /// turned away (``LinkVerdict/full``).
    public var queueBytesMax: Int
    /// The order of delivery.
    public var ordering: LinkOrdering
    /// How long a frame may stay unacknowledged before its connection is reset.
    public var connectionTimeout: TimeSpan

    /// A link with `oneWay` delay and, unless something else is said, nothing more.
    public init(
        oneWay: TimeSpan, jitter: DelayDistribution? = nil, delayByKind: [KindDelay] = [],
        returnDelay: TimeSpan? = nil, loss: Double = 0, bandwidth: UInt64? = nil,
        queueBytesMax: Int = Limits.linkQueueBytesMax, ordering: LinkOrdering = .fifo,
        connectionTimeout: TimeSpan = .seconds(5)
    ) {
        delay = DelayModel(base: oneWay, jitters: jitter.map { [$0] } ?? [])
        self.delayByKind = delayByKind
        self.returnDelay = returnDelay ?? oneWay
        self.loss = loss
        self.bandwidth = bandwidth
        self.queueBytesMax = queueBytesMax
        self.ordering = ordering
        self.connectionTimeout = connectionTimeout
    }
}

/// The delay of one kind of message.
public struct KindDelay: Hashable, Sendable, Codable {
    /// The kind.
    public var kind: MessageKind
    /// Its delay, in place of the link's.
    public var delay: DelayModel

    /// `delay` for messages of `kind`.
    public init(_ kind: MessageKind, _ delay: DelayModel) {
        self.kind = kind
        self.delay = delay
    }
}
