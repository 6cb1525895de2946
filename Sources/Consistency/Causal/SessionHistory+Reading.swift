import Determinism
import Recording

extension SessionHistory {
    /// Whose operations count as those of one session.
    public enum Sessions: Hashable, Sendable {
        /// Of a process: it ends with an operation of unknown outcome.
        case processes
        /// Of a client, over whichever process and to whichever region: what it does after an
        /// operation of unknown outcome is still its own, only that operation stands alone.
        case clients
    }

    /// The operations of `history` on the registers of `dataType`.
    public init(_ history: History, dataType: String, sessions: Sessions = .processes) {
        var numbers = ScalarNumbers()
        var builder = Builder()
        builder.reserveCapacity(history.count)
        let wanted = history.number(of: dataType)
        for position in history.indices {
            if let glance = history.registerGlance(position) {
                guard glance.dataType == wanted, let invoked = glance.invoked else { continue }
                let value = numbers.number(glance.value)
                let session = sessions == .clients ? glance.client : UInt64(glance.process)
                builder.append(
                    process: Int(truncatingIfNeeded: session), identity: glance.index,
                    key: Int32(bitPattern: glance.key), reads: glance.isWrite ? nil : value,
                    writes: glance.isWrite ? value : nil, invoked: invoked.nanoseconds)
            } else {
                Self.add(position, of: history, dataType, sessions, &numbers, &builder)
            }
        }
        self = builder.build()
        let scalars = numbers.scalars
        names = Names(
            key: { history.text(UInt32(bitPattern: $0)) },
            value: { number in
                scalars.indices.contains(Int(number))
                    ? history.value(of: scalars[Int(number)]).summary : "\(number)"
            })
    }

    private static func add(
        _ position: Int, of history: History, _ dataType: String, _ sessions: Sessions,
        _ numbers: inout ScalarNumbers, _ builder: inout Builder
    ) {
        let operation = history[position]
        guard operation.dataType == dataType, let invoked = operation.invoked else { return }
        func number(_ value: HistoryValue) -> Int32 {
            history.scalar(of: value).map { numbers.number($0) } ?? nothing
        }
        var reads: Int32?
        var writes: Int32?
        switch (operation.function, operation.outcome, operation.value) {
        case (.read, .ok, let value): reads = number(value)
        case (.write, .ok, let value), (.write, .info, let value): writes = number(value)
        case (.delete, .ok, _), (.delete, .info, _): writes = absence
        case (.cas, .ok, .pair(let from, let to)), (.cas, .info, .pair(let from, let to)):
            reads = number(from)
            writes = number(to)
        case (.cas, .fail, _): reads = operation.result.map(number)
        case _: return
        }
        let isIndefinite = operation.outcome == .info
        var session = sessions == .clients ? operation.client : UInt64(operation.process)
        // Nothing else is of the session that an operation of unknown outcome of a client has.
        if isIndefinite, sessions == .clients { session = ~UInt64(operation.index) }
        builder.append(
            process: Int(truncatingIfNeeded: session), identity: operation.index,
            key: Int32(bitPattern: history.glance(position).key), reads: reads, writes: writes,
            isIndefinite: isIndefinite, invoked: invoked.nanoseconds)
    }
}
