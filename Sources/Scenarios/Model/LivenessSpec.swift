import Determinism

/// The end of a run that asks for liveness after all that was broken: the `liveness:` section.
///
/// No algorithm gets anywhere while anything may break; what can be asked is that it gets on once
/// enough is well for long enough. So at `from` a core of nodes is healed, connected among itself
/// and shielded from the rest, whose faults stay as they are until the end: the core must serve
/// clients again and come to agree without any help from there.
public struct LivenessSpec: Sendable, Equatable {
    /// The nodes that are healed: a majority of every group.
    public var core: [Place]
    /// When, counted from time 0; after the last fault and action.
    public var from: TimeSpan
    /// How long the core may take to serve, and then to agree after the clients have stopped.
    public var within: TimeSpan

    /// How long a core may take if nobody says.
    public static let defaultWithin = TimeSpan.seconds(30)

    /// The demand that `core`, healed at `from`, gets on in time.
    public init(
        core: [Place], from: TimeSpan, within: TimeSpan = LivenessSpec.defaultWithin
    ) {
        self.core = core
        self.from = from
        self.within = within
    }
}
