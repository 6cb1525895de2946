/// Which dots a replica knows: applied to its state, or superseded by what is.
///
/// Per member the writes without a gap from the first (a version vector), and the runs of dots
/// beyond the first gap. After Gonçalves et al., "Concise Server-Wide Causality Management for
/// Eventually Consistent Data Stores" (DAIS 2015): because knowledge is kept for the replica and
/// not just for each key, a key that is absent although a dot of its is known was deleted, and a
/// late copy of that dot is no news.
struct KnownDots: Hashable, Sendable {
    /// The first dots of each member, without a gap.
    private(set) var prefix = VersionVector()
    /// What is known beyond a gap, in order of member; never empty runs.
    private(set) var beyond: [Beyond] = []

    /// What is known of one member's dots beyond the first gap.
    struct Beyond: Hashable, Sendable {
        var member: MemberID
        /// In order, without overlap and not adjacent.
        var runs: [ClosedRange<UInt64>]
    }

    /// Counters stay below this, so that arithmetic on them cannot overflow.
    static let counterMax: UInt64 = 1 << 62
    /// The most runs remembered beyond a member's first gap. What would exceed it is forgotten,
    /// which is safe: it will be sent or compared again.
    static let runsMax = 1024

    /// Whether `dot` is known.
    func contains(_ dot: Dot) -> Bool {
        if prefix.contains(dot) { return true }
        guard let index = position(of: dot.member) else { return false }
        return beyond[index].runs.contains { $0.contains(dot.counter) }
    }

    /// Adds the dots `range` of `member`; returns whether any of them was unknown.
    @discardableResult
    mutating func insert(_ range: ClosedRange<UInt64>, of member: MemberID) -> Bool {
        let done = prefix[member]
        guard range.upperBound > done, range.upperBound < Self.counterMax else { return false }
        let place = position(of: member)
        if place == nil, range.lowerBound <= done + 1 {
            prefix[member] = range.upperBound
            return true
        }
        let runs = place.map { beyond[$0].runs } ?? []
        if runs.contains(where: {
            $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound
        }) {
            return false
        }
        var before: [ClosedRange<UInt64>] = []
        var after: [ClosedRange<UInt64>] = []
        var lower = range.lowerBound
        var upper = range.upperBound
        for run in runs {
            if run.upperBound + 1 < lower {
                before.append(run)
            } else if upper + 1 < run.lowerBound {
                after.append(run)
            } else {
                lower = min(lower, run.lowerBound)
                upper = max(upper, run.upperBound)
            }
        }
        if lower <= done + 1 {
            prefix[member] = upper
            setRuns(after, of: member, at: place)
        } else {
            setRuns(
                Array((before + [lower...upper] + after).prefix(Self.runsMax)), of: member,
                at: place)
        }
        return true
    }

    /// Adds everything that `other` knows; returns whether anything was news.
    @discardableResult
    mutating func merge(_ other: KnownDots) -> Bool {
        var isNews = false
        for entry in other.prefix.entries where prefix[entry.member] < entry.counter {
            if insert(1...entry.counter, of: entry.member) { isNews = true }
        }
        for row in other.beyond {
            for run in row.runs where insert(run, of: row.member) { isNews = true }
        }
        return isNews
    }

    private mutating func setRuns(
        _ runs: [ClosedRange<UInt64>], of member: MemberID, at place: Int?
    ) {
        switch (place, runs.isEmpty) {
        case (let place?, true): beyond.remove(at: place)
        case (let place?, false): beyond[place].runs = runs
        case (nil, true): break
        case (nil, false):
            let index = beyond.firstIndex { $0.member > member } ?? beyond.count
            beyond.insert(Beyond(member: member, runs: runs), at: index)
        }
    }

    private func position(of member: MemberID) -> Int? {
        beyond.isEmpty ? nil : beyond.firstIndex { $0.member == member }
    }
}

extension KnownDots: ByteCodable {
    var encodedSize: Int {
        var size = prefix.encodedSize + ByteWriter.varintSize(UInt64(beyond.count))
        for row in beyond {
            size += 8 + ByteWriter.varintSize(UInt64(row.runs.count))
            for run in row.runs {
                size += ByteWriter.varintSize(run.lowerBound)
                size += ByteWriter.varintSize(run.upperBound - run.lowerBound)
            }
        }
        return size
    }

    func encode(into writer: inout ByteWriter) {
        prefix.encode(into: &writer)
        writer.writeVarint(UInt64(beyond.count))
        for row in beyond {
            row.member.encode(into: &writer)
            writer.writeVarint(UInt64(row.runs.count))
            for run in row.runs {
                writer.writeVarint(run.lowerBound)
                writer.writeVarint(run.upperBound - run.lowerBound)
            }
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> KnownDots {
        var known = KnownDots()
        known.prefix = try CausalCoding.decodeVector(from: &reader)
        for _ in 0..<(try reader.readCount(limit: CausalCoding.membersMax)) {
            let member = try MemberID.decode(from: &reader)
            for _ in 0..<(try reader.readCount(limit: runsMax)) {
                let lower = try CausalCoding.decodeCounter(from: &reader)
                let span = try reader.readVarint()
                guard span < counterMax - lower else {
                    throw MalformedBytes("a run of \(span) dots from \(lower)")
                }
                known.insert(lower...lower + span, of: member)
            }
        }
        return known
    }
}
