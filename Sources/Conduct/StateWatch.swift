import DequeModule
import RegionCore
import Replication

/// What members of groups with one order of all writes said of their states, as far back as
/// memory goes, to see whether one ever contradicts another or itself.
struct StateWatch {
    /// What contradicts what was said before.
    enum Contradiction {
        /// Two states after the same writes.
        case diverged(position: UInt64, digest: StateDigest, other: NodeID, StateDigest)
        /// A term that is earlier than one before.
        case wentBack(from: UInt64, to: UInt64)
    }

    fileprivate struct Said {
        var digest: StateDigest
        var node: NodeID
    }

    /// What was said of one group.
    fileprivate struct Group {
        var states: [UInt64: Said] = [:]
        /// The positions in the order in which they were first told of.
        var positions: Deque<UInt64> = []
        var terms: [MemberID: UInt64] = [:]
    }

    /// So many positions of each group are remembered.
    fileprivate static let positionsMax = 2048

    private var groups: [Group?]

    /// A watch over those groups that have one order of all writes, as `isOrdered` says of each.
    init(isOrdered: [Bool]) { groups = isOrdered.map { $0 ? Group() : nil } }

    /// Takes note of how a group looks from `member`.
    mutating func take(
        _ view: GroupView, of group: GroupID, from member: MemberID
    ) -> [Contradiction] {
        let index = Int(group.index)
        guard groups.indices.contains(index), groups[index] != nil else { return [] }
        return groups[index]?.take(view, from: member) ?? []
    }
}

extension StateWatch.Group {
    fileprivate mutating func take(
        _ view: GroupView, from member: MemberID
    ) -> [StateWatch.Contradiction] {
        var result: [StateWatch.Contradiction] = []
        let before = terms[member] ?? 0
        if view.term < before {
            result.append(.wentBack(from: before, to: view.term))
        }
        terms[member] = view.term
        guard case .index(let position) = view.applied else { return result }
        guard let said = states[position] else {
            states[position] = StateWatch.Said(digest: view.digest, node: member.node)
            positions.append(position)
            if positions.count > StateWatch.positionsMax {
                states[positions.removeFirst()] = nil
            }
            return result
        }
        if said.digest != view.digest {
            result.append(
                .diverged(
                    position: position, digest: view.digest, other: said.node, said.digest))
        }
        return result
    }
}
