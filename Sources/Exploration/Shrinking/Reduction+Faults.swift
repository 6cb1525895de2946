import Scenarios

/// Faults that do less.
extension Reduction {
    static let partitions = Reduction(name: "simpler partitions") { candidate in
        candidate.scenario.faults.indices.flatMap { index -> [ShrinkCandidate] in
            guard case .partition(let sides) = candidate.scenario.faults[index].kind else {
                return []
            }
            var smaller: [[NodeSelector]] = []
            for side in sides.indices where sides.count > 2 {
                smaller.append(sides.enumerated().filter { $0.offset != side }.map(\.element))
            }
            for side in sides.indices {
                for part in sides[side].smaller {
                    var sides = sides
                    sides[side] = part
                    smaller.append(sides)
                }
            }
            return smaller.map { sides in
                candidate.with { $0.faults[index].kind = .partition(sides) }
            }
        }
    }

    static let targets = Reduction(name: "fewer targets") { candidate in
        candidate.scenario.faults.indices.flatMap { index -> [ShrinkCandidate] in
            let kind = candidate.scenario.faults[index].kind
            guard let selector = kind.selector else { return [] }
            return selector.smaller.compactMap { part in
                guard let kind = kind.replacingSelector({ _ in part }) else { return nil }
                return candidate.with { $0.faults[index].kind = kind }
            }
        }
    }

    static let faultParts = Reduction(name: "simpler faults") { candidate in
        candidate.scenario.faults.indices.flatMap { index -> [ShrinkCandidate] in
            let fault = candidate.scenario.faults[index]
            var result = fault.kind.simpler.map { kind in
                candidate.with { $0.faults[index].kind = kind }
            }
            if fault.cutsClients {
                result.append(candidate.with { $0.faults[index].cutsClients = false })
            }
            if !fault.mustBite {
                result.append(candidate.with { $0.faults[index].mustBite = true })
            }
            return result
        }
    }
}

extension NodeSelector {
    /// Selectors of fewer nodes, or the same ones in fewer words.
    var smaller: [NodeSelector] {
        guard case .list(let parts) = self else { return [] }
        if parts.count == 1 { return parts }
        let halves = chunks(of: parts.count).filter { $0.count < parts.count }.map { chunk in
            parts.enumerated().filter { !chunk.contains($0.offset) }.map(\.element)
        }
        return halves.map { $0.count == 1 ? $0[0] : .list($0) }
    }
}

extension FaultKind {
    /// The fault with one of its parts taken away, for each part but a last one.
    fileprivate var simpler: [FaultKind] {
        switch self {
        case .kill(let selector, .gone): return [.kill(selector, disk: .kept)]
        case .cut(let scope, .message): return [.cut(scope, layer: .packet)]
        case .degrade(let scope, let change):
            return change.simpler.map { .degrade(scope, $0) }
        case .clock(let selector, let error):
            guard error.offset != nil, error.driftPartsPerMillion != nil else { return [] }
            return [
                .clock(selector, ClockError(offset: error.offset)),
                .clock(
                    selector, ClockError(driftPartsPerMillion: error.driftPartsPerMillion)),
            ]
        case .disk(let selector, let trouble):
            return trouble.simpler.map { .disk(selector, $0) }
        case .partition, .isolate, .cut, .reset, .refuse, .kill, .pause, .slow, .surge, .random:
            return []
        }
    }
}

extension Degradation {
    fileprivate var simpler: [Degradation] {
        let parts = [delay != nil, jitter != nil, loss != nil, bandwidth != nil]
        guard parts.count(where: { $0 }) > 1 else { return [] }
        return parts.indices.filter { parts[$0] }.map { part in
            var result = self
            switch part {
            case 0: result.delay = nil
            case 1: result.jitter = nil
            case 2: result.loss = nil
            case _: result.bandwidth = nil
            }
            return result
        }
    }
}

extension DiskTrouble {
    fileprivate var simpler: [DiskTrouble] {
        let parts = [extraSync != nil, isFull, fails, losesUnsynced, corrupts]
        guard parts.count(where: { $0 }) > 1 else { return [] }
        return parts.indices.filter { parts[$0] }.map { part in
            var result = self
            switch part {
            case 0: result.extraSync = nil
            case 1: result.isFull = false
            case 2: result.fails = false
            case 3: result.losesUnsynced = false
            case _: result.corrupts = false
            }
            return result
        }
    }
}
