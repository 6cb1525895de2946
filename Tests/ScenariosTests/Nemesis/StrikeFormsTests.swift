import Determinism
import Geography
import Replication
import Scenarios
import Testing

/// Every kind of fault is drawn, in every form, alone and with others.
@Suite struct StrikeFormsTests {
    /// Same kinds at the same place, close after one another; a pause and a cut that outlasts it.
    @Test func strikesOfSeveralFaultsAreDrawn() throws {
        let scenario = try Storm.scenario(nodes: [2, 2, 1], budget: "memory")
        var volleys = 0
        var stupors = 0
        for seed in 0..<200 as Range<UInt64> {
            let faults = try Plan(scenario, seed: seed).faults
            for (index, fault) in faults.enumerated() {
                let later = faults[(index + 1)...]
                if later.count(where: {
                    $0.kind == fault.kind && $0.at - fault.at <= .milliseconds(1_500)
                }) > 0 {
                    volleys += 1
                }
                guard case .pause(let whom) = fault.kind else { continue }
                if later.contains(where: { other in
                    other.kind == .isolate(whom) && other.at < fault.end ?? .zero
                        && other.end ?? .zero > fault.end ?? .zero
                }) {
                    stupors += 1
                }
            }
        }
        #expect(volleys > 200 && stupors > 50, "\(volleys), \(stupors)")
    }

    @Test(arguments: FaultBudget.allCases)
    func everyKindAndEveryFormIsDrawn(_ budget: FaultBudget) throws {
        let scenario = try Storm.scenario(nodes: [2, 2, 1, 1, 1], budget: budget.rawValue)
        var seen: Set<String> = []
        for seed in 0..<300 as Range<UInt64> {
            for fault in try Plan(scenario, seed: seed).faults { seen.formUnion(forms(of: fault)) }
        }
        var expected: Set = [
            "partition in 2", "partition in 3", "bridge", "isolate", "isolate from clients",
            "cut both ways by packet", "cut one way by packet", "cut both ways by message",
            "cut one way by message", "slower", "later", "jitter", "loss", "bandwidth", "reset",
            "refuse", "kill", "erase", "pause", "ahead", "behind", "minutes", "milliseconds",
            "drift", "far drift", "slow disk", "full disk", "failing disk", "lying disk",
            "rotten disk", "slow", "surge", "node", "zone", "region", "leader",
        ]
        if budget == .none { expected.insert("leader's clock") }
        #expect(seen.isSuperset(of: expected), "missing: \(expected.subtracting(seen).sorted())")
    }

    private func forms(of fault: PlannedFault) -> [String] {
        func selected(_ selector: NodeSelector) -> [String] {
            switch selector {
            case .place(.node): ["node"]
            case .place(.zone): ["zone"]
            case .place(.region): ["region"]
            case .leader: ["leader"]
            case .list, .primary, .random, .minority, .majority, .all, .continent, .provider: []
            }
        }
        switch fault.kind {
        case .partition(let sides):
            let count = sides.reduce(0) { sum, side in
                if case .list(let parts) = side { sum + parts.count } else { sum + 1 }
            }
            return ["partition in \(sides.count)"] + (count < 7 ? ["bridge"] : [])
        case .isolate(let selector):
            return [fault.cutsClients ? "isolate from clients" : "isolate"] + selected(selector)
        case .cut(.directed, let layer): return ["cut one way by \(layer.rawValue)"]
        case .cut(_, let layer): return ["cut both ways by \(layer.rawValue)"]
        case .degrade(_, let change):
            var result: [String] = []
            switch change.delay {
            case .added: result.append("later")
            case .multiplied: result.append("slower")
            case nil: break
            }
            if change.jitter != nil { result.append("jitter") }
            if change.loss != nil { result.append("loss") }
            if change.bandwidth != nil { result.append("bandwidth") }
            return result
        case .kill(let selector, let disk):
            return [disk == .gone ? "erase" : "kill"] + selected(selector)
        case .clock(let selector, let error):
            var result: [String] = []
            if let offset = error.offset {
                result.append(offset > .zero ? "ahead" : "behind")
                let size = offset > .zero ? offset : -offset
                if size > .seconds(60) { result.append("minutes") }
                if size < .milliseconds(100) { result.append("milliseconds") }
            }
            if let drift = error.driftPartsPerMillion {
                result.append(drift.magnitude > 1000 ? "far drift" : "drift")
            }
            if case .leader = selector { result.append("leader's clock") }
            return result
        case .disk(_, let trouble):
            if trouble.extraSync != nil { return ["slow disk"] }
            if trouble.isFull { return ["full disk"] }
            if trouble.fails { return ["failing disk"] }
            return [trouble.losesUnsynced ? "lying disk" : "rotten disk"]
        case .pause(let selector), .refuse(let selector), .slow(let selector, _):
            return [fault.kind.name] + selected(selector)
        case .reset, .surge, .random: return [fault.kind.name]
        }
    }
}
