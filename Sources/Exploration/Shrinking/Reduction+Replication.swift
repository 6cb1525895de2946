import Replication
import Scenarios

/// Fewer data types, and strategies with the options that they have by default.
extension Reduction {
    static let dataTypes = Reduction(name: "fewer data types") { candidate in
        let shares = candidate.scenario.workload.dataTypes
        let one = shares.count > 1 ? shares : []
        return one.map { share in
            candidate.with { $0.workload.dataTypes = [Share(share.item, 1)] }
        } + candidate.scenario.dataTypes.indices.reversed().compactMap(candidate.removingDataType)
            + [candidate.foldingDataTypes].compactMap { $0 }
    }

    static let options = Reduction(name: "usual options") { candidate in
        let scenario = candidate.scenario
        var result: [ShrinkCandidate] = []
        let names = scenario.replication.options.sorted.map(\.name)
        for chunk in chunks(of: names.count) {
            result.append(
                candidate.with { scenario in
                    for name in names[chunk] { scenario.clear(option: name) }
                })
        }
        for index in scenario.dataTypes.indices {
            for option in scenario.dataTypes[index].replication.options.sorted {
                result.append(
                    candidate.with { $0.dataTypes[index].replication.options[option.name] = nil })
            }
            result.append(candidate.with { $0.dataTypes[index].priority = .normal })
        }
        return result
    }

    static let members = Reduction(name: "all regions are members") { candidate in
        [
            candidate.with { scenario in
                scenario.replication.regions = nil
                for index in scenario.dataTypes.indices {
                    scenario.dataTypes[index].replication.regions = nil
                }
            },
            candidate.with { scenario in
                scenario.replication.learners = []
                for index in scenario.dataTypes.indices {
                    scenario.dataTypes[index].replication.learners = []
                }
            },
        ]
    }

    static let names = Reduction(name: "shorter names") { candidate in
        let regions = candidate.scenario.topology.regions
        let map = RegionNames { place in
            guard case .node(let node) = place, regions[Int(node.region.index)].nodeCount == 1
            else { return place }
            return .region(node.region)
        }
        return [
            candidate.with { scenario in
                for index in scenario.faults.indices {
                    scenario.faults[index].kind = map.kind(scenario.faults[index].kind)
                }
            }
        ]
    }
}

extension Scenario {
    /// Takes an option away, also from data types that took it over.
    fileprivate mutating func clear(option name: String) {
        let value = replication.options[name]
        replication.options[name] = nil
        for index in dataTypes.indices where dataTypes[index].replication.options[name] == value {
            dataTypes[index].replication.options[name] = nil
        }
    }
}

/// Puts other names of the same places into faults.
private struct RegionNames {
    let place: (Place) -> Place

    func selector(_ selector: NodeSelector) -> NodeSelector {
        switch selector {
        case .place(let old): .place(place(old))
        case .list(let parts): .list(parts.map(self.selector))
        case .leader, .primary, .random, .minority, .majority, .all, .continent, .provider:
            selector
        }
    }

    func kind(_ kind: FaultKind) -> FaultKind {
        switch kind {
        case .partition(let sides): .partition(sides.map(selector))
        case .cut(let scope, let layer): .cut(self.scope(scope), layer: layer)
        case .degrade(let scope, let change): .degrade(self.scope(scope), change)
        case .reset(let scope): .reset(self.scope(scope))
        case .isolate, .refuse, .kill, .pause, .clock, .disk, .slow, .surge:
            kind.replacingSelector(selector) ?? kind
        case .random: kind
        }
    }

    private func scope(_ scope: LinkScope) -> LinkScope {
        switch scope {
        case .between(let one, let other): .between(place(one), place(other))
        case .directed(let from, let to): .directed(from: place(from), to: place(to))
        case .around(let selector): .around(self.selector(selector))
        case .all: .all
        }
    }
}
