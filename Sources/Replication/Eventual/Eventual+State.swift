import DequeModule
import Determinism

/// Changes of the state: storing entries, merging those of others, noting conflicts.
extension Eventual {
    /// Stores what is known of a key.
    func store(_ key: Key, _ entry: VersionedEntry) {
        table.set(key, entry)
        if entry.isTombstone, isQueued.insert(key).inserted { deleted.append(key) }
    }

    /// Merges an entry that another member holds into the state, the same whether it is live or
    /// read back from the journal. Returns whether anything was news.
    func merge(_ incoming: KeyedEntry, met: inout [ConflictResolver.Meeting]) -> Bool {
        let key = incoming.key
        noteOwn(incoming.entry.newest(of: me))
        guard let held = table[key] else {
            // Known and yet absent: deleted everywhere, and this is a late copy.
            let news = incoming.entry.siblings.filter { !known.contains($0.dot) }
            guard !news.isEmpty else { return false }
            store(key, VersionedEntry(siblings: news, context: incoming.entry.context))
            for sibling in news { learn(sibling.dot) }
            return true
        }
        let merged = table.resolver.merge(held, incoming.entry, met: &met)
        var isNews = false
        if merged != held {
            store(key, merged)
            isNews = true
        }
        for sibling in incoming.entry.siblings where learn(sibling.dot) { isNews = true }
        return isNews
    }

    @discardableResult
    private func learn(_ dot: Dot) -> Bool {
        known.insert(dot.counter...dot.counter, of: dot.member)
    }

    /// The most own writes that a disk may have forgotten; claims beyond are not believed.
    private static var rollbackMax: UInt64 { 1 << 24 }

    /// Takes note that someone knows `number` own writes: the next one gets a higher number. It is
    /// news only to a member whose disk went back in time.
    func noteOwn(_ number: UInt64) {
        #if PlantedBugs
            if PlantedBug.isPlanted(.dotReused) { return }
        #endif
        if number > counter, number - counter <= Self.rollbackMax {
            transitions.count(.ownWritesLearned)
            counter = number
        }
    }

    /// Merges entries that came over a link and persists what was news, with `range`, if given:
    /// writes of `member` that are known now.
    func absorb(
        _ entries: [KeyedEntry], knowing range: ClosedRange<UInt64>?, of member: MemberID,
        _ now: NodeTime, _ output: inout Output
    ) {
        var news: [KeyedEntry] = []
        for incoming in entries {
            guard table.resolver.isValid(incoming.entry) else {
                transitions.count(.stateRejected)
                continue
            }
            for sibling in incoming.entry.siblings { clock.observe(sibling.timestamp, now.wall) }
            var met: [ConflictResolver.Meeting] = []
            let isAbsent = table[incoming.key] == nil
            noteArrival(of: incoming, from: member, &output)
            if merge(incoming, met: &met) {
                news.append(incoming)
            } else if isAbsent {
                transitions.count(.lateCopyIgnored)
            }
            note(met, of: incoming.key, &output)
        }
        let isRangeNews = range.map { known.insert($0, of: member) } ?? false
        if !news.isEmpty || isRangeNews {
            persist(.merged(news, known: isRangeNews ? member : nil, range), &output)
            for incoming in news { noteUnwritten(incoming.key, output) }
        }
        noteSkew(of: member, now, &output)
    }

    /// Notes what of an entry is new here, before it is merged.
    private func noteArrival(
        of incoming: KeyedEntry, from member: MemberID, _ output: inout Output
    ) {
        guard output.logsReplication else { return }
        for sibling in incoming.entry.siblings where !known.contains(sibling.dot) {
            output.replicated(
                incoming.key, sibling.version, bytes: sibling.value?.count ?? 0, from: member)
        }
    }

    /// Takes over what another member knew, all of whose state is here now.
    func learn(_ theirs: KnownDots, _ output: inout Output) {
        let isNews = known.merge(theirs)
        noteOwn(theirs.prefix[me])
        if isNews { persist(.learned(theirs), &output) }
    }

    /// Notes concurrent writes that met, unless they were made too far apart to count.
    func note(_ met: [ConflictResolver.Meeting], of key: Key, _ output: inout Output) {
        guard options.notesConflicts else { return }
        for meeting in met {
            if let window = options.conflictWindow {
                let apart = meeting.winner.timestamp.wall - meeting.loser.timestamp.wall
                if apart > window { continue }
            }
            switch options.resolver {
            case .lastWriterWins, .versionVector, .merge:
                transitions.count(.conflictResolved)
                output.note(
                    .conflictResolved,
                    [
                        .init("key", .key(key)), .init("winner", .version(meeting.winner.version)),
                        .init("loser", .version(meeting.loser.version)),
                        .init("rule", .text(options.resolver.rawValue)),
                    ])
            case .siblings:
                transitions.count(.conflictKept)
                output.note(
                    .conflictKept,
                    [
                        .init("key", .key(key)), .init("first", .version(meeting.winner.version)),
                        .init("second", .version(meeting.loser.version)),
                    ])
            }
        }
    }

    private func noteSkew(of member: MemberID, _ now: NodeTime, _ output: inout Output) {
        guard clock.rejected > reportedSkews, now.monotonic >= nextSkewReport else { return }
        reportedSkews = clock.rejected
        nextSkewReport = now.monotonic + EventualOptions.reportInterval
        transitions.count(.clockRejected)
        output.note(
            "clock-skew-rejected",
            [
                .init("member", .member(member)),
                .init("count", .number(Int64(clamping: clock.rejected))),
            ])
    }
}
