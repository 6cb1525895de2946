/// How stale reads of a register are, and how far it is from linearizable, by trying everything.
package enum ReferenceStaleness {
    package typealias Call = ObjectCall<RegisterModel.Call>

    /// What the read is: `nil` if its value has several writers, none, or one that never returned.
    package static func judge(_ read: Call, _ calls: [Call]) -> RegisterStaleness.Read? {
        guard case .read(let value) = read.call else { return nil }
        let writers = calls.filter { written(by: $0) == value }
        let end: Int64
        switch (value, writers.count) {
        case (0, 0): end = .min
        case (1..., 1):
            guard let returned = writers[0].returned else { return nil }
            end = returned
        case _: return nil
        }
        let writes = calls.filter { written(by: $0) != nil && $0.returned != nil }
        let superseded = writes.filter { $0.invoked > end }.compactMap(\.returned).min()
        return RegisterStaleness.Read(
            identity: read.identity,
            age: superseded.map { max(0, read.invoked - $0) } ?? 0,
            versions: chain(writes, after: end, before: read.invoked))
    }

    private static func written(by call: Call) -> Int64? {
        switch call.call {
        case .write(let value), .replace(_, let value): value
        case .read, .impossible: nil
        }
    }

    /// The longest chain of writes, each invoked after the one before had returned.
    private static func chain(_ writes: [Call], after time: Int64, before moment: Int64) -> Int {
        var longest = 0
        for write in writes where write.invoked > time {
            guard let returned = write.returned, returned < moment else { continue }
            longest = max(longest, 1 + chain(writes, after: returned, before: moment))
        }
        return longest
    }

    /// The least time by which all reads must be moved back for there to be an order, by trying
    /// one after the other; `nil` if none helps.
    package static func delta(_ calls: [Call]) -> Int64? {
        let times = calls.flatMap { [$0.invoked, $0.returned ?? $0.invoked] }
        guard let first = times.min(), let last = times.max() else { return 0 }
        return (0...(last - first + 1)).first { delta in
            let moved = calls.map { call in
                var operation = ReferenceOperation(call)
                if case .read = call.call { operation.invoked -= delta }
                return operation
            }
            return ReferenceObject.isLinearizable(moved, .casRegister)
        }
    }

    /// Whether times decide at all: values are written once, with known outcomes, or else one was
    /// read that nobody wrote.
    package static func isDecided(_ calls: [Call]) -> Bool {
        let written = calls.compactMap(Self.written(by:))
        let isUnwritten = calls.contains { call in
            guard case .read(let value) = call.call else { return false }
            return value != 0 && !written.contains(value)
        }
        return isUnwritten
            || calls.allSatisfy { call in
                switch call.call {
                case .write(let value):
                    value != 0 && call.returned != nil && written.count { $0 == value } == 1
                case .read: true
                case .replace, .impossible: false
                }
            }
    }
}

extension ReferenceOperation {
    /// A call of a register.
    package init(_ call: ObjectCall<RegisterModel.Call>) {
        let made: Call =
            switch call.call {
            case .read(let value): .read(value == 0 ? [] : [Int(value)])
            case .write(0): .delete
            case .write(let value): .write(Int(value))
            case .replace(let from, let to): .cas(from: Int(from), to: Int(to))
            case .impossible: .read([-1])
            }
        self.init(made, invoked: call.invoked, returned: call.returned)
    }
}
