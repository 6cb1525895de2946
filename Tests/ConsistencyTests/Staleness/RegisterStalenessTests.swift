import Determinism
import Testing

@testable import Consistency

@Suite struct RegisterStalenessTests {
    private typealias Call = ObjectCall<RegisterModel.Call>

    private static func drawn(_ random: inout RandomStream) -> [Call] {
        var written: Int64 = 0
        return (0..<(4 + random.index(8))).map { index in
            let invoked = Int64(random.index(30))
            let call: RegisterModel.Call
            if random.chance(0.5) {
                written += 1
                call = .write(written)
            } else {
                call = .read(Int64(random.index(4)))
            }
            return Call(
                identity: index, invoked: invoked, returned: invoked + Int64(random.index(9)),
                call: call)
        }
    }

    /// The longest chain of writes, by trying all.
    private static func chain(_ writes: [Call], after time: Int64, before moment: Int64) -> Int {
        var longest = 0
        for write in writes where write.invoked > time {
            guard let returned = write.returned, returned < moment else { continue }
            longest = max(longest, 1 + chain(writes, after: returned, before: moment))
        }
        return longest
    }

    @Test(arguments: 0..<40)
    func agesAndVersionsAreThoseOfTheDefinition(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "staleness")
        for _ in 0..<50 {
            let calls = Self.drawn(&random)
            let writes = calls.filter { if case .write = $0.call { true } else { false } }
            for read in RegisterStaleness(calls).reads {
                let call = calls[read.identity]
                guard case .read(let value) = call.call else { continue }
                let own = writes.first { $0.call == .write(value) }
                let written = own?.returned ?? .min
                let superseded = writes.filter { $0.invoked > written }.compactMap(\.returned).min()
                #expect(read.age == max(0, call.invoked - (superseded ?? .max)), "seed \(seed)")
                #expect(
                    read.versions == Self.chain(writes, after: written, before: call.invoked),
                    "seed \(seed)")
            }
        }
    }

    @Test func valuesOfSeveralWritersAreNotJudged() {
        let staleness = RegisterStaleness([
            Call(identity: 0, invoked: 0, returned: 1, call: .write(1)),
            Call(identity: 1, invoked: 2, returned: 3, call: .write(1)),
            Call(identity: 2, invoked: 4, returned: 5, call: .read(1)),
            Call(identity: 3, invoked: 4, returned: 5, call: .read(2)),
        ])
        #expect(staleness.reads.isEmpty)
        #expect(staleness.unjudged == 2)
    }

    /// The least shift after which every order is tried with success.
    @Test(arguments: 0..<20)
    func deltaIsTheLeastShiftThatHelps(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "delta")
        var finite = 0
        for _ in 0..<20 {
            let calls = Array(Self.drawn(&random).prefix(6))
            func isLinearizable(_ delta: Int64) -> Bool {
                let moved = calls.map { call in
                    let isRead = if case .read = call.call { true } else { false }
                    return ObjectCall<BruteForce.Call>(
                        identity: call.identity, invoked: call.invoked - (isRead ? delta : 0),
                        returned: call.returned,
                        call: {
                            switch call.call {
                            case .read(let value): .read(Int(value))
                            case .write(let value): .write(Int(value))
                            case .replace, .impossible: .read(-1)
                            }
                        }())
                }
                return BruteForce.isLinearizable(moved) { state, call in
                    switch call {
                    case .read(let value): value == state ? state : nil
                    case .write(let value): value
                    case .cas, .increment: nil
                    }
                }
            }
            switch AtomicityDelta(calls) {
            case .finite(let delta):
                #expect(isLinearizable(delta), "seed \(seed)")
                #expect(delta == 0 || !isLinearizable(delta - 1), "seed \(seed)")
                if delta > 0 { finite += 1 }
            case .infinite: #expect(!isLinearizable(1000), "seed \(seed)")
            case .unknown: break
            }
        }
        #expect(finite > 0)
    }
}
