import Determinism
import Recording

/// An operation of a small history of objects, as the oracle knows it. Values are small numbers;
/// what an object holds is a list of them.
package struct ReferenceOperation: Hashable, Sendable {
    /// What it did, and what was answered.
    package enum Call: Hashable, Sendable {
        /// Saw all that the object holds: for a register one value or none, for a counter its sum,
        /// for a text its letters.
        case read([Int])
        case write(Int)
        case delete
        /// Compare-and-set; 0 is absence. One that failed may say what it found.
        case cas(from: Int, to: Int, found: Int? = nil)
        case increment(Int, reading: Int? = nil)
        case add(Int)
        case remove(Int)
        case append(Int)
        case enqueue(Int)
        /// Took this; 0: the queue was empty.
        case dequeue(Int)
        case acquire
        case release
    }

    package var call: Call
    /// Objects are counted from 0.
    package var key = 0
    /// Who carried it out: one after the other, and none after an unknown outcome.
    package var process = 0
    package var invoked: Int64
    /// `nil` where the outcome is unknown.
    package var returned: Int64?
    /// Whether it did not happen for certain.
    package var isFailed = false

    /// An operation with these parts.
    package init(_ call: Call, key: Int = 0, invoked: Int64, returned: Int64?) {
        self.call = call
        self.key = key
        self.invoked = invoked
        self.returned = returned
    }
}

extension ReferenceOperation {
    /// Lets as few processes as there can be carry out `operations`, which are in the order of
    /// their invocation.
    package static func shareProcesses(_ operations: inout [ReferenceOperation]) {
        var ends: [Int64] = []
        for index in operations.indices {
            let operation = operations[index]
            let process = ends.firstIndex { $0 < operation.invoked } ?? ends.count
            if process == ends.count { ends.append(0) }
            ends[process] = operation.returned ?? .max
            operations[index].process = process
        }
    }

    /// The history of `operations` as the checkers are given it.
    package static func history(
        _ operations: [ReferenceOperation], _ kind: ObjectKind
    ) -> [HistoryOperation] {
        operations.enumerated().map { $0.element.made($0.offset, kind) }
    }

    private func made(_ index: Int, _ kind: ObjectKind) -> HistoryOperation {
        let (function, value, result) = parts(kind)
        return HistoryOperation(
            index: index, process: process, client: 1, region: "a", function: function,
            dataType: "default", key: key == 0 ? "x" : "y", value: value, result: result,
            planned: Instant(nanoseconds: invoked), invoked: Instant(nanoseconds: invoked),
            completed: returned.map(Instant.init(nanoseconds:)),
            outcome: returned == nil ? .info : isFailed ? .fail : .ok)
    }

    private func parts(
        _ kind: ObjectKind
    ) -> (HistoryFunction, HistoryValue, HistoryValue?) {
        switch call {
        case .read(let seen): (.read, returned == nil ? .null : Self.whole(seen, kind), nil)
        case .write(let value): (.write, Self.single(value, kind), nil)
        case .delete: (.delete, .null, nil)
        case .cas(let from, let to, let found):
            (
                .cas, .pair(from: Self.single(from, kind), to: Self.single(to, kind)),
                found.map { Self.single($0, kind) }
            )
        case .increment(let amount, let reading):
            amount < 0 && reading == nil
                ? (.service("decrement"), .integer(Int64(-amount)), nil)
                : (.increment, .integer(Int64(amount)), reading.map { .integer(Int64($0)) })
        case .add(let value): (.add, Self.single(value, kind), nil)
        case .remove(let value): (.remove, Self.single(value, kind), nil)
        case .append(let value): (.append, Self.single(value, kind), nil)
        case .enqueue(let value): (.enqueue, Self.single(value, kind), nil)
        case .dequeue(let value):
            (.dequeue, returned == nil ? .null : Self.single(value, kind), nil)
        case .acquire: (.acquire, .null, nil)
        case .release: (.release, .null, nil)
        }
    }

    private static let tokens: [HistoryValue] =
        [.null] + (1...40).map { HistoryValue.text("v\($0)") }

    private static func single(_ value: Int, _ kind: ObjectKind) -> HistoryValue {
        if kind == .keyValue { return .text(text(ReferenceObject.letters(value))) }
        if kind.isRegister { return tokens[value] }
        return value == 0 ? .null : .integer(Int64(value))
    }

    private static func whole(_ seen: [Int], _ kind: ObjectKind) -> HistoryValue {
        switch kind {
        case .register, .casRegister, .multiRegister: tokens[seen.first ?? 0]
        case .counter: .integer(Int64(seen.first ?? 0))
        case .keyValue: .text(text(seen))
        case .set, .listAppend, .queue, .mutex:
            seen.isEmpty ? .null : .list(seen.map { .integer(Int64($0)) })
        }
    }

    private static func text(_ letters: [Int]) -> String {
        String(decoding: letters.map { UInt8(96 + $0) }, as: UTF8.self)
    }
}

extension ReferenceOperation: CustomStringConvertible {
    /// By whom, from when to when, what, and with which value.
    package var description: String {
        let end = returned.map { "\($0)\(isFailed ? "!" : "")" } ?? "?"
        return "\(process): \(invoked)-\(end) \(words)\(key == 0 ? "" : " (y)")"
    }

    private var words: String {
        switch call {
        case .read(let seen): returned == nil ? "read" : "read \(seen)"
        case .write(let value): "write \(value)"
        case .delete: "delete"
        case .cas(let from, let to, let found):
            "cas \(from) \(to)\(found.map { ", found \($0)" } ?? "")"
        case .increment(let amount, let reading):
            "increment \(amount)\(reading.map { ", now \($0)" } ?? "")"
        case .add(let value): "add \(value)"
        case .remove(let value): "remove \(value)"
        case .append(let value): "append \(value)"
        case .enqueue(let value): "enqueue \(value)"
        case .dequeue(let value): returned == nil ? "dequeue" : "dequeue \(value)"
        case .acquire: "acquire"
        case .release: "release"
        }
    }
}
