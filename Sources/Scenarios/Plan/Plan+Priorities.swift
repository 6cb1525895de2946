import Geography

extension Plan {
    /// How urgent the messages of `group` are on a narrow link: as its data type says, unless the
    /// scenario has priorities off.
    public func priority(of group: PlannedGroup) -> TrafficPriority {
        scenario.topology.priorities ? group.priority.ofTraffic : .normal
    }
}

extension DataTypePriority {
    /// What links make of it.
    public var ofTraffic: TrafficPriority {
        switch self {
        case .high: .high
        case .normal: .normal
        case .low: .low
        }
    }
}
