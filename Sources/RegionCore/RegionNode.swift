import Determinism
import Replication

/// A whole node as one state machine without input or output: a replica for each replication
/// group that the node has a part in.
///
/// The host (a process with sockets and a disk, or the virtual engine) feeds it ``NodeEvent``s
/// and carries out ``NodeActions``. It must be used from one thread at a time.
///
/// ## The host's duties
///
/// 1. Recover: for every group in ``groups`` call ``recover(_:checkpoint:checkpointThrough:records:)`` with what the
///    disk holds, then ``start(at:into:)`` once.
/// 2. After every call: hand ``NodeActions/records`` to the disk in order, carry out the actions in
///    order, and empty them. Tell the node of durability with `.durable`, in order.
/// 3. Deliver `.wake` when ``nextWake`` has come; read it anew after every call.
/// 4. Read the clocks after an input is taken, never before a pause that may lie between.
package final class RegionNode {
    /// Who the node is, in this life.
    package let member: MemberID
    /// The groups that the node has a part in, in order.
    package let groups: [GroupID]
    private let placements: [GroupPlacement]
    /// One slot for each placement; `nil` where the node has no part.
    private let hosted: [HostedGroup?]
    /// The only group that the node has a part in, if it is the first one: mostly so.
    private let only: HostedGroup?
    /// What the node offers beside its groups.
    let services: [RegionService]

    /// A node with empty state. Throws if a group's strategy or options are not usable.
    package init(setup: NodeSetup, registry: StrategyRegistry) throws(InvalidOption) {
        member = setup.member
        placements = setup.groups
        var hosted: [HostedGroup?] = []
        for (index, placement) in setup.groups.enumerated() {
            guard placement.includes(setup.member.node) else {
                hosted.append(nil)
                continue
            }
            let group = GroupID(index: UInt16(index))
            let life = setup.launch == 0 ? "" : "/\(setup.launch)"
            let name = "node/\(setup.member)/\(placement.name)" + life
            let groupSetup = GroupSetup(
                group: group, member: setup.member, voters: placement.voters,
                learners: placement.learners, valueType: placement.valueType,
                roundTrips: setup.roundTrips,
                random: RandomStream(seed: setup.seed, name: name),
                clockDriftMax: setup.clockDriftMax, wallClockSkewMax: setup.wallClockSkewMax,
                isRejoining: setup.isRejoining)
            hosted.append(
                try registry.makeGroup(
                    placement.strategy, setup: groupSetup, options: placement.options))
        }
        if setup.logsReplication {
            for case let replica? in hosted { replica.logReplication() }
        }
        self.hosted = hosted
        only = hosted.count == 1 ? hosted[0] : nil
        services = try Self.makeServices(setup, hosted: hosted, registry: registry)
        groups = hosted.indices.filter { hosted[$0] != nil }.map { GroupID(index: UInt16($0)) }
    }

    /// Takes over what the disk holds of a group: the checkpoint, if there is one, with the number
    /// of records that it stands for (0 without one), and the records persisted after it.
    package func recover(
        _ group: GroupID, checkpoint: [UInt8]?, checkpointThrough: JournalPosition,
        records: [[UInt8]]
    ) throws(MalformedBytes) {
        guard let replica = replica(of: group) else {
            throw MalformedBytes("the disk holds group \(group.index), which is not hosted here")
        }
        if let checkpoint { try replica.restore(checkpoint: checkpoint) }
        var position = checkpointThrough
        for record in records {
            position.rawValue += 1
            try replica.replay(record, position: position)
        }
        replica.recovered(through: position)
    }

    /// Starts all groups.
    package func start(at now: NodeTime, into actions: inout NodeActions) {
        for case let replica? in hosted { replica.start(at: now, into: &actions) }
        for service in services { tell(service, .start, at: now, into: &actions) }
    }

    /// When `.wake` is due; ``Instant/distantFuture`` if never.
    package var nextWake: Instant {
        if let only, services.isEmpty { return only.nextWake }
        var earliest = Instant.distantFuture
        for service in services { earliest = min(earliest, service.nextWake) }
        for case let replica? in hosted { earliest = min(earliest, replica.nextWake) }
        return earliest
    }

    /// Takes an event. Throws only for bytes that are no message: the sender is at fault, the
    /// node is unharmed, and the host closes the connection that they came from.
    package func handle(
        _ event: NodeEvent, at now: NodeTime, into actions: inout NodeActions
    ) throws(MalformedBytes) {
        switch event {
        case .message(let bytes, let group, let sender):
            if ServiceID.isService(group) {
                return try receive(
                    encoded: bytes, service: group, from: sender, at: now, into: &actions)
            }
            guard let replica = try recipient(of: group) else { return }
            let first = actions.actions.count
            try replica.receive(encoded: bytes, from: sender, at: now, into: &actions)
            if !services.isEmpty { settle(group, from: first, at: now, into: &actions) }
        case .request(let request, let group, let handle):
            if ServiceID.isService(group) {
                call(request, service: group, handle, at: now, into: &actions)
            } else if let refusal = refusal(of: request, group) {
                actions.append(.reply(.failed(refusal), to: handle))
            } else if let replica = replica(of: group) {
                let first = actions.actions.count
                replica.handle(.request(request, handle), at: now, into: &actions)
                if !services.isEmpty { settle(group, from: first, at: now, into: &actions) }
            }
        case .administer(let command, let group, let handle):
            if let replica = replica(of: group) {
                self.handle(
                    .administer(command, handle), by: replica, at: now, into: &actions)
            } else {
                actions.append(.reply(.failed(notMember(group)), to: handle))
            }
        case .durable(let position, let group):
            let first = actions.actions.count
            replica(of: group)?.handle(.durable(position), at: now, into: &actions)
            if !services.isEmpty { settle(group, from: first, at: now, into: &actions) }
        case .wake:
            for case let replica? in hosted where replica.nextWake <= now.monotonic {
                handle(.wake, by: replica, at: now, into: &actions)
            }
            for service in services where service.nextWake <= now.monotonic {
                tell(service, .wake, at: now, into: &actions)
            }
        case .connected(let member):
            for case let replica? in hosted {
                handle(.connected(member), by: replica, at: now, into: &actions)
            }
            for service in services { tell(service, .connected(member), at: now, into: &actions) }
        case .disconnected(let member):
            for case let replica? in hosted {
                handle(.disconnected(member), by: replica, at: now, into: &actions)
            }
            for service in services {
                tell(service, .disconnected(member), at: now, into: &actions)
            }
        }
    }

    /// Takes a member's message that was never encoded. Throws if it is not one of the group's.
    package func receive(
        _ message: HostedMessage, group: GroupID, from sender: MemberID, at now: NodeTime,
        into actions: inout NodeActions
    ) throws(MalformedBytes) {
        if services.isEmpty, group.index == 0, let only {
            try only.receive(message, from: sender, at: now, into: &actions)
        } else if ServiceID.isService(group) {
            try receive(message, service: group, from: sender, at: now, into: &actions)
        } else if let replica = try recipient(of: group) {
            let first = actions.actions.count
            try replica.receive(message, from: sender, at: now, into: &actions)
            if !services.isEmpty { settle(group, from: first, at: now, into: &actions) }
        }
    }

    private func handle(
        _ event: GroupEvent, by replica: HostedGroup, at now: NodeTime,
        into actions: inout NodeActions
    ) {
        let first = actions.actions.count
        replica.handle(event, at: now, into: &actions)
        if !services.isEmpty { settle(replica.group, from: first, at: now, into: &actions) }
    }

    /// Who takes a message for `group`; nobody, if this node has no part in it: whoever looks for
    /// the members of a group asks everybody.
    private func recipient(of group: GroupID) throws(MalformedBytes) -> HostedGroup? {
        guard Int(group.index) < placements.count else {
            throw MalformedBytes("a message for group \(group.index), which there is not")
        }
        return replica(of: group)
    }

    /// How `group` looks from here, or `nil` if the node has no part in it.
    package func view(of group: GroupID) -> GroupView? { replica(of: group)?.view }

    /// The final state of `group`, sorted by key, or `nil` if the node has no part in it.
    package func finalState(of group: GroupID) -> [FinalEntry]? {
        replica(of: group)?.finalState()
    }

    /// How often each transition that the strategy of `group` publishes happened here since the
    /// start, or `nil` if the node has no part in the group.
    package func transitionCounts(of group: GroupID) -> [UInt64]? {
        replica(of: group)?.transitionCounts
    }

    func replica(of group: GroupID) -> HostedGroup? {
        let index = Int(group.index)
        if index == 0, let only { return only }
        return index < hosted.count ? hosted[index] : nil
    }

    /// Why a request cannot even be handed to its group, or `nil` if it can.
    private func refusal(of request: ClientRequest, _ group: GroupID) -> ServiceError? {
        guard replica(of: group) != nil else { return notMember(group) }
        guard case .operate(let key, let operation, _) = request.command else { return nil }
        if case .call = operation {
            return ServiceError(
                .invalid, "a service's request for a data type; send it to the service",
                isIndefinite: false)
        }
        if case .transaction(let steps) = operation {
            return Operation.problem(with: steps, under: key).map {
                ServiceError(.invalid, $0, isIndefinite: false)
            }
        }
        if key.bytes.isEmpty || key.bytes.count > Limits.keyBytesMax {
            return ServiceError(
                .invalid,
                "a key of \(key.bytes.count) bytes; 1 to \(Limits.keyBytesMax) are allowed",
                isIndefinite: false)
        }
        let size = operation.encodedSize
        if size > Limits.valueBytesMax + 16 {
            return ServiceError(
                .invalid,
                "a value of about \(size) bytes; at most \(Limits.valueBytesMax) are allowed",
                isIndefinite: false)
        }
        return nil
    }

    private func notMember(_ group: GroupID) -> ServiceError {
        let index = Int(group.index)
        guard index < placements.count else {
            return ServiceError(
                .notMember, "there is no data type \(index); there are \(placements.count)",
                isIndefinite: false)
        }
        return ServiceError(
            .notMember, "this node has no part in data type '\(placements[index].name)'",
            isIndefinite: false, hint: placements[index].voters.first?.node)
    }
}
