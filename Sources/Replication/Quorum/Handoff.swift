import Determinism

/// A write that a coordinator without a replica took in, until every member has it.
struct Handoff {
    /// Which of the coordinator's writes it is.
    let number: UInt64
    let key: Key
    /// The members that have not said that they have it.
    var lacking: [MemberID]
    /// When it is given up, unless hints are kept.
    let deadline: Instant
}

/// Writes of coordinators on their way to the members. Members send each other their own writes
/// by the log of their store.
extension Quorum {
    private static let handoffInterval = TimeSpan.seconds(2)

    /// Sends a write to all members, and remembers who does not have it yet.
    func send(_ number: UInt64, _ key: Key, until deadline: Instant, _ output: inout Output) {
        let handoff = Handoff(
            number: number, key: key, lacking: store.members.active, deadline: deadline)
        if handoffs.count == EventualOptions.backlogMax { handoffs.removeFirst() }
        if handoffs.isEmpty { nextHandoff = deadline }
        handoffs.append(handoff)
        for link in store.links where link.isConnected { offer(handoff, to: link.member, &output) }
    }

    private func offer(_ handoff: Handoff, to member: MemberID, _ output: inout Output) {
        guard let entry = store.table[handoff.key] else { return }
        let keyed = KeyedEntry(key: handoff.key, entry: entry)
        store.send(.put(PutRequest(number: handoff.number, keyed: keyed)), to: member, &output)
    }

    /// `member` has the write on disk.
    func handedOff(_ number: UInt64, to member: MemberID) {
        guard isCoordinator, store.members.contains(member) else { return }
        acknowledged(number...number, by: member)
        guard let index = handoffs.firstIndex(where: { $0.number == number }) else { return }
        handoffs[index].lacking.removeAll { $0 == member }
        if handoffs[index].lacking.isEmpty { handoffs.remove(at: index) }
    }

    /// A connection was opened: what was sent over the one before may be lost.
    func handOff(to member: MemberID, _ output: inout Output) {
        for handoff in handoffs where handoff.lacking.contains(member) {
            offer(handoff, to: member, &output)
        }
    }

    /// Offers again what members did not take, or gives it up.
    func handOffWhatIsDue(_ now: NodeTime, _ output: inout Output) {
        guard !handoffs.isEmpty, nextHandoff <= now.monotonic else { return }
        if options.store.backlogAge != nil {
            handoffs.removeAll { $0.deadline <= now.monotonic }
        }
        for handoff in handoffs {
            for member in handoff.lacking where isConnected(member) {
                offer(handoff, to: member, &output)
            }
        }
        nextHandoff = now.monotonic + Self.handoffInterval
    }

    private func isConnected(_ member: MemberID) -> Bool {
        store.position(of: member).map { store.links[$0].isConnected } ?? false
    }
}
