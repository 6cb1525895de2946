import Determinism
import Geography
import Recording
import RegionCore
import Replication
import Scenarios

/// Whether faults of clocks, disks and processors took effect: what the nodes themselves read and
/// counted while they were in force.
extension Director {
    /// The targets of a strike that told something while it was in force, with what they told at
    /// its end.
    private func readings(of strike: Strike) -> [(node: NodeID, reading: NodeReading)] {
        let after = strike.closing?.after ?? takeReadings()
        return Set(strike.active.targets.joined()).sorted().compactMap { node in
            guard let reading = after.nodes[node], let clock = reading.clock,
                clock.time >= strike.began
            else { return nil }
            return (node, reading)
        }
    }

    /// Wall clocks are compared with the true time, monotonic ones with the host's. Both are read
    /// in one moment, so a host that is busy does not blur them.
    func clockEvidence(_ strike: Strike, _ error: ClockError) -> Finding {
        let offset = error.offset ?? .zero
        let drift = (error.driftPartsPerMillion ?? 0) * 1000
        var read = 0
        var asAsked = 0
        var observations: [JSONValue.Member] = []
        for (node, reading) in readings(of: strike) {
            guard let clock = reading.clock, let told = strike.clocks[node] else { continue }
            read += 1
            let trueWall = plan.start + (clock.time - timeZero)
            let offsetRead = clock.wall - trueWall
            let offsetAway = (offsetRead - told.offset(at: clock.time)).seconds.magnitude
            let driftRead = told.drift(to: clock)
            let driftAway = driftRead.map { ($0 - Double(told.condition.driftPartsPerBillion)) }
            // Near enough is what another clock would not have read by chance.
            let isOffset = offset == .zero || offsetAway <= offset.seconds.magnitude / 4
            let isDrifting =
                drift == 0 || (driftAway?.magnitude ?? .infinity) <= drift.magnitude / 4
            if isOffset && isDrifting { asAsked += 1 }
            guard observations.isEmpty else { continue }
            observations = [
                .init("offset_read_ms", .number(offsetRead.milliseconds)),
                .init("offset_told_ms", .number(told.offset(at: clock.time).milliseconds)),
            ]
            if let driftRead {
                observations.append(.init("drift_read_ppm", .number(driftRead / 1000)))
            }
            observations.append(
                .init(
                    "drift_told_ppm",
                    .number(Double(told.condition.driftPartsPerBillion) / 1000)))
        }
        return Finding(
            hadEffect: read > 0 && asAsked == read && (offset != .zero || drift != 0),
            observations: [
                .init("clocks_read", .count(read)), .init("clocks_as_told", .count(asAsked)),
            ] + observations)
    }

    /// Every trouble must show, on whichever of the disks was used.
    func diskEvidence(_ strike: Strike, _ trouble: DiskTrouble) -> Finding {
        let after = strike.closing?.after ?? takeReadings()
        var disk = DiskCounters()
        for node in Set(strike.active.targets.joined()).sorted() {
            guard let later = after.nodes[node]?.usage.disk else { continue }
            disk = disk + (later - (strike.before.nodes[node]?.usage.disk ?? DiskCounters()))
        }
        let takenDown = !strike.seenFailed.isEmpty || !strike.keptDown.isEmpty
        var shown: [Bool] = []
        if trouble.extraSync ?? .zero > .zero { shown.append(disk.syncsDelayed > 0) }
        if trouble.isFull { shown.append(disk.writesRefused > 0 || takenDown) }
        if trouble.fails { shown.append(disk.operationsFailed > 0 || takenDown) }
        if trouble.losesUnsynced { shown.append(disk.syncsSkipped > 0) }
        if trouble.corrupts { shown.append(disk.recordsDamaged > 0) }
        return Finding(
            hadEffect: !shown.isEmpty && shown.allSatisfy { $0 },
            observations: [
                .init("syncs", .count(disk.syncs)),
                .init("syncs_delayed", .count(disk.syncsDelayed)),
                .init("syncs_skipped", .count(disk.syncsSkipped)),
                .init("writes_refused", .count(disk.writesRefused)),
                .init("operations_failed", .count(disk.operationsFailed)),
                .init("bytes_dropped", .count(disk.bytesDropped)),
                .init("records_damaged", .count(disk.recordsDamaged)),
                .init("processes_ended", .count(strike.seenFailed.count)),
                .init("processes_kept_down", .count(strike.keptDown.count)),
            ])
    }

    func slowEvidence(_ strike: Strike) -> Finding {
        var read = 0
        var stalled = 0
        var total = TimeSpan.zero
        for (node, reading) in readings(of: strike) {
            let before = strike.before.nodes[node]?.usage.stalled ?? .zero
            read += 1
            if reading.usage.stalled > before { stalled += 1 }
            total += reading.usage.stalled - before
        }
        return Finding(
            hadEffect: read > 0 && stalled == read,
            observations: [
                .init("nodes_read", .count(read)), .init("nodes_stalled", .count(stalled)),
                .init("stalled_ms", .number(total.milliseconds)),
            ])
    }

    /// A node whose disk is full or fails ended by itself.
    func noteDiskFailed(_ node: NodeID) {
        for index in strikes.indices where !strikes[index].isClosed {
            guard strikes[index].active.takesDisk,
                strikes[index].active.targets.joined().contains(node)
            else { continue }
            strikes[index].seenFailed.insert(node)
        }
    }

    /// A launch told its first status. What came of a fault that struck, or ended, while the node
    /// was down shows only now.
    func noteFirstStatus(of node: NodeID, _ actions: inout [ConductAction]) {
        guard let record = nodes[node] else { return }
        for index in strikes.indices where strikes[index].isClosed {
            guard case .disk(_, let trouble) = strikes[index].active.kind,
                strikes[index].active.targets.joined().contains(node),
                let known = strikes[index].closing?.after.nodes[node],
                known.launch + 1 == record.launch
            else { continue }
            let now = record.reading.usage.disk
            let before = strikes[index].before.nodes[node]?.usage.disk ?? DiskCounters()
            let isNews =
                trouble.losesUnsynced && now.bytesDropped > known.usage.disk.bytesDropped
                || trouble.corrupts && known.usage.disk.recordsDamaged == before.recordsDamaged
                    && now.recordsDamaged > before.recordsDamaged
            guard isNews else { continue }
            strikes[index].closing?.after.nodes[node] = record.reading
            self.record(evidenceOf: strikes[index], &actions)
        }
    }
}
