import DequeModule
import Determinism

/// Deleted keys, until every member knows of the deletion.
///
/// A deletion is an entry like any other. It is forgotten once every member that counts, dead
/// ones included, has said that it knows its dots, and once everything that it superseded is
/// known here, so that no late copy of an older value passes for news. Others that hold it yet
/// drop it when they compare and learn that it is known and gone.
extension Eventual {
    /// Forgets the deleted keys that nobody needs to hear of any more.
    func collectTombstones(_ output: inout Output) {
        var gone: [Key] = []
        for _ in 0..<min(deleted.count, EventualOptions.collectionMax) {
            guard let key = deleted.popFirst() else { break }
            guard let entry = table[key], entry.isTombstone else {
                isQueued.remove(key)
                continue
            }
            if isKnownEverywhere(entry) {
                transitions.count(.tombstoneCollected)
                isQueued.remove(key)
                gone.append(key)
            } else {
                deleted.append(key)
            }
        }
        forget(gone, &output)
    }

    private func isKnownEverywhere(_ entry: VersionedEntry) -> Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.tombstoneCollectedEarly) { return true }
        #endif
        for link in links {
            guard entry.siblings.allSatisfy({ link.known.contains($0.dot) }) else { return false }
        }
        // A life that is over sends nothing any more.
        return entry.context.entries.allSatisfy { past in
            if isCoordinator(past.member) { return known.contains(past) }
            return known.prefix.contains(past) || !members.contains(past.member)
        }
    }

    /// Forgets keys that were deleted everywhere.
    func forget(_ keys: [Key], _ output: inout Output) {
        guard !keys.isEmpty else { return }
        for key in keys {
            table.set(key, nil)
            forgotten.insert(key)
            output.note(.tombstoneCollected, [.init("key", .key(key))])
        }
        persist(.forgotten(keys), &output)
    }
}
