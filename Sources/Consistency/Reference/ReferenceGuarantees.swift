extension ReferenceHistory {
    /// Which session guarantees the history keeps, word for word after the table of
    /// ``ValueGuarantees``; values must be unique.
    package func guarantees() -> Set<SessionGuarantee> {
        let history = history
        let indices = Array(0..<history.count)
        func session(_ index: Int) -> Int { Int(history.sessions[index]) }
        func isWrite(_ index: Int) -> Bool { history.writes[index] != SessionHistory.nothing }
        func source(_ index: Int) -> Int? {
            guard history.reads[index] != SessionHistory.nothing else { return nil }
            return indices.first {
                $0 != index && isWrite($0) && history.keys[$0] == history.keys[index]
                    && history.writes[$0] == history.reads[index]
            }
        }
        func precedes(_ left: Int, _ right: Int) -> Bool {
            session(left) == session(right) && left < right
        }
        func reads(_ operation: Int, _ write: Int) -> Bool { source(operation) == write }
        /// Whether the session of `operation` had learned `write` before what `operation` wrote
        /// or, without `orAtIt`, before it.
        func learned(_ write: Int, before operation: Int, orAtIt: Bool) -> Bool {
            indices.contains {
                precedes($0, operation) && ($0 == write || reads($0, write))
            } || (orAtIt && reads(operation, write))
        }
        func restsOn(_ write: Int, _ foundation: Int) -> Bool {
            indices.contains {
                (precedes($0, write) || $0 == write) && reads($0, foundation)
            }
        }
        var kept = Set(SessionGuarantee.allCases)
        for read in indices where history.reads[read] != SessionHistory.nothing {
            let shown = source(read)
            if shown == nil, history.reads[read] != SessionHistory.absence { return [] }
            if let shown, precedes(read, shown) { return [] }
            for hidden in indices
            where isWrite(hidden) && hidden != shown && history.keys[hidden] == history.keys[read] {
                if precedes(hidden, read) {
                    if shown.map({ learned($0, before: hidden, orAtIt: true) }) ?? true {
                        kept.remove(.readYourWrites)
                    }
                }
                for earlier in indices where precedes(earlier, read) {
                    guard let seen = source(earlier) else { continue }
                    if seen == hidden,
                        shown.map({ learned($0, before: earlier, orAtIt: false) }) ?? true
                    {
                        kept.remove(.monotonicReads)
                    }
                    if let shown {
                        if precedes(shown, hidden), hidden == seen || precedes(hidden, seen) {
                            kept.remove(.monotonicWrites)
                        }
                        if restsOn(hidden, shown), hidden == seen || restsOn(seen, hidden) {
                            kept.remove(.writesFollowReads)
                        }
                    } else {
                        if precedes(hidden, seen) { kept.remove(.monotonicWrites) }
                        if restsOn(seen, hidden) { kept.remove(.writesFollowReads) }
                    }
                }
            }
        }
        return kept
    }
}
