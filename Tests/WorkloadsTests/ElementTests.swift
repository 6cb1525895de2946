import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

/// What clients add to sets and remove from them, and put into maps.
@Suite struct ElementTests {
    /// What clients of a run ask, of one data type of `type` with these operations of its own.
    private func asked(
        _ type: ValueType, _ operations: [Share<OperationKind>], valueSize: Int = 0
    ) throws -> [CompletedOperation] {
        var workload = WorkloadSpec(
            clients: PerRegion(2), arrivals: .open(PerRegion(100)),
            mix: .operations(
                [Share(.read, 1)], KeySpec(count: 3, distribution: .uniform)),
            timeout: .milliseconds(900))
        workload.valueSize = valueSize
        var setup = setup(workload)
        setup.groups = [
            FleetGroup(
                id: GroupID(index: 0), name: "data", strategy: Eventual.strategy, valueType: type,
                options: StrategyOptions(["resolve": .choice("merge")]), operations: operations,
                members: (0..<3).map { node($0) })
        ]
        var rig = try FleetRig(setup)
        rig.prepare()
        rig.fleet.start(at: ms(0))
        rig.play(until: ms(5_000))
        return rig.takeCompleted().sorted { $0.index < $1.index }
    }

    @Test func aDataTypeIsUsedAsItSays() throws {
        let operations = try asked(.set, [Share(.add, 0.75), Share(.remove, 0.25)])
        #expect(operations.count > 1_000)
        let additions = operations.count { $0.operation.kind == .add }
        #expect(operations.allSatisfy { [.add, .remove].contains($0.operation.kind) })
        #expect(abs(Double(additions) / Double(operations.count) - 0.75) < 0.05)
    }

    @Test func withoutRemovesEveryElementIsNew() throws {
        let operations = try asked(.set, [Share(.add, 1)])
        #expect(Set(operations.map(\.operation)).count == operations.count)
    }

    @Test func removesAreOfElementsThatWereAddedAndSomeAreAddedAgain() throws {
        let operations = try asked(.set, [Share(.add, 0.6), Share(.remove, 0.4)])
        var added: [Key: Set<[UInt8]>] = [:]
        var removes = 0
        var foreign = 0
        var again = 0
        for operation in operations {
            switch operation.operation {
            case .add(let element):
                if !added[operation.key, default: []].insert(element).inserted { again += 1 }
            case .remove(let element):
                removes += 1
                if added[operation.key]?.contains(element) != true { foreign += 1 }
            default: Issue.record("\(operation.operation)")
            }
        }
        #expect(removes > 100 && foreign * 20 < removes, "\(foreign) of \(removes)")
        #expect(again > 50)
    }

    @Test func mapsHaveAFewFields() throws {
        let operations = try asked(.map, [Share(.add, 0.6), Share(.remove, 0.4)])
        var fields: Set<[UInt8]> = []
        for operation in operations {
            switch operation.operation {
            case .put(let field, let content):
                fields.insert(field)
                #expect(content.first == UInt8(ascii: "c"))
            case .remove(let field): fields.insert(field)
            default: Issue.record("\(operation.operation)")
            }
        }
        #expect(fields.count == 8)
    }

    @Test func whatIsNotSupportedIsRefused() {
        #expect(throws: InvalidWorkload.self) {
            try asked(.counter, [Share(.add, 1)])
        }
    }
}
