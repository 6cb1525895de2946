import Determinism
import Scenarios

/// Availability and latency over every region, operation, phase, fault and data type.
struct OperationFigures {
    let history: MeasuredHistory
    let phases: Phases
    let regions: [String]
    let functions: [String]
    let dataTypes: [String]

    /// The figures of `history`; rows of data types are made when there are several.
    init(_ history: MeasuredHistory, phases: Phases, plan: Plan) {
        self.history = history
        self.phases = phases
        regions = plan.regions.map(\.name)
        functions = history.functions.sorted()
        dataTypes = history.dataTypes.count > 1 ? history.dataTypes.sorted() : []
    }

    /// Whether an operation belongs to a name, by the names' numbers; any does to `nil`.
    private func isOne(_ name: String?, of names: [String]) -> (Int) -> Bool {
        guard let name else { return { _ in true } }
        guard let wanted = names.firstIndex(of: name) else { return { _ in false } }
        return { $0 == wanted }
    }

    /// The operations that a scope is about.
    func selected(_ scope: RowScope) -> [MeasuredOperation] {
        let isOfRegion = isOne(scope.region, of: history.regions)
        let isOfFunction = isOne(scope.operation, of: history.functions)
        let isOfType = isOne(scope.dataType, of: history.dataTypes)
        return history.operations.filter { operation in
            guard isOfRegion(Int(operation.region)), isOfFunction(Int(operation.function)),
                isOfType(Int(operation.dataType))
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
        let operations = history.operations
        func add(_ members: [Int], _ fault: String?, _ phase: Phase?) {
            for dataType in [nil] + dataTypes.map(Optional.some) {
                let isOfType = isOne(dataType, of: history.dataTypes)
                let ofType =
                    dataType == nil
                    ? members : members.filter { isOfType(Int(operations[$0].dataType)) }
                for region in [nil] + regions.map(Optional.some) {
                    let isOfRegion = isOne(region, of: history.regions)
                    let ofRegion =
                        region == nil
                        ? ofType : ofType.filter { isOfRegion(Int(operations[$0].region)) }
                    for function in [nil] + functions.map(Optional.some) {
                        let isOfFunction = isOne(function, of: history.functions)
                        let chosen =
                            function == nil
                            ? ofRegion
                            : ofRegion.filter { isOfFunction(Int(operations[$0].function)) }
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
        let whole = (availability, latency)
        /// The rows of a phase that all operations belong to are those of all operations.
        func addWhole(_ fault: String?, _ phase: Phase) {
            for var row in whole.0 {
                (row.scope.fault, row.scope.phase) = (fault, phase)
                availability.append(row)
            }
            for var row in whole.1 {
                (row.scope.fault, row.scope.phase) = (fault, phase)
                latency.append(row)
            }
        }
        let byPhase = operations.map { phases.phase(of: $0.planned) }
        for phase in Phase.allCases {
            let members = operations.indices.filter { byPhase[$0] == phase }
            if members.count == operations.count, !members.isEmpty {
                addWhole(nil, phase)
            } else {
                add(members, nil, phase)
            }
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
