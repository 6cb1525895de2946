import Determinism
import Replication
import Scenarios
import Testing

@testable import Workloads

/// What transactions are drawn, and how clients run them.
@Suite struct TransactionPlannerTests {
    private static let mix = WorkloadSpec.Mix.operations(
        [Share(.txn, 1)], KeySpec(count: 6, distribution: .zipfian))

    private func draws(
        _ spec: TransactionSpec, seed: UInt64, count: Int = 3_000
    ) throws -> [PlannedOperation] {
        var planner = try OperationPlanner(
            mix: Self.mix, transactions: spec, groupWeights: [1, 1])
        var random = RandomStream(seed: seed, name: "transactions")
        return (0..<count).map { _ in planner.next(&random) }
    }

    static let specs = [
        TransactionSpec(), TransactionSpec(operations: 2...2, readShare: 0, writesPerKeyMax: 1),
        TransactionSpec(operations: 3...32, readShare: 0.8, writesPerKeyMax: 5),
        TransactionSpec(operations: 1...1, readShare: 1),
    ]

    @Test(arguments: specs, 1...3 as ClosedRange<UInt64>)
    func theyAreAsTheWorkloadSays(_ spec: TransactionSpec, _ seed: UInt64) throws {
        let drawn = try draws(spec, seed: seed)
        let lengths = drawn.map(\.steps.count)
        #expect(lengths.min() == spec.operations.lowerBound)
        #expect(lengths.max() == spec.operations.upperBound)
        let steps = drawn.flatMap(\.steps)
        let reads = Double(steps.count(where: \.isRead)) / Double(steps.count)
        #expect(abs(reads - spec.readShare) < 0.03)
        // Every length is as frequent as any other.
        let kinds = spec.operations.count
        for length in spec.operations {
            let share = Double(lengths.count { $0 == length }) / Double(lengths.count)
            #expect(abs(share - 1 / Double(kinds)) < 0.03, "length \(length)")
        }
    }

    @Test(arguments: specs, 1...3 as ClosedRange<UInt64>)
    func aKeyGivesWayAfterSoManyWrites(_ spec: TransactionSpec, _ seed: UInt64) throws {
        var writes: [[Int]: Int] = [:]
        var present: [[Int]: Int] = [:]
        for operation in try draws(spec, seed: seed) {
            for step in operation.steps {
                let key = [operation.group, step.key]
                let before = present[key] ?? 0
                // One after the other, and only once the one before is used up.
                #expect(step.generation == before || step.generation == before + 1)
                if step.generation > before {
                    #expect(writes[key + [before]] == spec.writesPerKeyMax)
                    present[key] = step.generation
                }
                if !step.isRead { writes[key + [step.generation], default: 0] += 1 }
            }
        }
        #expect(writes.values.allSatisfy { $0 <= spec.writesPerKeyMax })
        if spec.readShare < 1 { #expect(present.values.contains { $0 > 3 }) }
    }

    @Test func theSameSeedDrawsTheSame() throws {
        #expect(try draws(TransactionSpec(), seed: 5) == draws(TransactionSpec(), seed: 5))
        #expect(try draws(TransactionSpec(), seed: 5) != draws(TransactionSpec(), seed: 6))
    }

    @Test func lengthsThatAreNotAllowedAreRefused() {
        for spec in [
            TransactionSpec(operations: 0...4), TransactionSpec(operations: 1...33),
            TransactionSpec(readShare: 1.5), TransactionSpec(writesPerKeyMax: 0),
        ] {
            #expect(throws: InvalidWorkload.self) { try draws(spec, seed: 1) }
        }
    }

    @Test func generationsHaveNamesOfTheirOwn() {
        let names = KeyNames(count: 10, size: 0)
        #expect(names.generation(0, of: 3).text == "k3.0")
        #expect(names.generation(12, of: 3).text == "k3.12")
        #expect(names[3].text == "k3")
        let padded = KeyNames(count: 10, size: 8)
        #expect(padded.generation(2, of: 3).text == "k00003.2")
        let longest = KeyNames(count: 10, size: Limits.keyBytesMax)
        #expect(longest.generation(123, of: 3).bytes.count == Limits.keyBytesMax)
    }

    // MARK: Clients

    private func workload(_ spec: TransactionSpec = TransactionSpec()) -> WorkloadSpec {
        var workload = closedLoop(.txn, valueSize: 24, keys: 3)
        workload.transactions = spec
        return workload
    }

    @Test(arguments: [ValueType.list, .register])
    func everyWriteHasAValueOfItsOwn(_ type: ValueType) throws {
        let setup = setup(workload(), valueType: type)
        var rig = try FleetRig(setup)
        rig.prepare()
        rig.fleet.start(at: ms(0))
        rig.fleet.stop(at: ms(2_000))
        var sizes = Set<Int>()
        rig.play(until: ms(10_000)) { send in
            guard
                case .operate(let key, .transaction(let steps), let context) = send.request.command
            else { return nil }
            #expect(key.bytes.isEmpty && context.entries.isEmpty)
            for step in steps where !step.isRead { sizes.insert(step.valueByteCount) }
            return FleetRig.agreeable(send)
        }
        #expect(sizes == [24])
        var tokens = Set<[UInt8]>()
        #expect(rig.completed.count > 1_000)
        for operation in rig.completed {
            guard case .transaction(let steps) = operation.operation else {
                Issue.record("\(operation.operation) is no transaction")
                continue
            }
            #expect(operation.result == .ok && operation.key.bytes.isEmpty)
            for step in steps {
                switch step.action {
                case .read: break
                case .write(let token):
                    #expect(type == .register && tokens.insert(token).inserted)
                case .append(let token):
                    #expect(type == .list && tokens.insert(token).inserted)
                }
            }
        }
    }

    @Test func answersToAnotherQuestionDecideNothing() throws {
        let spec = TransactionSpec(operations: 3...3, readShare: 0.5)
        var rig = try FleetRig(setup(workload(spec)))
        rig.prepare()
        rig.fleet.start(at: ms(0))
        rig.wake(at: ms(0))
        let send = try #require(rig.takeSends().first)
        rig.reply(send, .transaction(reads: [nil, nil, nil, nil]), at: ms(1))
        rig.reply(send, .done(nil), at: ms(2))
        #expect(rig.completed.isEmpty)
    }

    /// What changes nothing needs no session and cannot have taken effect.
    @Test(arguments: [(1.0, CompletedOperation.Result.fail), (0.0, .info)])
    func silenceMeansNothingHappenedOnlyIfNothingWasWritten(
        _ readShare: Double, _ result: CompletedOperation.Result
    ) throws {
        let description = strategy(recognisesRepeats: true, needsSession: true)
        var rig = try FleetRig(
            setup(workload(TransactionSpec(readShare: readShare)), strategy: description))
        rig.prepare()
        rig.play(until: ms(10))
        rig.fleet.start(at: ms(100))
        rig.fleet.stop(at: ms(101))
        rig.play(until: ms(5_000)) { _ in nil }
        #expect(rig.completed.map(\.result) == [result])
        #expect(rig.completed.first?.attempts == 3)
    }
}
