import Conduct
import Determinism
import RegionCore
import Replication

/// Clocks, disks and processors of the nodes: as wrong as they are told to be.
extension ConductRig {
    /// Ten milliseconds of a node's own doings: it computes, and writes once.
    func work(_ id: NodeID) {
        guard var node = nodes[id] else { return }
        if node.condition.slowness > 1 { node.stalled += .milliseconds(5) }
        let disk = node.condition.disk
        var takesWrites = true
        if behaviour.writes(id) {
            if disk.isFull || disk.fails {
                takesWrites = false
                if disk.isFull { node.disk.writesRefused += 1 }
                if disk.fails { node.disk.operationsFailed += 1 }
            } else if disk.losesUnsynced {
                node.disk.syncsSkipped += 1
                node.promisedBytes += 100
            } else {
                node.disk.syncs += 1
                node.promisedBytes = 0
            }
            if disk.extraSync > .zero { node.disk.syncsDelayed += 1 }
        }
        nodes[id] = node
        if !takesWrites { crash(id, .diskFailed) }
    }
}

extension ConductRig.FakeNode {
    /// Takes in what is wrong from now on.
    mutating func take(_ condition: NodeCondition, at now: Instant, isLaunch: Bool) {
        self.condition = condition
        if isLaunch || condition.clock != clock.condition { clock.set(condition.clock, at: now) }
        let rises = max(0, condition.disk.corruptions - corruptionsTold)
        corruptionsTold = max(corruptionsTold, condition.disk.corruptions)
        disk.recordsDamaged += UInt64(rises)
        if isLaunch {
            if rises > 0 { incarnation += 1 }
        } else if rises > 0 {
            isRotten = true
        }
    }
}
