import Recording
import Scenarios

extension LossAudit {
    /// Looks, beyond versions, at the values that are merged: an acknowledged update is lost, too,
    /// if every live member that holds the key at the end says that it knows the update, and shows
    /// a value that it cannot have shaped.
    mutating func lookIntoMergedValues(
        _ record: RecordContents, dataType: String, plan: Plan, _ lives: MemberLives
    ) {
        guard let merged = MergedHistory(record, dataType: dataType, plan: plan, lives) else {
            return
        }
        var missing: [String: Set<Int>] = [:]
        for row in record.final where row.dataType == dataType && !lives.isForgetful(row.node) {
            let found = Set(merged.findings(of: MergedObservation(row)).compactMap(\.missing))
            missing[row.key] = missing[row.key].map { $0.intersection(found) } ?? found
        }
        let known = Set(lost.map(\.index))
        for key in missing.keys.sorted() {
            for index in (missing[key] ?? []).sorted() where !known.contains(index) {
                guard let update = merged.update(index, of: key),
                    let acknowledged = update.acknowledged
                else { continue }
                lost.append(LostWrite(index: index, key: key, acknowledged: acknowledged))
            }
        }
    }
}
