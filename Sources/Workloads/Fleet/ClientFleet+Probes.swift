import Determinism
import Replication
import Scenarios

/// Probes: the write of a key of their own, and a read of it some time after its acknowledgement.
extension ClientFleet {
    /// Puts the next probe on the agenda.
    func planProbe() {
        guard let next = probes?.next, next < end else { return }
        agenda.insert(.probe, at: next)
    }

    /// Begins the probe that is due.
    func beginProbe(_ actions: inout [ClientAction]) {
        let manned = regions.indices.filter { regions[$0].count > 0 }
        guard let taken = probes?.take(among: manned) else { return }
        let client = prober(of: taken.probe.writer)
        let operation = Operation.write(clients[client].takeToken())
        begin(
            operation, .probe(reader: taken.probe.reader, after: taken.probe.after), client,
            probedGroup, KeyNames.probe(taken.probe.number), planned: taken.planned, &actions)
        planProbe()
    }

    /// Plans the read of a probe whose write in `place` is acknowledged now.
    func planProbeRead(_ place: Int) {
        guard case .probe(let reader, let after) = places[place].purpose, now + after < end else {
            return
        }
        agenda.insert(.probeRead(region: reader, key: places[place].key), at: now + after)
    }

    /// Begins the read of a probe that was planned for `due`.
    func beginProbeRead(
        _ region: Int, _ key: Int, planned due: Instant, _ actions: inout [ClientAction]
    ) {
        begin(.read, .operation, prober(of: region), probedGroup, key, planned: due, &actions)
    }

    /// The client of a region that probes: the first.
    private func prober(of region: Int) -> Int { regions[region].first }

    /// The position of the group that is probed.
    private var probedGroup: Int {
        let wanted = workload.probes?.dataType ?? workload.groups.first
        return groups.firstIndex { $0.id == wanted } ?? 0
    }
}
