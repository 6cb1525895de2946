import Determinism
import RegionCore
import Replication

/// The disk of a node in virtual time: what was handed over, what a commit under way holds, and
/// what is durable. It survives the node's processes.
///
/// Commits are grouped as those of the real journal: everything handed over while one runs goes
/// into the next, and a commit counts whole or not at all. A crash loses what is not durable. Of
/// the commit under way each write reaches the disk or not, whatever the order, and one may be
/// torn: only if all of them did is it there afterwards, otherwise recovery finds that it is not
/// whole and cuts it off.
struct SimulatedDisk {
    /// What a group has on the disk.
    private struct GroupFile {
        var checkpoint: [UInt8]?
        var through: UInt64 = 0
        /// The records behind the checkpoint, the first at position `through + 1`.
        var records: [any ByteCodable] = []
        /// How many of `records` a checkpoint has made superfluous, at the front.
        var skipped = 0
        /// Whether something in it is rotten: the position of a record, or 0 for the checkpoint.
        var rotten: Set<UInt64> = []

        /// How many records count.
        var count: Int { records.count - skipped }

        mutating func append(_ record: consuming any ByteCodable, at position: UInt64) {
            precondition(position == through + UInt64(count) + 1, "a gap in the records of a group")
            records.append(record)
        }

        /// Takes `checkpoint` in place of the records before it.
        mutating func take(_ checkpoint: [UInt8], through position: UInt64) {
            self.checkpoint = checkpoint
            skipped += Int(position - through)
            through = position
            rotten = rotten.filter { $0 > position }
            if skipped * 2 > records.count {
                records.removeFirst(skipped)
                skipped = 0
            }
        }
    }

    /// Something that is to get to a group's file.
    private struct Write {
        enum Content {
            case record(any ByteCodable)
            case checkpoint([UInt8])
        }

        var content: Content
        var group: GroupID
        /// The position of the record, or of the last one that the checkpoint stands for.
        var position: UInt64

        var isRecord: Bool {
            switch content {
            case .record: true
            case .checkpoint: false
            }
        }

        var byteCount: Int {
            switch content {
            case .record(let record): record.encodedSize
            case .checkpoint(let bytes): bytes.count
            }
        }
    }

    /// What recovery finds.
    enum Content {
        /// Nothing: a new disk.
        case empty
        /// Everything that was durable.
        case groups(MemberID, [RecoveredGroup])
        /// Something that is not as it was written.
        case damaged
    }

    /// What recovery finds of a group.
    struct RecoveredGroup {
        var group: GroupID
        var checkpoint: [UInt8]?
        var through: JournalPosition
        var records: [[UInt8]]
    }

    private var files: [GroupFile?] = []
    private var owner: MemberID?
    private var queued: [Write] = []
    private var writing: [Write] = []
    /// What was reported durable by a disk that lied.
    private var unsynced: [Write] = []
    private var random: RandomStream
    private(set) var isBusy = false
    private(set) var commits: UInt64 = 0
    private(set) var recordsCommitted: UInt64 = 0
    private(set) var commitTime = TimeSpan.zero
    /// What the disk did in this launch.
    private(set) var counters = DiskCounters()
    /// Bytes that the last crash took though they had been reported durable.
    private var dropped: UInt64 = 0

    init(random: RandomStream) { self.random = random }

    /// The records that wait for a commit.
    var queuedCount: Int { queued.count }

    // MARK: Writing

    mutating func append(_ persist: consuming NodeActions.Persist) {
        queued.append(
            Write(
                content: .record(persist.record), group: persist.group,
                position: persist.position.rawValue))
    }

    mutating func append(checkpoint: [UInt8], group: GroupID, through: JournalPosition) {
        queued.append(
            Write(content: .checkpoint(checkpoint), group: group, position: through.rawValue))
    }

    /// Begins a commit of everything that waits, if none is under way: how long it takes.
    mutating func beginCommit(_ cost: TimeSpan, _ condition: DiskCondition) -> TimeSpan? {
        guard !isBusy, !queued.isEmpty else { return nil }
        isBusy = true
        swap(&writing, &queued)
        if condition.extraSync > .zero { counters.syncsDelayed += 1 }
        let duration = cost + condition.extraSync
        commitTime += duration
        return duration
    }

    /// Ends the commit under way: how far each group's records in it reach; `nil` if the disk
    /// failed.
    mutating func endCommit(
        _ condition: DiskCondition, into positions: inout [(group: GroupID, through: UInt64)]
    ) -> Bool {
        isBusy = false
        if condition.fails || condition.isFull {
            if condition.fails {
                counters.operationsFailed += 1
            } else {
                counters.writesRefused += 1
            }
            // Nothing of it got there.
            writing.removeAll()
            return false
        }
        commits += 1
        for number in writing.indices where writing[number].isRecord {
            recordsCommitted += 1
            let group = writing[number].group
            let position = writing[number].position
            if let last = positions.last, last.group == group {
                positions[positions.count - 1].through = position
            } else if let index = positions.firstIndex(where: { $0.group == group }) {
                positions[index].through = position
            } else {
                positions.append((group, position))
            }
        }
        if condition.losesUnsynced {
            counters.syncsSkipped += 1
            unsynced.append(contentsOf: writing)
        } else {
            counters.syncs += 1
            syncUnsynced()
            applyWriting()
        }
        writing.removeAll(keepingCapacity: true)
        return true
    }

    /// Applies what the commit under way holds, and empties it.
    private mutating func applyWriting() {
        // Out of the disk while it is emptied, so that nothing has to be copied.
        var done: [Write] = []
        swap(&done, &writing)
        done.takeAll { apply($0) }
        swap(&done, &writing)
    }

    private mutating func syncUnsynced() {
        if unsynced.isEmpty { return }
        for write in unsynced { apply(write) }
        unsynced.removeAll()
    }

    private mutating func apply(_ write: consuming Write) {
        let index = prepare(write.group)
        let position = write.position
        switch write.content {
        case .record(let record): files[index]?.append(record, at: position)
        case .checkpoint(let bytes): files[index]?.take(bytes, through: position)
        }
    }

    private func count(_ index: Int) -> Int { files[index]?.count ?? 0 }

    private mutating func prepare(_ group: GroupID) -> Int {
        let index = Int(group.index)
        while files.count <= index { files.append(nil) }
        if files[index] == nil { files[index] = GroupFile() }
        return index
    }

    // MARK: Crashes, rot, and what is left

    /// The process has ended, or the machine: what is not durable is gone. After an end in good
    /// order nothing is.
    mutating func crash() {
        dropped = unsynced.reduce(0) { $0 + UInt64($1.byteCount) }
        if unsynced.isEmpty, !writing.isEmpty {
            // Each write got there or not. Only a whole commit counts.
            var isWhole = random.chance(0.5)
            for _ in writing where isWhole { isWhole = random.chance(0.98) }
            if isWhole {
                applyWriting()
            } else if believesDamage {
                // The first write is there, but torn.
                apply(writing[0])
                if writing[0].isRecord {
                    files[Int(writing[0].group.index)]?.rotten.insert(writing[0].position)
                }
            }
        }
        unsynced.removeAll()
        writing.removeAll()
        queued.removeAll()
        isBusy = false
    }

    /// The process ends in good order: what was handed over is written first, as far as the disk
    /// does that.
    mutating func closeInOrder(_ condition: DiskCondition) {
        if !condition.isFull, !condition.fails {
            if condition.losesUnsynced {
                // The system outlives the process; what it was given gets to the disk in time.
                counters.syncsSkipped += 1
            }
            syncUnsynced()
            for write in writing + queued { apply(write) }
        }
        unsynced.removeAll()
        writing.removeAll()
        queued.removeAll()
        isBusy = false
    }

    /// Damages something of what is durable. Nothing happens to an empty disk.
    mutating func rot() {
        let candidates = files.indices.filter { count($0) > 0 || files[$0]?.checkpoint != nil }
        guard !candidates.isEmpty else { return }
        let index = candidates[random.index(candidates.count)]
        let records = count(index)
        let through = files[index]?.through ?? 0
        let position = records == 0 ? 0 : through + 1 + UInt64(random.index(records))
        files[index]?.rotten.insert(position)
        counters.recordsDamaged += 1
    }

    /// Throws everything away.
    mutating func erase() {
        files.removeAll()
        owner = nil
        unsynced.removeAll()
    }

    /// A process opens the disk: what it finds.
    mutating func open() -> Content {
        counters = DiskCounters()
        counters.bytesDropped = dropped
        dropped = 0
        commits = 0
        recordsCommitted = 0
        commitTime = .zero
        guard let owner else { return .empty }
        if files.contains(where: { $0?.rotten.isEmpty == false }), !believesDamage {
            return .damaged
        }
        var groups: [RecoveredGroup] = []
        for (index, file) in files.enumerated() {
            guard let file else { continue }
            groups.append(
                RecoveredGroup(
                    group: GroupID(index: UInt16(index)), checkpoint: file.checkpoint,
                    through: JournalPosition(rawValue: file.through),
                    records: file.records[file.skipped...].map { $0.encoded }))
            #if PlantedBugs
                groups[groups.count - 1].damage(file.rotten)
            #endif
        }
        return .groups(owner, groups)
    }

    /// Whether recovery takes what does not match its checksum for what was written: never.
    private var believesDamage: Bool {
        #if PlantedBugs
            if PlantedBug.isPlanted(.tornRecordAccepted) { return true }
        #endif
        return false
    }

    /// A new disk is made `member`'s.
    mutating func found(by member: MemberID) { owner = member }
}

#if PlantedBugs
    extension SimulatedDisk.RecoveredGroup {
        /// Changes a byte in the last third of the records at these positions: of a value, mostly.
        fileprivate mutating func damage(_ positions: Set<UInt64>) {
            for position in positions where position > through.rawValue {
                let index = Int(position - through.rawValue) - 1
                guard records.indices.contains(index), !records[index].isEmpty else { continue }
                records[index][records[index].count * 2 / 3] ^= 0x01
            }
        }
    }
#endif
