import Recording
import Replication

/// Which version of one key supersedes which.
///
/// Causal versions say it themselves. In a sequence the later position supersedes the earlier one,
/// but only if the earlier one was still there: when an epoch begins at or below a position of an
/// earlier epoch, what stood there was cut off. The record shows where epochs began by the lowest
/// position seen of each, so an acknowledged write that a later leader overwrote is not taken for
/// superseded.
struct VersionOrder {
    /// The lowest position seen of each epoch, by epoch in order.
    private var beginnings: [(epoch: UInt64, index: UInt64)] = []

    /// The order in a group of which the record shows `versions`.
    init(_ versions: some Sequence<Version>) {
        for version in versions { add(version) }
    }

    /// Takes note that the record shows `version`, too.
    mutating func add(_ version: Version) {
        guard case .sequence(let epoch, let index) = version else { return }
        let place = beginnings.partitioningIndex { $0.epoch >= epoch }
        if place < beginnings.count, beginnings[place].epoch == epoch {
            beginnings[place].index = min(beginnings[place].index, index)
        } else {
            beginnings.insert((epoch, index), at: place)
        }
    }

    /// Whether whoever holds `newer` has `older`, or something that superseded it.
    func covers(_ newer: Version, _ older: Version) -> Bool {
        guard newer.supersedesOrEquals(older) else { return false }
        guard case .sequence(let newEpoch, _) = newer,
            case .sequence(let oldEpoch, let oldIndex) = older, newEpoch != oldEpoch
        else { return true }
        guard newEpoch > oldEpoch else { return false }
        return !beginnings.contains { beginning in
            beginning.epoch > oldEpoch && beginning.epoch <= newEpoch
                && beginning.index <= oldIndex
        }
    }
}
