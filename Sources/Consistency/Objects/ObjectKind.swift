import Recording
import Replication

/// What kind of object a history's operations work on, and so which sequential model they are
/// checked against.
public enum ObjectKind: String, CaseIterable, Hashable, Sendable {
    /// A register by key with read, write and delete; initially absent (`nil`).
    case register
    /// The same, with compare-and-set.
    case casRegister = "cas-register"
    /// Registers with compare-and-set by key, where an operation's value is its key and its value.
    case multiRegister = "multi-register"
    /// A number that starts at 0, with increment (`add`), decrement, read and delete.
    case counter
    /// A set with add, remove and reads of the whole.
    case set
    /// A list with append and reads of the whole.
    case listAppend = "list-append"
    /// A queue, first in, first out: enqueue, and dequeue with what it took (`nil`: it was empty).
    case queue
    /// A mutex: acquire and release.
    case mutex
    /// A store of texts by key: get, put, and append, which lengthens the text; what is absent
    /// reads as the empty text.
    case keyValue = "key-value"

    /// The kind of object that a key of this type is. Of maps no checker knows a model; what has
    /// histories of them asks their data type first whether there is one.
    public init(_ type: ValueType) {
        switch type {
        case .register: self = .casRegister
        case .counter: self = .counter
        case .list: self = .listAppend
        case .set, .map: self = .set
        }
    }

    /// What it is in a few words.
    public var summary: String {
        switch self {
        case .register: "a register by key: read, write, delete"
        case .casRegister: "a register by key: read, write, cas, delete"
        case .multiRegister: "registers, values written as [key value]"
        case .counter: "a number: read, increment (add), decrement, delete"
        case .set: "a set: read of the whole, add, remove"
        case .listAppend: "a list: read of the whole, append"
        case .queue: "a first-in-first-out queue: enqueue, dequeue"
        case .mutex: "a mutex: acquire, release"
        case .keyValue: "texts by key: get, put, append (concatenation)"
        }
    }

    /// Whether operations of `function` work on such an object.
    public func covers(_ function: HistoryFunction) -> Bool {
        switch function {
        case .read: self != .queue && self != .mutex
        case .delete: self != .queue && self != .mutex
        case .write: isRegister || self == .keyValue
        case .cas: isRegister
        case .increment: self == .counter
        case .add: self == .counter || self == .set
        case .remove: self == .set
        case .append: self == .listAppend || self == .keyValue
        case .enqueue, .dequeue: self == .queue
        case .acquire, .release: self == .mutex
        case .service(let name): self == .counter && Self.decrements.contains(name)
        case .txn: false
        }
    }

    /// Whether it is a register, or registers by key.
    package var isRegister: Bool {
        switch self {
        case .register, .casRegister, .multiRegister: true
        case .counter, .set, .listAppend, .queue, .mutex, .keyValue: false
        }
    }

    /// Whether it is read as a whole and shows the elements that were added to it.
    package var hasElements: Bool { self == .set || self == .listAppend }

    /// Names under which counters are decremented.
    static let decrements: Set<String> = ["decrement", "dec"]

    /// The kind whose operations these functions can all be; `nil` if there is none, or if they do
    /// not say.
    public init?(functions: some Sequence<HistoryFunction>) {
        // What reads and deletes work on, the others tell.
        let telling = functions.filter { $0 != .read && $0 != .delete }
        let candidates: [ObjectKind] = [.casRegister, .set, .counter, .listAppend, .queue, .mutex]
        guard !telling.isEmpty,
            let kind = candidates.first(where: { telling.allSatisfy($0.covers) })
        else { return nil }
        self = kind
    }
}
