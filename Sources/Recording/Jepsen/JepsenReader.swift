import Determinism

/// Makes a ``History`` of the events that Jepsen records: invocations, and completions of them.
///
/// - An operation is as concurrent as its events say: it was invoked before and returned after
///   what comes between them. Times (`:time`, nanoseconds) are kept where they agree with the
///   order of the events, which counts.
/// - `:fail` did not take effect. `:info`, or no completion at all, may take effect at any later
///   time or never, and ends its process: an invocation by it that follows begins a new one.
/// - Of a read, a dequeue and a transaction the completion's value counts, of all others the
///   invocation's.
/// - Processes that are no numbers (`:nemesis`) are no clients; their events are counted.
struct JepsenReader {
    /// An event as it was read.
    struct Event {
        enum Kind { case invoke, ok, fail, info }

        var kind: Kind?
        var function: HistoryFunction?
        /// `nil`: none was named.
        var process: Int64?
        /// Whether there was a process that is no number.
        var isForeign = false
        var key: Scalar?
        var value = StoredValue.missing
        var time: Int64?
        var error: String?
    }

    private(set) var history = History()
    /// How many events were of no client.
    private(set) var foreign = 0
    /// Whether an operation's value is a key and a value: `[x 3]`.
    let isKeyed: Bool

    private var latest: Int64 = -1
    /// The operation that each process has under way.
    private var open: [Int64: Int] = [:]
    /// Processes that ended, and the number that goes on in their place.
    private var successors: [Int64: UInt32] = [:]
    private var nextSuccessor: UInt32 = 1 << 31
    /// Names of functions, most often used ones first found.
    private var functions: [(name: String, function: HistoryFunction)] = []

    init(isKeyed: Bool) { self.isKeyed = isKeyed }

    // MARK: Events

    /// Takes `event` in; says what is wrong with it, if anything is.
    mutating func take(_ event: Event) -> String? {
        guard let kind = event.kind else { return "the event has no :type" }
        guard let process = event.process else {
            guard event.isForeign else { return "the event has no :process" }
            foreign += 1
            return nil
        }
        latest = max(latest + 1, min(event.time ?? 0, 1 << 60))
        guard kind != .invoke else { return begin(event, process) }
        guard let position = open.removeValue(forKey: process) else {
            return "process \(process) completes an operation that it had not begun"
        }
        let begun = history.row(position)
        if let function = event.function, function != begun.knownFunction(history.tables) {
            let name = begun.knownFunction(history.tables).name
            return "process \(process) completes :\(function.name), but had begun :\(name)"
        }
        let outcome: HistoryOperation.Outcome =
            switch kind {
            case .ok: .ok
            case .fail: .fail
            case .info, .invoke: .info
            }
        history.complete(
            position, outcome, at: outcome == .info ? nil : latest,
            answer: kind == .ok && event.value.kind != .missing ? event.value : nil,
            error: event.error)
        if kind == .info {
            successors[process] = nextSuccessor
            nextSuccessor += 1
        }
        return nil
    }

    private mutating func begin(_ event: Event, _ process: Int64) -> String? {
        guard let function = event.function else { return "the event has no :f" }
        guard let number = successors[process] ?? UInt32(exactly: process) else {
            return "the number of process \(process) must be from 0 to 4294967295"
        }
        guard open.updateValue(history.count, forKey: process) == nil else {
            return "process \(process) begins an operation before its last one ended"
        }
        history.begin(
            function, process: number, key: event.key,
            value: event.value.kind == .missing ? .null : event.value, at: latest)
        return nil
    }

    // MARK: Forms

    /// The function with this name: Jepsen's tests have short and long ones.
    mutating func function(_ cursor: EDNCursor, _ range: Range<Int>) -> HistoryFunction {
        for (name, function) in functions where matches(cursor, range, name) { return function }
        let name = cursor.text(range)
        let function: HistoryFunction =
            switch name {
            case "r", "get": .read
            case "w", "put": .write
            case "compare-and-set": .cas
            case "inc": .increment
            case _: HistoryFunction(name: name)
            }
        functions.append((name, function))
        return function
    }

    private func matches(_ cursor: EDNCursor, _ range: Range<Int>, _ name: String) -> Bool {
        name.utf8.count == range.count && name.utf8.elementsEqual(cursor.bytes[range])
    }

    private mutating func scalar(_ atom: EDNCursor.Atom) -> Scalar {
        switch atom {
        case .null: .null
        case .integer(let number): history.tables.scalar(number)
        case .text(let text): history.tables.scalar(text)
        }
    }

    /// A form that is no collection.
    mutating func scalar(_ cursor: inout EDNCursor) throws(MalformedEDN) -> Scalar {
        guard let atom = try cursor.atom() else {
            throw cursor.unexpected("a value that is no collection")
        }
        return scalar(atom)
    }

    /// The value of an operation with `function`, and its key if it has one with it.
    mutating func value(
        _ cursor: inout EDNCursor, of function: HistoryFunction, into event: inout Event
    ) throws(MalformedEDN) {
        guard isKeyed, event.key == nil, function != .txn else {
            event.value = try value(&cursor, of: function)
            return
        }
        guard try cursor.accept(UInt8(ascii: "[")) else {
            throw cursor.unexpected("a key and a value, as in [x 3]")
        }
        event.key = try scalar(&cursor)
        event.value = try value(&cursor, of: function)
        guard try cursor.accept(UInt8(ascii: "]")) else {
            throw cursor.unexpected("\"]\" after a key and a value")
        }
    }

    private mutating func value(
        _ cursor: inout EDNCursor, of function: HistoryFunction
    ) throws(MalformedEDN) -> StoredValue {
        if let atom = try cursor.atom() { return StoredValue(scalar(atom)) }
        let start = history.tables.elements.count
        let opening = cursor.position
        let kind: StoredValue.Kind
        switch function {
        case .txn:
            let closer = try cursor.openCollection()
            while try !cursor.accept(closer) { try microOperation(&cursor) }
            kind = .transaction
        case .cas:
            let count = try elements(&cursor)
            guard count == 2 else {
                throw MalformedEDN(
                    offset: opening,
                    reason: "expected what is compared and what is set, found \(count) values")
            }
            kind = .pair
        case .read, .write, .delete, .append, .increment, .add, .remove, .enqueue, .dequeue,
            .acquire, .release, .service:
            try elements(&cursor)
            kind = .list
        }
        let range = start..<history.tables.elements.count
        guard let stored = StoredValue(kind, range) else {
            throw MalformedEDN(offset: opening, reason: "a value of \(range.count) elements")
        }
        return stored
    }

    /// Adds the elements of the collection that comes next; says how many.
    @discardableResult
    private mutating func elements(_ cursor: inout EDNCursor) throws(MalformedEDN) -> Int {
        let closer = try cursor.openCollection()
        var count = 0
        while try !cursor.accept(closer) {
            if let number = cursor.wholeNumber() {
                history.tables.append(element: history.tables.scalar(number))
            } else {
                history.tables.append(element: try scalar(&cursor))
            }
            count += 1
        }
        return count
    }

    /// `[:r x [1 2]]`, `[:append x 3]` or `[:w x 4]`; reads and writes have long names, too.
    private mutating func microOperation(_ cursor: inout EDNCursor) throws(MalformedEDN) {
        guard try cursor.accept(UInt8(ascii: "[")), let name = try cursor.keyword() else {
            throw cursor.unexpected("a micro-operation such as [:append x 3]")
        }
        let function: MicroOperation.Function
        if cursor.matches(name, "r") || cursor.matches(name, "read") {
            function = .read
        } else if cursor.matches(name, "append") {
            function = .append
        } else if cursor.matches(name, "w") || cursor.matches(name, "write") {
            function = .write
        } else {
            cursor.position = name.lowerBound - 1
            throw cursor.unexpected(":r, :w or :append")
        }
        let place = history.tables.elements.count
        history.tables.append(header: MicroOperationHeader(function, isList: false, count: 1))
        history.tables.append(element: try scalar(&cursor))
        switch try cursor.peek() {
        case UInt8(ascii: "["), UInt8(ascii: "("):
            guard function == .read else {
                throw cursor.unexpected("a value that is no collection")
            }
            let count = try elements(&cursor)
            history.tables.replace(
                headerAt: place, by: MicroOperationHeader(function, isList: true, count: count))
        case _: history.tables.append(element: try scalar(&cursor))
        }
        guard try cursor.accept(UInt8(ascii: "]")) else {
            throw cursor.unexpected("\"]\" after a micro-operation")
        }
    }
}
