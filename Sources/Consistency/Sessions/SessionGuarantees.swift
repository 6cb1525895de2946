import Determinism
import Recording
import Replication

/// Whether a history keeps the session guarantees, judged by what clients were shown alone.
///
/// A client is a session: its operations come one after another (a closed loop). What replaced what
/// is not read off versions but off the sessions: an update follows the updates that its client
/// had read or made before, and those that came before these. Values that no session connects are
/// concurrent, and either may have replaced the other. So what is found is a violation; a history
/// whose sessions say too little of the order may hide one.
///
/// What a client did not get an answer to promises it nothing. A delete whose outcome is unknown
/// may be why a key is absent from its invocation on.
public enum SessionGuarantees {
    /// Checks the operations of `history` on `dataType`.
    ///
    /// `keepsConcurrent` says that a read may show several concurrent values. Such a register
    /// replaces only what its writer had read: two writes of one client are then concurrent if it
    /// read nothing in between, and a delete leaves concurrent values alone.
    public static func check(
        _ history: History, dataType: String, valueType: ValueType, keepsConcurrent: Bool = false
    ) -> [SessionGuarantee: CheckResult] {
        var keys: [UInt32: [Int]] = [:]
        var checked = 0
        if let wanted = history.number(of: dataType) {
            for position in history.indices {
                let operation = history.glance(position)
                guard operation.dataType == wanted, operation.key != 0, operation.invoked != nil
                else { continue }
                checked += 1
                keys[operation.key, default: []].append(position)
            }
        }
        guard valueType == .register || checked == 0 else {
            let result = CheckResult(
                verdict: .unknown, checked: checked,
                reason: "session guarantees are checked of registers, not of a \(valueType)")
            return Dictionary(
                uniqueKeysWithValues: SessionGuarantee.allCases.map { ($0, result) })
        }
        var results = Dictionary(
            uniqueKeysWithValues: SessionGuarantee.allCases.map {
                ($0, CheckResult(verdict: .valid, checked: checked))
            })
        let named = keys.map { (name: history.text($0.key), positions: $0.value) }
        for (name, positions) in named.sorted(by: { $0.name < $1.name }) {
            var sessions = KeySessions(keepsConcurrent: keepsConcurrent)
            sessions.run(HistorySelection(history, positions))
            for breach in sessions.breaches.values {
                results[breach.guarantee]?.verdict = .invalid
                results[breach.guarantee]?.violations.append(
                    Violation(
                        dataType: dataType, key: name, operations: breach.operations, prefix: [],
                        reason: "key \(name): \(breach.reason)"))
            }
        }
        return results
    }
}
