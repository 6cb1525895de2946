import Determinism

/// Sloppy quorums (DeCandia et al., "Dynamo", SOSP 2007, 4.6): where members cannot be reached or do
/// not answer, nodes without a replica stand in for them, and hand over what they took when the
/// members are back.
///
/// A stand-in has a write on disk and counts towards the write quorum in the place of one member
/// that does not; a read counts a stand-in that has something of the key. So both go on where most
/// members are away, and no longer meet for sure.
extension Quorum {
    /// Numbers of what a stand-in hands over are apart from those of its own writes.
    private static let standInNumbers: UInt64 = 1 << 62

    /// Whether a node is one that may stand in for members.
    func isStandIn(_ member: MemberID) -> Bool {
        options.isSloppy && store.isCoordinator(member)
    }

    /// Takes note of who can be reached.
    func standInConnected(_ member: MemberID, _ isConnected: Bool) {
        guard isStandIn(member), member != me else { return }
        standIns.removeAll { $0.node == member.node }
        guard isConnected else { return }
        let place = standIns.firstIndex { isNearer(member, than: $0) } ?? standIns.count
        standIns.insert(member, at: place)
    }

    private func isNearer(_ member: MemberID, than other: MemberID) -> Bool {
        let region = me.node.region
        let near = (roundTrips[region, member.node.region], member)
        return near < (roundTrips[region, other.node.region], other)
    }

    /// How many can stand in for members now, this node among them.
    var standInsReachable: Int {
        guard options.isSloppy else { return 0 }
        return standIns.count + (isCoordinator ? 1 : 0)
    }

    /// How long a write waits for members before others stand in for them: not at all where too
    /// few are connected.
    func standInTime(_ now: NodeTime) -> Instant {
        guard options.isSloppy, standInsReachable > 0 else { return .distantFuture }
        let connected = store.links.filter(\.isConnected)
        let present = connected.count + (isCoordinator ? 0 : 1)
        guard present >= options.write else { return now.monotonic }
        let patience = connected.map(\.patience).max() ?? .zero
        return now.monotonic + min(patience, options.timeout / 2)
    }

    /// Has others stand in for the members that lack a write.
    func letOthersStandIn(_ now: NodeTime, _ output: inout Output) {
        for index in writes.indices where writes[index].standInAt <= now.monotonic {
            writes[index].standInAt = .distantFuture
            guard let entry = store.table[writes[index].key] else { continue }
            var lacking = options.write - writes[index].holders.count
            if isCoordinator, lacking > 0 {
                writes[index].countsCoordinator = true
                lacking -= 1
                if writes[index].position <= durable { writes[index].acknowledge(by: me) }
            }
            let keyed = KeyedEntry(key: writes[index].key, entry: entry)
            let request = PutRequest(number: writes[index].number, keyed: keyed)
            for standIn in standIns.prefix(max(0, lacking)) {
                transitions.count(.stoodIn)
                store.send(.put(request), to: standIn, &output)
            }
        }
    }

    /// A node has taken a write in the place of a member.
    func stoodIn(_ number: UInt64, _ sender: MemberID) {
        guard isStandIn(sender) else { return }
        for index in writes.indices where writes[index].number == number {
            writes[index].acknowledge(by: sender)
        }
    }

    /// This node stands in for the members that lack what another coordinates.
    func standIn(
        for request: PutRequest, of sender: MemberID, _ now: NodeTime, _ output: inout Output
    ) {
        store.absorb([request.keyed], knowing: nil, of: sender, now, &output)
        store.send(.putReply(request.number), to: sender, &output)
        lastStandIn += 1
        send(
            Self.standInNumbers + lastStandIn, request.keyed.key,
            until: now.monotonic + options.timeout, &output)
    }

    /// What a stand-in held when it was stopped it hands over again: hints are not on disk, and the
    /// state is.
    func resumeStandingIn(_ now: NodeTime, _ output: inout Output) {
        guard options.isSloppy, isCoordinator else { return }
        for key in store.table.items(under: .root).map(\.key) {
            lastStandIn += 1
            send(
                Self.standInNumbers + lastStandIn, key, until: now.monotonic + options.timeout,
                &output)
        }
    }
}
