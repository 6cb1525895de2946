import Consistency
import Determinism
import Testing

/// What times alone say, against trying every order.
@Suite struct RegisterZonesTests {
    @Test(arguments: 0..<60)
    func decisiveZonesAgreeWithEveryOrder(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "zones")
        var verdicts = [0, 0]
        for _ in 0..<100 {
            var writes: Int64 = 0
            let calls = (0..<(3 + random.index(5))).map { index in
                let invoked = Int64(random.index(16))
                let call: RegisterModel.Call
                if random.chance(0.4) {
                    writes += 1
                    call = .write(writes)
                } else {
                    call = .read(Int64(random.index(4)))
                }
                return ObjectCall(
                    identity: index, invoked: invoked,
                    returned: invoked + Int64(random.index(10)), call: call)
            }
            let isLinearizable = ReferenceObject.isLinearizable(
                calls.map { ReferenceOperation($0) }, .register)
            let zones = RegisterZones(calls)
            if zones.contradiction != nil { #expect(!isLinearizable, "seed \(seed): \(calls)") }
            if zones.isDecisive, zones.contradiction == nil {
                #expect(isLinearizable, "seed \(seed): \(calls)")
            }
            if zones.isDecisive { verdicts[isLinearizable ? 1 : 0] += 1 }
        }
        #expect(verdicts[0] > 0 && verdicts[1] > 0)
    }

    @Test func aContradictionNamesThreeOperations() {
        let calls: [ObjectCall<RegisterModel.Call>] = [
            ObjectCall(identity: 10, invoked: 0, returned: 1, call: .write(1)),
            ObjectCall(identity: 11, invoked: 2, returned: 3, call: .write(2)),
            ObjectCall(identity: 12, invoked: 4, returned: 5, call: .read(1)),
        ]
        let found = RegisterZones(calls).contradiction
        #expect(found?.first == 10)
        #expect(found?.last == 12)
        #expect(found?.between == 11)
    }

    @Test func replacementsAndDeletesAreNotDecidedByTimesAlone() {
        func decisive(_ call: RegisterModel.Call, returned: Int64? = 3) -> Bool {
            RegisterZones([
                ObjectCall(identity: 0, invoked: 0, returned: 1, call: .write(1)),
                ObjectCall(identity: 1, invoked: 2, returned: returned, call: call),
            ]).isDecisive
        }
        #expect(decisive(.read(1)))
        #expect(decisive(.write(2)))
        #expect(!decisive(.write(1)))
        #expect(!decisive(.write(2), returned: nil))
        #expect(!decisive(.write(0)))
        #expect(!decisive(.replace(1, 2)))
        #expect(!decisive(.read(5)))
        #expect(!decisive(.impossible))
    }
}
