import Determinism

/// What one active fault does to one directed link.
///
/// A link's state is the fold of the conditions of all active faults, in the order of the
/// scenario file, over its profile: see ``LinkProfile/under(_:)``. A heal removes its own
/// condition and nothing else. A reset is an action, not a condition: ``Link/reset(now:into:)``.
public enum LinkCondition: Hashable, Sendable, Codable {
    /// Nothing passes, at the packet layer: a partition, an isolated region, a link that is cut.
    /// What is sent is held as TCP holds it, and no new connection opens.
    case held
    /// Messages vanish one by one while the connection lives: a cut at the message layer.
    case dropped
    /// The opposite direction is cut at the packet layer, so acknowledgements are lost: up to
    /// `window` bytes pass, then the sender stalls. No new connection opens.
    case acknowledgementsLost(window: Int)
    /// New connections fail; one that is open lives on.
    case connectionsRefused
    /// Every delay is longer by this much.
    case extraDelay(TimeSpan)
    /// Every delay is this many times as long, what varies included.
    case delayFactor(Double)
    /// Every delay has one more sample of this added.
    case extraJitter(DelayDistribution)
    /// Frames are lost with this probability besides those that are lost anyway.
    case extraLoss(Double)
    /// No more than this many bits per second pass; of several bounds the narrowest counts.
    case bandwidth(UInt64)

    /// What a sender may have unacknowledged on a connection: 64 KiB, TCP's window without
    /// scaling.
    public static let defaultWindow = 65_536
}

/// What passes on a link.
public enum LinkFlow: String, Sendable, Codable {
    /// Everything.
    case open
    /// Nothing; it is held and sent again later.
    case held
    /// Nothing; it is gone.
    case dropped
}

/// A link's profile with the conditions of all active faults folded in.
public struct EffectiveLink: Hashable, Sendable {
    /// What passes. Held outweighs dropped, which outweighs open.
    public internal(set) var flow = LinkFlow.open
    /// The bytes that pass before the sender stalls, while acknowledgements are lost.
    public internal(set) var window: Int?
    /// Whether new connections are refused, apart from those that ``flow`` or ``window`` prevent.
    public internal(set) var refusesConnections = false
    /// The share of frames lost on the way.
    public internal(set) var loss: Double
    /// Bits per second, if bounded.
    public internal(set) var bandwidth: UInt64?
    /// The delay of each kind of message, by its raw value.
    public internal(set) var delays: [DelayModel]
    /// Whether delay, jitter, loss or bandwidth are other than in the profile.
    public internal(set) var isImpaired = false
    /// The time from sending to the acknowledgement, jitter aside.
    public internal(set) var roundTrip: TimeSpan = .zero

    /// Whether a new connection can open.
    public var allowsConnections: Bool {
        flow != .held && window == nil && !refusesConnections
    }

    init(_ profile: LinkProfile) {
        loss = profile.loss
        bandwidth = profile.bandwidth.map { max(1, $0) }
        delays = Array(repeating: profile.delay, count: MessageKind.allCases.count)
        for entry in profile.delayByKind { delays[Int(entry.kind.rawValue)] = entry.delay }
    }

    mutating func apply(_ condition: LinkCondition) {
        switch condition {
        case .held:
            flow = .held
        case .dropped:
            if flow == .open { flow = .dropped }
        case .acknowledgementsLost(let bytes):
            window = min(window ?? bytes, max(0, bytes))
        case .connectionsRefused:
            refusesConnections = true
        case .extraDelay(let span):
            for kind in delays.indices {
                let bounded = min(
                    DelayDistribution.sampleMax, max(-DelayDistribution.sampleMax, span))
                delays[kind].base = max(.zero, delays[kind].base + bounded)
            }
            isImpaired = isImpaired || span != .zero
        case .delayFactor(let factor):
            let factor = max(0, factor)
            for kind in delays.indices {
                delays[kind].base = DelayDistribution.scaled(delays[kind].base, by: factor)
                delays[kind].jitters = delays[kind].jitters.map { $0.scaled(by: factor) }
            }
            isImpaired = isImpaired || factor != 1
        case .extraJitter(let distribution):
            for kind in delays.indices { delays[kind].jitters.append(distribution) }
            isImpaired = true
        case .extraLoss(let share):
            loss = 1 - (1 - loss) * (1 - min(1, max(0, share)))
            isImpaired = isImpaired || share > 0
        case .bandwidth(let bits):
            let narrowed = min(bandwidth ?? .max, max(1, bits))
            isImpaired = isImpaired || narrowed != bandwidth
            bandwidth = narrowed
        }
    }
}

extension LinkProfile {
    /// The link with `conditions` in force, folded in the order given.
    public func under(_ conditions: [LinkCondition]) -> EffectiveLink {
        var effective = EffectiveLink(self)
        for condition in conditions { effective.apply(condition) }
        effective.roundTrip =
            effective.delays[Int(MessageKind.other.rawValue)].typical + returnDelay
        return effective
    }
}
