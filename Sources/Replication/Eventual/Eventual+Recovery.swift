import Determinism

/// What the journal keeps, and how it is read back.
extension Eventual {
    private static let checkpointFormat: UInt8 = 1

    /// Writes a checkpoint when the journal has grown beyond the larger of the option and the
    /// state.
    func checkpointIfDue(_ output: inout Output) {
        guard journalBytes > max(options.snapshotBytes, table.bytes) else { return }
        journalBytes = 0
        transitions.count(.checkpointWritten)
        output.checkpoint(checkpoint())
    }

    private func checkpoint() -> [UInt8] {
        var writer = ByteWriter(capacity: table.bytes + known.encodedSize + 1024)
        writer.writeInteger(Self.checkpointFormat)
        writer.writeVarint(counter)
        writer.writeBool(isIncomplete)
        members.encode(into: &writer)
        known.encode(into: &writer)
        writer.writeVarint(UInt64(table.count))
        for item in table.items {
            item.key.encode(into: &writer)
            item.entry.encode(into: &writer)
        }
        return writer.bytes
    }

    /// Takes over the state of a checkpoint.
    public func restore(checkpoint: [UInt8]) throws(MalformedBytes) {
        var reader = ByteReader(checkpoint)
        let format: UInt8 = try reader.readInteger()
        guard format == Self.checkpointFormat else {
            throw MalformedBytes("a checkpoint of format \(format) of the strategy \(strategyName)")
        }
        counter = try reader.readVarint()
        guard counter < KnownDots.counterMax else {
            throw MalformedBytes("a checkpoint after \(counter) writes")
        }
        isIncomplete = try reader.readBool()
        members = try GroupMembers.decode(from: &reader)
        known = try KnownDots.decode(from: &reader)
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 24)) {
            let keyed = try KeyedEntry.decode(from: &reader)
            guard table.resolver.isValid(keyed.entry) else {
                throw MalformedBytes("a merged value in a checkpoint that is none")
            }
            store(keyed.key, keyed.entry)
        }
        log = WriteLog(after: counter)
    }

    /// Applies a record that was persisted after the checkpoint.
    public func replay(_ record: EventualRecord) throws(MalformedBytes) {
        journalBytes += record.encodedSize
        var met: [ConflictResolver.Meeting] = []
        switch record.body {
        case .taken(let key, let write):
            guard write.dot.member == me else {
                throw MalformedBytes("a write of \(write.dot.member) in the journal of \(me)")
            }
            noteTaken(write.dot.counter, key)
            store(key, table.resolver.add(write, to: table[key], met: &met))
            known.insert(write.dot.counter...write.dot.counter, of: me)
        case .merged(let entries, let member, let range):
            for incoming in entries where table.resolver.isValid(incoming.entry) {
                _ = merge(incoming, met: &met)
            }
            if let member, let range { known.insert(range, of: member) }
        case .learned(let theirs):
            known.merge(theirs)
            noteOwn(theirs.prefix[me])
        case .members(let members): self.members = members
        case .forgotten(let keys):
            for key in keys {
                table.set(key, nil)
                forgotten.insert(key)
            }
        case .incomplete(let isIncomplete): self.isIncomplete = isIncomplete
        }
    }

    /// Takes note of an own write in the journal: the next one gets a higher number.
    private func noteTaken(_ number: UInt64, _ key: Key) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.dotReused) { return }
        #endif
        counter = max(counter, number)
        log.append(number, key, due: .zero)
    }
}
