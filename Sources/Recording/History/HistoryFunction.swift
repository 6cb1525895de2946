import Replication

/// What an operation of a history does (`f`).
public enum HistoryFunction: Hashable, Sendable {
    /// Reads a key.
    case read
    /// Replaces a register's value.
    case write
    /// Removes a key.
    case delete
    /// Replaces a register's value if it is the expected one.
    case cas
    /// Adds an element to a list.
    case append
    /// Adds to a counter.
    case increment
    /// Adds an element to a set.
    case add
    /// Removes an element from a set.
    case remove
    /// Adds an element at the end of a queue.
    case enqueue
    /// Takes the first element from a queue.
    case dequeue
    /// Takes a mutex.
    case acquire
    /// Gives a mutex back.
    case release
    /// Several reads and writes at once.
    case txn
    /// A request of a service that a region offers.
    case service(String)

    /// The name that histories use.
    public var name: String {
        switch self {
        case .read: "read"
        case .write: "write"
        case .delete: "delete"
        case .cas: "cas"
        case .append: "append"
        case .increment: "increment"
        case .add: "add"
        case .remove: "remove"
        case .enqueue: "enqueue"
        case .dequeue: "dequeue"
        case .acquire: "acquire"
        case .release: "release"
        case .txn: "txn"
        case .service(let name): name
        }
    }

    /// The function with this name; an unknown name is a service's request.
    public init(name: String) {
        switch name {
        case "read": self = .read
        case "write": self = .write
        case "delete": self = .delete
        case "cas": self = .cas
        case "append": self = .append
        case "increment": self = .increment
        case "add": self = .add
        case "remove": self = .remove
        case "enqueue": self = .enqueue
        case "dequeue": self = .dequeue
        case "acquire": self = .acquire
        case "release": self = .release
        case "txn": self = .txn
        case _: self = .service(name)
        }
    }

    /// The function of an operation on a key.
    public init(_ kind: OperationKind) {
        switch kind {
        case .read: self = .read
        case .write: self = .write
        case .delete: self = .delete
        case .cas: self = .cas
        case .append: self = .append
        case .increment: self = .increment
        case .add: self = .add
        case .remove: self = .remove
        case .txn: self = .txn
        case .login, .validate, .refresh, .logout, .listSessions, .endSessions:
            self = .service(kind.rawValue)
        }
    }

    /// Whether it can change the state of a key. Of a transaction its steps tell.
    public var isUpdate: Bool {
        switch self {
        case .write, .delete, .cas, .append, .increment, .add, .remove, .enqueue, .dequeue,
            .acquire, .release:
            true
        case .read, .txn, .service: false
        }
    }
}
