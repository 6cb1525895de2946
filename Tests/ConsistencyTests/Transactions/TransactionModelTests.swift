import Consistency
import Testing

/// The hierarchy of models, and what anomalies rule out.
@Suite struct TransactionModelTests {
    @Test func namesAreUnique() {
        #expect(
            Set(TransactionModel.allCases.map(\.name)).count == TransactionModel.allCases.count)
        #expect(Set(AnomalyClass.allCases.map(\.name)).count == AnomalyClass.allCases.count)
        for model in TransactionModel.allCases {
            #expect(TransactionModel(name: model.name) == model)
        }
        #expect(TransactionModel(name: "eventual") == nil)
    }

    @Test func strictSerializableIncludesAll() {
        #expect(TransactionModel.strictSerializable.included == TransactionModel.allCases)
        #expect(TransactionModel.readUncommitted.included == [.readUncommitted])
    }

    @Test func inclusionIsAnOrder() {
        for one in TransactionModel.allCases {
            #expect(one.included.contains(one))
            for other in one.included where other != one {
                #expect(!other.included.contains(one), "\(one.name) and \(other.name)")
                #expect(Set(other.included).isSubset(of: one.included))
            }
        }
    }

    /// A model is broken by all that breaks one that it includes.
    @Test(arguments: AnomalyClass.allCases) func brokenGoesUp(_ anomaly: AnomalyClass) {
        for model in TransactionModel.allCases where model.isBroken(by: [anomaly]) {
            for stronger in TransactionModel.allCases where stronger.included.contains(model) {
                #expect(stronger.isBroken(by: [anomaly]), "\(stronger.name)")
            }
        }
        #expect(
            TransactionModel.strictSerializable.isBroken(by: [anomaly]) != anomaly.isUnjudgeable)
    }

    /// As Elle's `friendly-boundary` answers, but for the additions that ``TransactionModel`` names.
    @Test(arguments: [
        (AnomalyClass.g0, ["read-uncommitted"]),
        (.g1a, ["read-committed"]),
        (.g1b, ["read-committed"]),
        (.g1c, ["read-committed"]),
        (.dirtyUpdate, ["read-committed"]),
        (.futureRead, ["read-committed"]),
        (.internal, ["read-atomic"]),
        (.lostUpdate, ["cursor-stability", "update-atomic"]),
        (.gSingle, ["consistent-view", "parallel-snapshot-isolation", "repeatable-read"]),
        (.gNonadjacent, ["repeatable-read", "snapshot-isolation"]),
        (.g2Item, ["repeatable-read"]),
        (.g0Process, ["strong-session-read-uncommitted"]),
        (.g1cProcess, ["strong-session-read-committed"]),
        (.gSingleProcess, ["strong-session-snapshot-isolation"]),
        (.g2ItemProcess, ["strong-session-serializable"]),
        (.g0Realtime, ["strong-read-uncommitted"]),
        (.g1cRealtime, ["strong-read-committed"]),
        (.gNonadjacentRealtime, ["strong-snapshot-isolation"]),
        (.g2ItemRealtime, ["strict-serializable"]),
    ])
    func weakestBroken(_ anomaly: AnomalyClass, _ broken: [String]) {
        let boundary = TransactionModel.boundary([anomaly])
        #expect(boundary.broken.map(\.name).sorted() == broken)
    }

    /// Every model is on one side, and what is on the line bounds the rest.
    @Test(arguments: AnomalyClass.allCases) func boundaryIsComplete(_ anomaly: AnomalyClass) {
        let boundary = TransactionModel.boundary([anomaly])
        let broken = boundary.broken + boundary.alsoBroken
        for model in TransactionModel.allCases {
            if broken.contains(model) {
                #expect(boundary.broken.contains { model.included.contains($0) })
            } else {
                #expect(boundary.allowed.contains { $0.included.contains(model) })
            }
        }
    }
}
