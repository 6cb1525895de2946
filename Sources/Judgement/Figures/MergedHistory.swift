import Determinism
import Recording
import Replication
import Scenarios

/// What clients did to the values of one data type that members merge.
///
/// Who shows such a value says which updates it knows, by a version vector, and the same updates
/// make the same value. So each value that was shown, in an answer or at the end, can be held
/// against the updates that it says it knows. Updates of unknown outcome, of which nobody knows the
/// name, may have been among them or not.
struct MergedHistory {
    /// An update that may have taken effect.
    struct Update {
        /// Its place in the history.
        var index: Int
        var function: HistoryFunction
        /// The element, or the content of a field or register; for an increment empty.
        var token: String
        /// The field of a map.
        var field: String
        /// What an increment adds.
        var amount: Int64
        /// Its name, time and what it knew; `nil`: its outcome, or which name it has, is unknown.
        var version: (dot: Dot, context: VersionVector, timestamp: HybridTimestamp)?
        /// When it was acknowledged.
        var acknowledged: Instant?

        /// Whether it knew of `other`.
        func follows(_ other: Update) -> Bool {
            guard let dot = other.version?.dot else { return false }
            return version?.context.contains(dot) ?? false
        }

        /// Whether it is the later of the two by time.
        func isLater(than other: Update) -> Bool {
            guard let mine = version, let theirs = other.version else { return false }
            return (mine.timestamp, mine.dot) > (theirs.timestamp, theirs.dot)
        }
    }

    /// The rule by which the values merge.
    let rule: String
    private var updates: [String: [Update]] = [:]

    /// The updates of `dataType` in `record`; `nil` if its values are not merged, or by a rule that
    /// does not come with Meridian.
    init?(_ record: RecordContents, dataType: String, plan: Plan, _ lives: MemberLives) {
        guard let group = plan.groups.first(where: { $0.name == dataType }), group.isMerged,
            let rule = try? MergeRules.standard.rule(
                named: group.options["merge"], for: group.valueType)
        else { return nil }
        self.rule = rule.description.name
        let history = record.history
        let wanted = history.number(of: dataType)
        for position in history.indices {
            let glance = history.glance(position)
            guard glance.dataType == wanted, glance.function.isUpdate, glance.outcome != .fail,
                glance.invoked != nil
            else { continue }
            let operation = history[position]
            guard let key = operation.key else { continue }
            updates[key, default: []].append(Update(operation, group.valueType, lives))
        }
    }

    /// The updates of `key`, in the order of the history.
    func updates(of key: String) -> [Update] { updates[key] ?? [] }

    /// The update at `index` of the history.
    func update(_ index: Int, of key: String) -> Update? {
        updates(of: key).first { $0.index == index }
    }
}

extension MergedHistory.Update {
    fileprivate init(_ operation: HistoryOperation, _ type: ValueType, _ lives: MemberLives) {
        var token = ""
        var field = ""
        var amount: Int64 = 0
        switch operation.value {
        case .text(let text): token = text
        case .integer(let number): amount = number
        case .null, .list, .pair, .transaction: break
        }
        if type == .map {
            field = String(token.prefix { $0 != "=" })
            token = String(token.dropFirst(field.count + 1))
        }
        var version: (dot: Dot, context: VersionVector, timestamp: HybridTimestamp)?
        if operation.outcome == .ok,
            case .causal(let dot, let context, let timestamp)? = operation.version,
            !lives.isForgetful(dot.member.node)
        {
            version = (dot, context, timestamp)
        }
        self.init(
            index: operation.index, function: operation.function, token: token, field: field,
            amount: amount, version: version,
            acknowledged: operation.outcome == .ok ? operation.completed : nil)
    }
}

/// A value as someone showed it, with the updates that it reflects.
struct MergedObservation {
    var key: String
    var value: HistoryValue
    /// The updates that it says it knows.
    var known: VersionVector
    /// Who showed it, for sentences.
    var source: String

    /// What a member held at the end.
    init(_ row: FinalRow) {
        key = row.key
        value = row.value
        known = row.version.known
        source = "what \(row.node) held of key \(row.key) at the end"
    }

    /// What a read showed; `nil` if it says nothing about what it knows.
    init?(_ read: HistoryOperation) {
        guard read.function == .read, read.outcome == .ok, let key = read.key,
            let version = read.version, version.causal != nil
        else { return nil }
        self.key = key
        value = read.value
        known = read.context
        source = read.described
    }

    /// The elements, tokens or fields that it shows.
    var tokens: [String] {
        switch value {
        case .text(let token): [token]
        case .list(let elements): elements.compactMap(\.token)
        case .null, .integer, .pair, .transaction: []
        }
    }
}

extension Version {
    /// Everything that whoever holds this version knows; of positions in a log nothing.
    var known: VersionVector {
        guard case .causal(let dot, var context, _) = self else { return VersionVector() }
        context[dot.member] = max(context[dot.member], dot.counter)
        return context
    }
}

extension PlannedGroup {
    /// Whether its values are merged.
    var isMerged: Bool { options["resolve"] == .choice("merge") }
}
