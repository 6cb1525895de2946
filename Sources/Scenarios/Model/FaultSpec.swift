import Determinism
import Geography
import Replication

/// One thing that breaks: an entry of `faults:`.
public struct FaultSpec: Sendable, Equatable {
    /// When it strikes.
    public var timing: FaultTiming
    /// What happens.
    public var kind: FaultKind
    /// How long it lasts; `nil`: to the end of the run.
    public var duration: TimeSpan?
    /// Whether the nodes struck are also cut off from all clients.
    public var cutsClients: Bool
    /// Whether the verdict is unknown if it has no effect.
    public var mustBite: Bool

    /// A fault with these properties.
    public init(
        at timing: FaultTiming, _ kind: FaultKind, for duration: TimeSpan? = nil,
        cutsClients: Bool = false, mustBite: Bool = true
    ) {
        self.timing = timing
        self.kind = kind
        self.duration = duration
        self.cutsClients = cutsClients
        self.mustBite = mustBite
    }
}

/// When a fault strikes, counted from time 0.
public enum FaultTiming: Sendable, Equatable {
    /// Once.
    case once(TimeSpan)
    /// At `from` and then every `every`, as long as that is before `until`.
    case repeated(every: TimeSpan, from: TimeSpan, until: TimeSpan)

    /// Every moment at which it strikes.
    public var moments: [TimeSpan] {
        switch self {
        case .once(let moment): return [moment]
        case .repeated(let every, let from, let until):
            guard every > .zero else { return [] }
            var result: [TimeSpan] = []
            var moment = from
            while moment < until {
                result.append(moment)
                moment += every
            }
            return result
        }
    }
}

/// What a fault does.
public enum FaultKind: Sendable, Equatable {
    /// No traffic between the groups; nodes in none of them keep all their links.
    case partition([NodeSelector])
    /// The nodes against all others.
    case isolate(NodeSelector)
    /// Links cut, both ways or one way.
    case cut(LinkScope, layer: CutLayer)
    /// Slow, lossy or narrow links.
    case degrade(LinkScope, Degradation)
    /// Open connections are torn down.
    case reset(LinkScope)
    /// New connections to and from the nodes fail, open ones live on.
    case refuse(NodeSelector)
    /// The processes are killed; after the fault they start again, from what `disk` says.
    case kill(NodeSelector, disk: DiskAfterKill)
    /// The processes are stopped, and continue after the fault.
    case pause(NodeSelector)
    /// Wall clocks are wrong, or clocks run fast or slow.
    case clock(NodeSelector, ClockError)
    /// Disks misbehave.
    case disk(NodeSelector, DiskTrouble)
    /// Processors are this many times as slow.
    case slow(NodeSelector, factor: Double)
    /// The clients beside the regions of the nodes begin this many times as many operations.
    case surge(NodeSelector, factor: Double)
    /// Faults drawn from the seed.
    case random(RandomFaults)

    /// The name in scenario files, events and reports.
    public var name: String {
        switch self {
        case .partition: "partition"
        case .isolate: "isolate"
        case .cut: "cut"
        case .degrade: "degrade"
        case .reset: "reset"
        case .refuse: "refuse"
        case .kill: "kill"
        case .pause: "pause"
        case .clock: "clock"
        case .disk: "disk"
        case .slow: "slow"
        case .surge: "surge"
        case .random: "random"
        }
    }
}

/// What a one-way cut takes away.
public enum CutLayer: String, CaseIterable, Sendable {
    /// Packets: acknowledgements are lost too, so the other direction stalls after a window, and
    /// no new connection opens.
    case packet
    /// Messages of that direction alone.
    case message
}

/// What a killed node finds when it starts again.
public enum DiskAfterKill: String, CaseIterable, Sendable {
    /// What it had made durable.
    case kept
    /// Nothing.
    case gone
}

/// How a link is made worse.
public struct Degradation: Sendable, Equatable {
    /// What happens to its delay.
    public var delay: DelayChange?
    /// What varies on top.
    public var jitter: DelayDistribution?
    /// The share of frames lost besides, 0 to 1.
    public var loss: Double?
    /// The bits per second that it passes at most.
    public var bandwidth: UInt64?

    /// A degradation with these parts.
    public init(
        delay: DelayChange? = nil, jitter: DelayDistribution? = nil, loss: Double? = nil,
        bandwidth: UInt64? = nil
    ) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.bandwidth = bandwidth
    }

    /// The same for the link model, in the order of application.
    public var conditions: [LinkCondition] {
        var result: [LinkCondition] = []
        switch delay {
        case .added(let span): result.append(.extraDelay(span))
        case .multiplied(let factor): result.append(.delayFactor(factor))
        case nil: break
        }
        if let jitter { result.append(.extraJitter(jitter)) }
        if let loss { result.append(.extraLoss(loss)) }
        if let bandwidth { result.append(.bandwidth(bandwidth)) }
        return result
    }
}

/// A change of a delay.
public enum DelayChange: Sendable, Equatable {
    /// `+200ms`.
    case added(TimeSpan)
    /// `x3`.
    case multiplied(Double)
}

/// What is wrong with a clock.
public struct ClockError: Sendable, Equatable {
    /// How far the wall clock is ahead; negative: behind.
    public var offset: TimeSpan?
    /// How much too fast both clocks run, in millionths; negative: too slow.
    public var driftPartsPerMillion: Double?

    /// A clock that is wrong by `offset` and runs wrong by `drift` parts per million.
    public init(offset: TimeSpan? = nil, driftPartsPerMillion drift: Double? = nil) {
        self.offset = offset
        driftPartsPerMillion = drift
    }
}

/// What is wrong with a disk.
public struct DiskTrouble: Sendable, Equatable {
    /// How much longer it takes to make data durable.
    public var extraSync: TimeSpan?
    /// Whether it has no room left.
    public var isFull: Bool
    /// Whether its operations fail.
    public var fails: Bool
    /// Whether what it called durable is lost with the next kill.
    public var losesUnsynced: Bool
    /// Whether what it holds is damaged.
    public var corrupts: Bool

    /// A disk with these troubles.
    public init(
        extraSync: TimeSpan? = nil, isFull: Bool = false, fails: Bool = false,
        losesUnsynced: Bool = false, corrupts: Bool = false
    ) {
        self.extraSync = extraSync
        self.isFull = isFull
        self.fails = fails
        self.losesUnsynced = losesUnsynced
        self.corrupts = corrupts
    }
}

/// Faults that are drawn from the seed: a nemesis that strikes again and again, from the moment of
/// the fault until it heals.
public struct RandomFaults: Sendable, Equatable {
    /// The kinds that are drawn from, by name.
    public var kinds: [RandomFaultKind]
    /// The time from one to the next.
    public var every: TimeSpan
    /// How long one lasts.
    public var duration: ClosedRange<TimeSpan>
    /// What is left whole.
    public var budget: FaultBudget
    /// The groups whose leaders may be meant: those whose strategies have leaders. No part of the
    /// file, which says it by the strategies it names.
    public var led: [GroupID]

    /// Faults of `kinds`, drawn every `every`.
    public init(
        kinds: [RandomFaultKind], every: TimeSpan, duration: ClosedRange<TimeSpan>,
        budget: FaultBudget = .minority, led: [GroupID] = []
    ) {
        self.kinds = kinds
        self.every = every
        self.duration = duration
        self.budget = budget
        self.led = led
    }
}

/// The kinds of faults that can be drawn.
public enum RandomFaultKind: String, CaseIterable, Sendable {
    /// See ``FaultKind/partition(_:)``.
    case partition
    /// See ``FaultKind/isolate(_:)``.
    case isolate
    /// See ``FaultKind/cut(_:layer:)``.
    case cut
    /// See ``FaultKind/degrade(_:_:)``.
    case degrade
    /// See ``FaultKind/reset(_:)``.
    case reset
    /// See ``FaultKind/refuse(_:)``.
    case refuse
    /// See ``FaultKind/kill(_:disk:)``.
    case kill
    /// See ``FaultKind/pause(_:)``.
    case pause
    /// See ``FaultKind/clock(_:_:)``.
    case clock
    /// See ``FaultKind/disk(_:_:)``.
    case disk
    /// See ``FaultKind/slow(_:factor:)``.
    case slow
    /// See ``FaultKind/surge(_:factor:)``.
    case surge
}

/// How much may be broken at once.
public enum FaultBudget: String, CaseIterable, Sendable {
    /// A majority stays whole.
    case minority
    /// A majority keeps what it knows, and clocks keep to what leases assume; everybody may stand
    /// still or be cut off.
    case memory
    /// Everything may be: for runs that ask about safety only.
    case none
}
