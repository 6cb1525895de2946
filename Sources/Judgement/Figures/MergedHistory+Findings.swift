import Recording
import Replication

/// What a value that was shown contradicts.
struct MergedFinding {
    /// What is wrong, to follow the name of who showed it.
    var what: String
    /// The acknowledged update that should have shaped the value, by its place in the history.
    var missing: Int?
}

/// Values that are merged, held against the updates that they say they know.
extension MergedHistory {
    /// The updates of a key, as whoever shows `observation` knows them.
    private struct Knowledge {
        /// Updates with a name that it says it knows.
        var certain: [Update]
        /// Updates that it may know.
        var unsure: [Update]

        init(_ updates: [Update], _ observation: MergedObservation) {
            certain = updates.filter { update in
                update.version.map { observation.known.contains($0.dot) } ?? false
            }
            unsure = updates.filter { $0.version == nil }
        }

        func certain(_ functions: HistoryFunction...) -> [Update] {
            certain.filter { functions.contains($0.function) }
        }

        func unsure(_ functions: HistoryFunction...) -> [Update] {
            unsure.filter { functions.contains($0.function) }
        }
    }

    /// What is wrong with a value that was shown.
    func findings(of observation: MergedObservation) -> [MergedFinding] {
        let knowledge = Knowledge(updates(of: observation.key), observation)
        switch rule {
        case "sum": return countFindings(observation, knowledge)
        case "add-wins", "remove-wins": return setFindings(observation, knowledge)
        case "update-wins": return mapFindings(observation, knowledge)
        case "growable-array": return listFindings(observation, knowledge)
        case "max": return extremeFindings(observation, knowledge) { $0 < $1 }
        case "min": return extremeFindings(observation, knowledge) { $1 < $0 }
        case "last-writer": return lastWriterFindings(observation, knowledge)
        default: return []
        }
    }

    // MARK: Counters

    private func countFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge
    ) -> [MergedFinding] {
        let reading: Int64 = if case .integer(let number) = observation.value { number } else { 0 }
        let sum = knowledge.certain(.increment).reduce(0) { $0 &+ $1.amount }
        let least = knowledge.unsure(.increment).reduce(sum) { $0 &+ min(0, $1.amount) }
        let most = knowledge.unsure(.increment).reduce(sum) { $0 &+ max(0, $1.amount) }
        if reading >= least, reading <= most { return [] }
        let range = least == most ? "\(least)" : "\(least) to \(most)"
        return [
            MergedFinding(
                what: "is \(reading), and the increments that it knows make \(range)",
                missing: knowledge.certain(.increment).last?.index)
        ]
    }

    // MARK: Sets

    private func setFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge
    ) -> [MergedFinding] {
        var findings: [MergedFinding] = []
        let shown = Set(observation.tokens)
        if shown.count < observation.tokens.count {
            findings.append(MergedFinding(what: "shows an element twice"))
        }
        let additions = Dictionary(grouping: knowledge.certain(.add), by: \.token)
        let removals = Dictionary(grouping: knowledge.certain(.remove), by: \.token)
        let unsureAdditions = Set(knowledge.unsure(.add).map(\.token))
        let unsureRemovals = Set(knowledge.unsure(.remove).map(\.token))
        let clears = knowledge.certain(.delete)
        let mayBeCleared = !knowledge.unsure(.delete).isEmpty
        for token in shown.sorted()
        where additions[token] == nil && !unsureAdditions.contains(token) {
            findings.append(
                MergedFinding(what: "shows \(token), which no update that it knows added"))
        }
        for (token, added) in additions.sorted(by: { $0.key < $1.key }) {
            let removed = removals[token] ?? []
            // An addition stands that no remove takes away.
            let standing = added.filter { addition in
                rule == "remove-wins"
                    ? removed.allSatisfy { addition.follows($0) }
                    : !(removed + clears).contains { $0.follows(addition) }
            }
            if shown.contains(token) {
                guard standing.isEmpty, !unsureAdditions.contains(token) else { continue }
                let remove = (removed + clears).last
                findings.append(
                    MergedFinding(
                        what: "shows \(token), which was removed", missing: remove?.index))
            } else if let addition = standing.last, !unsureRemovals.contains(token),
                !mayBeCleared, rule != "remove-wins" || clears.isEmpty
            {
                findings.append(
                    MergedFinding(
                        what: "lacks \(token), which operation \(addition.index) added",
                        missing: addition.index))
            }
        }
        return findings
    }

    // MARK: Maps

    private func mapFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge
    ) -> [MergedFinding] {
        var findings: [MergedFinding] = []
        var shown: [String: String] = [:]
        for pair in observation.tokens {
            let field = String(pair.prefix { $0 != "=" })
            shown[field] = String(pair.dropFirst(field.count + 1))
        }
        let puts = Dictionary(grouping: knowledge.certain(.add), by: \.field)
        let unsurePuts = Dictionary(grouping: knowledge.unsure(.add), by: \.field)
        let removals = knowledge.certain(.remove, .delete)
        let mayBeCleared = !knowledge.unsure(.delete).isEmpty
        let unsureRemovals = Set(knowledge.unsure(.remove).map(\.field))
        for field in Set(puts.keys).union(shown.keys).sorted() {
            let certain = puts[field] ?? []
            let unsure = unsurePuts[field] ?? []
            let relevant = removals.filter { $0.function == .delete || $0.field == field }
            let standing = certain.filter { put in
                !(relevant + certain).contains { $0.follows(put) }
            }
            let last = standing.max { $1.isLater(than: $0) }
            guard let token = shown[field] else {
                if let last, !mayBeCleared, !unsureRemovals.contains(field) {
                    findings.append(
                        MergedFinding(
                            what: "lacks \(field), which operation \(last.index) put there",
                            missing: last.index))
                }
                continue
            }
            if unsure.contains(where: { $0.token == token }) || token == last?.token { continue }
            // An update of unknown outcome may have replaced the last one and be gone itself.
            let isOpen = !unsure.isEmpty || mayBeCleared || unsureRemovals.contains(field)
            if isOpen, standing.contains(where: { $0.token == token }) { continue }
            findings.append(
                MergedFinding(
                    what: "shows \(field)=\(token), where the updates that it knows make "
                        + (last.map { "\(field)=\($0.token)" } ?? "nothing"),
                    missing: last?.index))
        }
        return findings
    }

    // MARK: Lists

    private func listFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge
    ) -> [MergedFinding] {
        var findings: [MergedFinding] = []
        let tokens = observation.tokens
        let shown = Set(tokens)
        if shown.count < tokens.count {
            findings.append(MergedFinding(what: "shows an element twice"))
        }
        var appends: [String: Update] = [:]
        for append in knowledge.certain(.append) { appends[append.token] = append }
        let unsure = Set(knowledge.unsure(.append).map(\.token))
        let clears = knowledge.certain(.delete)
        let mayBeCleared = !knowledge.unsure(.delete).isEmpty
        if let foreign = tokens.first(where: { appends[$0] == nil && !unsure.contains($0) }) {
            findings.append(
                MergedFinding(what: "shows \(foreign), which no update that it knows appended"))
        }
        for append in knowledge.certain(.append) {
            let clear = clears.first { $0.follows(append) }
            if shown.contains(append.token), let clear {
                findings.append(
                    MergedFinding(
                        what: "shows \(append.token), which was removed", missing: clear.index))
            } else if !shown.contains(append.token), clear == nil, !mayBeCleared {
                findings.append(
                    MergedFinding(
                        what: "lacks \(append.token), which operation \(append.index) appended",
                        missing: append.index))
            }
        }
        for (first, second) in zip(tokens, tokens.dropFirst()) {
            guard let before = appends[first], let after = appends[second], before.follows(after)
            else { continue }
            findings.append(
                MergedFinding(
                    what: "shows \(first) before \(second), which was there when it was appended"))
        }
        return findings
    }

    // MARK: Registers

    private func extremeFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge,
        _ precedes: (String, String) -> Bool
    ) -> [MergedFinding] {
        let writes = knowledge.certain(.write)
        let best = writes.max { precedes($0.token, $1.token) }
        guard let token = observation.tokens.first else {
            return best.map {
                [MergedFinding(what: "is empty after operation \($0.index)", missing: $0.index)]
            } ?? []
        }
        if let best, precedes(token, best.token) {
            return [
                MergedFinding(
                    what: "is \(token), and operation \(best.index) wrote \(best.token)",
                    missing: best.index)
            ]
        }
        if (writes + knowledge.unsure(.write)).contains(where: { $0.token == token }) { return [] }
        return [MergedFinding(what: "is \(token), which no update that it knows wrote")]
    }

    private func lastWriterFindings(
        _ observation: MergedObservation, _ knowledge: Knowledge
    ) -> [MergedFinding] {
        let last = knowledge.certain(.write, .delete).max { $1.isLater(than: $0) }
        let token = observation.tokens.first
        let isUnsure = knowledge.unsure.contains { update in
            update.function == .delete ? token == nil : update.token == token
        }
        let expected = last.flatMap { $0.function == .delete ? nil : $0.token }
        if isUnsure || token == expected { return [] }
        return [
            MergedFinding(
                what: "is \(token ?? "empty"), and the last writer it knows of made it "
                    + (expected ?? "empty"), missing: last?.index)
        ]
    }
}
