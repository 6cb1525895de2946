import Determinism
import RegionCore
import Replication
import Scenarios
import Testing

@testable import Exploration

/// Reductions one by one: what they take away, and that what remains means the same.
@Suite struct ReductionTests {
    private func candidate(_ yaml: String) throws -> ShrinkCandidate {
        ShrinkCandidate(try plan(yaml).scenario)
    }

    static let regions = """
        name: regions
        duration: 20s
        topology:
          regions: [us-east-1, eu-west-1, {name: eu-central-1, nodes: 2, zones: [a, b]}, ca-central-1]
          links:
            - {between: [us-east-1, ca-central-1], loss: 1%}
            - {from: eu-central-1/b, to: ca-central-1, one_way: 9ms}
            - {region: eu-west-1, jitter: 1ms}
        replication: {strategy: raft, preferred_leader: eu-central-1}
        data_types:
          a: {preferred_leader: eu-west-1, regions: [us-east-1, eu-west-1, ca-central-1]}
          b: {learners: [ca-central-1]}
        workload: {clients: {eu-west-1: 2, ca-central-1: 3, others: 1}, data_type: {a: 50%, b: 50%}}
        faults:
          - {at: 1s, isolate: eu-west-1, for: 1s}
          - {at: 2s, partition: [[us-east-1, eu-west-1], [eu-central-1/b, ca-central-1]], for: 1s}
          - {at: 3s, kill: eu-central-1/b/1, for: 1s}
          - {at: 4s, kill: {leader: b}, for: 1s}
        actions:
          - {at: 5s, stop: eu-west-1}
          - {at: 6s, stop: ca-central-1}
        expect:
          - availability: {at_least: 1%, region: eu-west-1}
          - availability: {at_least: 2%, region: ca-central-1}
          - converged: {within: 1s, fault: f1}
          - converged: {within: 2s, fault: f3}
          - linearizable: {data_type: b}
        """

    @Test func aRegionGoesWithAllThatNamesIt() throws {
        let smaller = try candidate(Self.regions).removingRegion(1)
        let expected = """
            name: regions
            seed: 1
            duration: 20s

            topology:
              regions:
                - us-east-1
                - {name: eu-central-1, nodes: 2, zones: [a, b]}
                - ca-central-1
              links:
                - {between: [us-east-1, ca-central-1], loss: 1%}
                - {from: eu-central-1/b, to: ca-central-1, one_way: 9ms}

            replication:
              strategy: raft
              preferred_leader: eu-central-1

            data_types:
              a: {regions: [us-east-1, ca-central-1]}
              b: {learners: [ca-central-1]}

            workload:
              clients: {ca-central-1: 3, others: 1}
              data_type: {a: 50%, b: 50%}

            faults:
              - {at: 2s, partition: [[us-east-1], [eu-central-1/b, ca-central-1]], for: 1s}
              - {at: 3s, kill: eu-central-1/b/1, for: 1s}
              - {at: 4s, kill: {leader: b}, for: 1s}

            actions:
              - {at: 6s, stop: ca-central-1}

            expect:
              - availability: {at_least: 2%, region: ca-central-1}
              - converged: {within: 2s, fault: f2}
              - linearizable: {data_type: b}

            """.split(separator: "nodes: 2, ").joined()
        #expect(smaller.scenario.conciseYAML == expected)
        #expect(smaller.origins == [1, 3, 4])
    }

    @Test func aDataTypeGoesAndLaterOnesAreNumberedAnew() throws {
        let first = try candidate(Self.regions)
        let smaller = try #require(first.removingDataType(0))
        #expect(smaller.scenario.dataTypes.map(\.name) == ["b"])
        #expect(smaller.scenario.workload.dataTypes == [Share(GroupID(index: 0), 1)])
        #expect(smaller.scenario.faults[3].kind.selector == .leader(GroupID(index: 0)))
        #expect(smaller.origins == [0, 1, 2, 3, 4])
        // The leader of b is killed, so b cannot go.
        #expect(first.removingDataType(1) == nil)
    }

    @Test func referencesToFaultsFollowThem() throws {
        let smaller = try candidate(Self.regions).removingFaults([0, 1])
        #expect(smaller.origins == [0, 1, 3, 4])
        #expect(
            smaller.scenario.expectations[2]
                == .converged(within: .seconds(2), fault: FaultReference(number: 1)))
    }

    @Test func chunksGoFromAllToEach() {
        #expect(chunks(of: 0).isEmpty)
        #expect(chunks(of: 1) == [0..<1])
        #expect(chunks(of: 4) == [0..<4, 2..<4, 0..<2, 3..<4, 2..<3, 1..<2, 0..<1])
        for count in 1...20 {
            #expect(Set(chunks(of: count).filter { $0.count == 1 }).count == count)
        }
    }

    @Test func smallerNumbersAreSmaller() {
        #expect(smaller(than: 1).isEmpty)
        #expect(smaller(than: 2) == [1])
        #expect(smaller(than: 100) == [1, 10, 25, 50, 75])
        #expect(shorter(than: .seconds(8)).allSatisfy { $0 < .seconds(8) && $0 > .zero })
        #expect(shorter(than: .zero).isEmpty)
    }

    /// One thing larger is enough for a scenario not to be smaller, whatever else shrank.
    @Test func nothingMayGrow() throws {
        let first = try candidate(Self.regions)
        let shorter = first.with { $0.duration = .seconds(10) }
        #expect(shorter.isSmaller(than: first))
        #expect(!first.isSmaller(than: shorter) && !first.isSmaller(than: first))
        let grown = [
            shorter.with { $0.faults.append($0.faults[0]) },
            shorter.with { $0.actions.append($0.actions[0]) },
            shorter.with { $0.actions[0].at = .seconds(9) },
            shorter.with { $0.faults[0].duration = .seconds(9) },
            shorter.with { $0.topology.regions.append(RegionSpec($0.topology.regions[0].region)) },
            shorter.with { $0.topology.regions[0].nodeCount = 2 },
            shorter.with { $0.workload.clients.others = 4 },
            shorter.with { $0.workload.arrivals = .open(PerRegion(51)) },
            shorter.with { $0.workload.mix = .ycsb(.a, records: 1_000) },
            shorter.with { $0.dataTypes.append(DataTypeSpec(name: "c")) },
            shorter.with { $0.expectations.append($0.expectations[0]) },
        ]
        for candidate in grown { #expect(!candidate.isSmaller(than: first)) }
    }

    @Test func transactionsGetShorterAndGoAsAWhole() throws {
        let whole = try candidate(
            """
            name: transactions
            topology: {regions: [us-east-1]}
            data_types: {default: {value: list}}
            workload:
              operations: {read: 50%, txn: 50%}
              txn: {operations: 3..8, max_writes_per_key: 5}
            """)
        let shorter = Reduction.transactions.candidates(whole).filter { $0.isSmaller(than: whole) }
        let lengths = shorter.map(\.scenario.workload.transactions.operations)
        #expect(lengths.prefix(4) == [1...1, 2...2, 3...4, 3...6])
        #expect(shorter.last?.scenario.workload.transactions.writesPerKeyMax == 32)
        let fewer = Reduction.operations.candidates(whole)
        for one in shorter + fewer {
            #expect(one.scenario.problems(strategies: strategies.descriptions).isEmpty)
            let again = try Scenario.decode(
                yaml: one.scenario.conciseYAML, file: "shrunk",
                strategies: strategies.descriptions)
            #expect(again == one.scenario)
        }
        #expect(fewer.map(\.scenario.workload.hasTransactions) == [true, false])
        let longer = whole.with { $0.workload.transactions.operations = 3...9 }
        #expect(!longer.with { $0.duration = .seconds(1) }.isSmaller(than: whole))
    }

    /// Whatever is proposed comes to an end: each accepted proposal is smaller than the last.
    @Test func greedinessEnds() throws {
        var current = try candidate(Self.regions)
        var steps = 0
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for reduction in Reduction.all {
                while let next = reduction.candidates(current).first(where: {
                    $0 != current && $0.isSmaller(than: current)
                        && $0.scenario.problems(strategies: strategies.descriptions).isEmpty
                }) {
                    current = next
                    hasChanged = true
                    steps += 1
                }
            }
        }
        #expect(steps < 500)
        #expect(current.scenario.faults.isEmpty)
        #expect(current.scenario.topology.regions.count == 1)
        #expect(current.scenario.dataTypes.isEmpty)
    }
}
