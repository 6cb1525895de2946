import Determinism
import Recording

/// What became of the elements of a set by the words of ``SetFull``: of each element the last read
/// that shows it and the last that does not, by invocation. Reads that had ended before the
/// element's addition began do not count as missing it.
package enum ReferenceSet {
    /// The first addition of each element, in their order, and what became of it.
    package static func outcomes(
        _ operations: [HistoryOperation]
    ) -> [(addition: Int, outcome: SetFull.Outcome)] {
        var met = Set<HistoryValue>()
        return operations.filter { operation in
            operation.function == .add && operation.outcome != .fail
                && met.insert(operation.value).inserted
        }.map { ($0.index, outcome(of: $0, operations)) }
    }

    /// Elements that one read shows more than once, with the read; only those that were added.
    package static func duplicates(
        _ operations: [HistoryOperation]
    ) -> Set<SetFull.Duplicate> {
        let added = operations.filter { $0.function == .add && $0.outcome != .fail }.map(\.value)
        var found = Set<SetFull.Duplicate>()
        for read in operations where read.function == .read && read.outcome == .ok {
            for value in added where shown(read).count(where: { $0 == value }) > 1 {
                found.insert(SetFull.Duplicate(value: value, read: read.index))
            }
        }
        return found
    }

    private static func shown(_ read: HistoryOperation) -> [HistoryValue] {
        if case .list(let values) = read.value { values } else { [] }
    }

    private static func outcome(
        of addition: HistoryOperation, _ operations: [HistoryOperation]
    ) -> SetFull.Outcome {
        func shows(_ read: HistoryOperation) -> Bool { shown(read).contains(addition.value) }
        let reads = operations.filter { read in
            read.function == .read && read.outcome == .ok
                && (shows(read) || read.completed ?? .zero > addition.invoked ?? .zero)
        }.sorted { ($0.invoked ?? .zero, $0.index) < ($1.invoked ?? .zero, $1.index) }
        var moments = reads.filter(shows).compactMap(\.completed)
        if addition.outcome == .ok, let completed = addition.completed { moments.append(completed) }
        guard let known = moments.min() else { return .neverRead }
        let present = reads.lastIndex(where: shows)
        let absent = reads.lastIndex { !shows($0) }
        if let present, absent ?? -1 < present {
            let late = absent.flatMap { reads[$0].invoked }.map { $0 - known } ?? .zero
            return .stable(after: max(late, .zero))
        }
        if let absent, let invoked = reads[absent].invoked, invoked > known {
            let since = present.flatMap { reads[$0].invoked }.map { $0 - known } ?? .zero
            return .lost(after: max(since, .zero))
        }
        return .neverRead
    }
}
