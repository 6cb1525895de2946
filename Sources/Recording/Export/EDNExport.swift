import Determinism

/// Writes a history as Jepsen records it: an event for each invocation and each completion.
///
/// Events stand in the order of their times. What happened at the same nanosecond is concurrent,
/// so invocations come first there. An operation whose outcome is unknown has no completion: it is
/// what Jepsen's checkers take an `:info` for, whose moment they do not look at.
struct EDNExport {
    private let history: History

    init(_ history: History) { self.history = history }

    private struct Event {
        var time: Int64
        var isCompletion: Bool
        var position: Int
    }

    func write<Failure: Error>(
        _ take: (_ bytes: [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var bytes: [UInt8] = []
        for (index, event) in events.enumerated() {
            append(event, index, to: &bytes)
            if bytes.count > 1 << 15 {
                try take(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try take(bytes)
    }

    private var events: [Event] {
        var events: [Event] = []
        for position in history.indices {
            let row = history.row(position)
            guard row.invoked != HistoryRow.never else { continue }
            events.append(Event(time: row.invoked, isCompletion: false, position: position))
            guard row.completed != HistoryRow.never,
                row.outcome != HistoryRow.number(.info)
            else { continue }
            events.append(Event(time: row.completed, isCompletion: true, position: position))
        }
        return events.sorted {
            ($0.time, $0.isCompletion ? 1 : 0, $0.position)
                < ($1.time, $1.isCompletion ? 1 : 0, $1.position)
        }
    }

    private func append(_ event: Event, _ index: Int, to bytes: inout [UInt8]) {
        let operation = history[event.position]
        let type = event.isCompletion ? operation.outcome.rawValue : "invoke"
        var text = "{:index \(index), :time \(event.time), :type :\(type), "
        text += ":process \(operation.process), :f :\(operation.function.name)"
        if let key = operation.key { text += ", :key \(Self.quoted(key))" }
        text += ", :value \(Self.text(value(of: operation, event)))"
        if event.isCompletion, let error = operation.error {
            text += ", :error \(Self.quoted(error))"
        }
        bytes += Array((text + "}\n").utf8)
    }

    /// What the operation is known to be about at the event: what it saw only when it has.
    private func value(of operation: HistoryOperation, _ event: Event) -> HistoryValue {
        let hasAnswer = event.isCompletion && operation.outcome == .ok
        switch (operation.function, operation.value) {
        case (.read, _), (.dequeue, _): return hasAnswer ? operation.value : .null
        case (.txn, .transaction(let parts)) where !hasAnswer:
            return .transaction(
                parts.map { $0.function == .read ? MicroOperation(.read, $0.key) : $0 })
        case _: return operation.value
        }
    }

    static func text(_ value: HistoryValue) -> String {
        switch value {
        case .null: "nil"
        case .text(let text): quoted(text)
        case .integer(let number): String(number)
        case .list(let elements): "[" + elements.map(text).joined(separator: " ") + "]"
        case .pair(let from, let to): "[\(text(from)) \(text(to))]"
        case .transaction(let parts):
            "["
                + parts.map { part in
                    "[:\(part.function.rawValue) \(quoted(part.key)) \(text(part.value))]"
                }.joined(separator: " ") + "]"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
