/// The sequential behaviour of one object, against which a concurrent history is checked.
///
/// States are numbers: a model that has richer ones gives each a number of its own, equal states
/// equal numbers. A model may also tell the search when a branch cannot succeed any more; it must
/// be sure, for the verdict rests on it.
public protocol ObjectModel: Sendable {
    /// An operation with what it answered.
    associatedtype Call: Hashable, Sendable
    /// The state at the beginning.
    var initial: Int64 { get }
    /// The state after `call` in `state`; `nil` if it cannot have answered so there.
    mutating func step(_ state: Int64, _ call: Call) -> Int64?
    /// Whether `call` never changes the state.
    func isPure(_ call: Call) -> Bool
    /// Takes note that `call` was put into the order. It is definite if its outcome is known.
    mutating func enter(_ call: Call, isDefinite: Bool)
    /// Takes note that `call`, the last that entered, was taken out of the order again.
    mutating func leave(_ call: Call, isDefinite: Bool)
    /// Whether going from `state` to `next` leaves operations behind that can never take effect
    /// any more. Asked after the call that leads there has entered.
    func isDeadEnd(from state: Int64, to next: Int64) -> Bool
}

extension ObjectModel {
    /// Takes no note.
    public mutating func enter(_ call: Call, isDefinite: Bool) {}
    /// Takes no note.
    public mutating func leave(_ call: Call, isDefinite: Bool) {}
    /// Never sure.
    public func isDeadEnd(from state: Int64, to next: Int64) -> Bool { false }
}

/// An operation on one object: from when to when it may take effect, and what it did.
public struct ObjectCall<Call: Hashable & Sendable>: Hashable, Sendable {
    /// Names it in a counter-example.
    public var identity: Int
    /// When it was invoked.
    public var invoked: Int64
    /// When it returned; `nil`: its outcome is unknown, it may take effect any time later or never.
    public var returned: Int64?
    /// What it did.
    public var call: Call
    /// Where it probably comes among the others: lower ones first. Nothing rests on it, it only
    /// says what to try first.
    public var hint: UInt64?

    /// An operation with these parts.
    public init(
        identity: Int, invoked: Int64, returned: Int64?, call: Call, hint: UInt64? = nil
    ) {
        self.identity = identity
        self.invoked = invoked
        self.returned = returned
        self.call = call
        self.hint = hint
    }
}
