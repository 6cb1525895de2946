import Determinism
import Geography
import RegionCore
import Replication

/// A node's status on the wire.
extension NodeStatus: ByteCodable {
    package var encodedSize: Int {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes.count
    }

    package func encode(into writer: inout ByteWriter) {
        member.encode(into: &writer)
        writer.writeInteger(launch)
        writer.writeInteger(time.monotonic.nanoseconds)
        writer.writeInteger(time.wall.nanosecondsSince1970)
        writer.writeVarint(UInt64(groups.count))
        for group in groups {
            writer.writeInteger(group.group.index)
            group.view.encode(into: &writer)
        }
        writer.writeVarint(UInt64(links.count))
        for link in links { link.encode(into: &writer) }
        writer.writeVarint(UInt64(arrivals.count))
        for arrival in arrivals {
            writer.writeInteger(arrival.source.packed)
            writer.writeVarint(arrival.count)
            writer.writeInteger(arrival.delayTotal.nanoseconds)
        }
        writer.writeVarint(UInt64(notes.count))
        for note in notes {
            writer.writeInteger(note.time.nanoseconds)
            writer.writeInteger(note.group.index)
            note.note.encode(into: &writer)
        }
        delayError.encode(into: &writer)
        loopLag.encode(into: &writer)
        writer.writeInteger(processorTime.nanoseconds)
        for number in [
            residentBytes, commits, recordsCommitted, requestsInFlight, framesRefused,
        ] {
            writer.writeVarint(number)
        }
        writer.writeInteger(commitTime.nanoseconds)
        writer.writeInteger(monotonicLead.nanoseconds)
        writer.writeInteger(stalled.nanoseconds)
        writer.writeVarint(requestsShed)
        let fields = DiskCounters.fields
        writer.writeVarint(UInt64(fields.count))
        for field in fields { writer.writeVarint(disk[keyPath: field]) }
        writer.writeInteger(workTime.nanoseconds)
        writer.writeVarint(replicationNotesDropped)
    }

    package static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> NodeStatus {
        let member = try MemberID.decode(from: &reader)
        let launch: UInt32 = try reader.readInteger()
        let monotonic = Instant(nanoseconds: try reader.readInteger())
        let wall = WallTime(nanosecondsSince1970: try reader.readInteger())
        var status = NodeStatus(
            member: member, launch: launch, time: NodeTime(monotonic: monotonic, wall: wall))
        for _ in 0..<(try reader.readCount(limit: Limits.groupsMax)) {
            let group = GroupID(index: try reader.readInteger())
            status.groups.append(
                GroupStatus(group: group, view: try GroupView.decode(from: &reader)))
        }
        for _ in 0..<(try reader.readCount(limit: Limits.nodesMax)) {
            status.links.append(try LinkStatus.decode(from: &reader))
        }
        for _ in 0..<(try reader.readCount(limit: Limits.nodesMax)) {
            let source = NodeID(packed: try reader.readInteger())
            let count = try reader.readVarint()
            let total = TimeSpan(nanoseconds: try reader.readInteger())
            status.arrivals.append(
                ProbeArrivals(source: source, count: count, delayTotal: total))
        }
        for _ in 0..<(try reader.readCount(limit: reader.remaining)) {
            let time = Instant(nanoseconds: try reader.readInteger())
            let group = GroupID(index: try reader.readInteger())
            status.notes.append(
                TimedNote(time: time, group: group, note: try Note.decode(from: &reader)))
        }
        status.delayError = try LatenessSummary.decode(from: &reader)
        status.loopLag = try LatenessSummary.decode(from: &reader)
        status.processorTime = TimeSpan(nanoseconds: try reader.readInteger())
        status.residentBytes = try reader.readVarint()
        status.commits = try reader.readVarint()
        status.recordsCommitted = try reader.readVarint()
        status.requestsInFlight = try reader.readVarint()
        status.framesRefused = try reader.readVarint()
        status.commitTime = TimeSpan(nanoseconds: try reader.readInteger())
        // An older node says no more.
        if reader.isAtEnd { return status }
        status.monotonicLead = TimeSpan(nanoseconds: try reader.readInteger())
        status.stalled = TimeSpan(nanoseconds: try reader.readInteger())
        status.requestsShed = try reader.readVarint()
        let fields = DiskCounters.fields
        for index in 0..<(try reader.readCount(limit: 256)) {
            let number = try reader.readVarint()
            if index < fields.count { status.disk[keyPath: fields[index]] = number }
        }
        if reader.isAtEnd { return status }
        status.workTime = TimeSpan(nanoseconds: try reader.readInteger())
        if reader.isAtEnd { return status }
        status.replicationNotesDropped = try reader.readVarint()
        return status
    }
}

extension LinkStatus {
    /// The counters in the order in which they travel. New ones are added at the end.
    private static var fields: [WritableKeyPath<LinkCounters, Int>] {
        [
            \.framesOffered, \.bytesOffered, \.framesStamped, \.bytesStamped, \.framesHeld,
            \.framesLostInReset, \.framesDropped, \.framesUnconnected, \.framesTurnedAway,
            \.framesResent, \.framesImpaired, \.keepAlivesOffered, \.keepAlivesStopped,
            \.resets, \.resetsInjected, \.connectionsPrevented, \.probesSent, \.probesLost,
            \.framesOrphaned, \.framesQueued, \.highFrames, \.highBytes, \.highNanoseconds,
            \.normalFrames, \.normalBytes, \.normalNanoseconds, \.lowFrames, \.lowBytes,
            \.lowNanoseconds,
        ]
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeInteger(target.packed)
        writer.writeBool(isConnected)
        let fields = Self.fields
        writer.writeVarint(UInt64(fields.count))
        for field in fields { writer.writeVarint(UInt64(clamping: counters[keyPath: field])) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> LinkStatus {
        let target = NodeID(packed: try reader.readInteger())
        let isConnected = try reader.readBool()
        var counters = LinkCounters()
        let fields = Self.fields
        for index in 0..<(try reader.readCount(limit: 256)) {
            let number = Int(clamping: try reader.readVarint())
            if index < fields.count { counters[keyPath: fields[index]] = number }
        }
        return LinkStatus(target: target, counters: counters, isConnected: isConnected)
    }
}

extension DiskCounters {
    /// The counters in the order in which they travel. New ones are added at the end.
    fileprivate static var fields: [WritableKeyPath<DiskCounters, UInt64>] {
        [
            \.syncs, \.syncsDelayed, \.syncsSkipped, \.writesRefused, \.operationsFailed,
            \.bytesDropped, \.recordsDamaged,
        ]
    }
}

extension LatenessSummary {
    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(count)
        for span in [p50, p99, max] { writer.writeInteger(span.nanoseconds) }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> LatenessSummary {
        LatenessSummary(
            count: try reader.readVarint(), p50: TimeSpan(nanoseconds: try reader.readInteger()),
            p99: TimeSpan(nanoseconds: try reader.readInteger()),
            max: TimeSpan(nanoseconds: try reader.readInteger()))
    }
}
