import Recording
import Replication
import Scenarios

extension InvariantAudit {
    /// Leader completeness: what is committed is in the logs of all later leaders (Ongaro and
    /// Ousterhout, 2014, figure 3), so what clients were told of later terms stands after what
    /// they were told of earlier ones.
    ///
    /// A primary that may lose what it acknowledged makes no such promise.
    static func positionsOutOfOrder(_ history: History, _ plan: Plan) -> [String] {
        let lossy = plan.groups.filter { group in
            group.strategy == PrimaryBackup.strategy.name
                && !PrimaryBackup.strategy.isLinearizable(with: group.options)
        }.map(\.name)
        return history.dataTypes.filter { !lossy.contains($0) }.flatMap { name -> [String] in
            let wanted = history.number(of: name)
            var epochs: [UInt64: ClosedRange<UInt64>] = [:]
            for position in history.indices {
                let operation = history.glance(position)
                guard operation.dataType == wanted, operation.outcome == .ok,
                    case .sequence(let epoch, let index) = operation.version
                else { continue }
                let known = epochs[epoch] ?? index...index
                epochs[epoch] = min(known.lowerBound, index)...max(known.upperBound, index)
            }
            let sorted = epochs.sorted { $0.key < $1.key }
            return zip(sorted, sorted.dropFirst()).compactMap { earlier, later -> String? in
                guard later.value.lowerBound <= earlier.value.upperBound else { return nil }
                return "leader completeness: clients of \(name) were told of "
                    + "\(earlier.key).\(earlier.value.upperBound), and of "
                    + "\(later.key).\(later.value.lowerBound), which stands in its place or before"
            }
        }
    }
}
