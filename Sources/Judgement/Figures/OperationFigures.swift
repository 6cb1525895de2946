import Determinism
import Scenarios

/// Availability and latency over every region, operation, phase, fault and data type.
struct OperationFigures {
    let operations: [MeasuredOperation]
    let phases: Phases
    let regions: [String]
    let functions: [String]
    let dataTypes: [String]

    /// The figures of `operations`; rows of data types are made when there are several.
    init(_ operations: [MeasuredOperation], phases: Phases, plan: Plan) {
        self.operations = operations
        self.phases = phases
        regions = plan.regions.map(\.name)
        functions = Set(operations.map(\.function)).sorted()
        let used = Set(operations.map(\.dataType))
        dataTypes = used.count > 1 ? used.sorted() : []
    }

    /// The operations that a scope is about.
    func selected(_ scope: RowScope) -> [MeasuredOperation] {
        operations.filter { operation in
            guard scope.region == nil || scope.region == operation.region,
                scope.operation == nil || scope.operation == operation.function,
                scope.dataType == nil || scope.dataType == operation.dataType
            else { return false }
            guard let phase = scope.phase else { return true }
            if let fault = scope.fault {
                return phases.phase(of: operation.planned, fault: fault) == phase
            }
            return phases.phase(of: operation.planned) == phase
        }
    }

    /// The rows of all scopes in which something was planned, in a fixed order; the row of all
    /// operations is there in any case.
    func rows() -> (availability: [AvailabilityRow], latency: [LatencyRow]) {
        var availability: [AvailabilityRow] = []
        var latency: [LatencyRow] = []
        func add(_ members: [Int], _ fault: String?, _ phase: Phase?) {
            for dataType in [nil] + dataTypes.map(Optional.some) {
                let ofType = members.filter {
                    dataType == nil || operations[$0].dataType == dataType
                }
                for region in [nil] + regions.map(Optional.some) {
                    let ofRegion = ofType.filter {
                        region == nil || operations[$0].region == region
                    }
                    for function in [nil] + functions.map(Optional.some) {
                        let chosen = ofRegion.filter {
                            function == nil || operations[$0].function == function
                        }
                        let scope = RowScope(
                            region: region, operation: function, phase: phase, fault: fault,
                            dataType: dataType)
                        guard !chosen.isEmpty || scope == RowScope() else { continue }
                        let answered = chosen.filter { operations[$0].isAnswered }
                        availability.append(
                            AvailabilityRow(
                                scope: scope, planned: chosen.count, answered: answered.count))
                        guard !answered.isEmpty else { continue }
                        let latencies = answered.compactMap { operations[$0].latency }
                        latency.append(LatencyHistogram(latencies).row(scope))
                    }
                }
            }
        }
        add(Array(operations.indices), nil, nil)
        let byPhase = operations.map { phases.phase(of: $0.planned) }
        for phase in Phase.allCases {
            add(operations.indices.filter { byPhase[$0] == phase }, nil, phase)
        }
        for fault in phases.faults {
            let byPhase = operations.map { phases.phase(of: $0.planned, fault: fault) }
            for phase in Phase.allCases {
                add(operations.indices.filter { byPhase[$0] == phase }, fault, phase)
            }
        }
        return (availability, latency)
    }
}
