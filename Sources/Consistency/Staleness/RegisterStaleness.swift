/// How old what reads of a register returned was, by times and values alone: no version is asked.
///
/// A value is superseded for certain from the first return of a write that was invoked after the
/// value's own write had returned; a read that was invoked later than that is stale by as much. How
/// many versions it is behind is at least the longest chain of such writes, each invoked after the
/// one before had returned, that had returned when the read was invoked. Both are the least that
/// every order of the writes agrees with, as in Golab, Li and Shah, "Analyzing Consistency Properties for
/// Fun and Profit" (2011): what overlaps makes nothing stale.
///
/// Only values that one write alone can have written are judged.
package struct RegisterStaleness: Sendable {
    /// A read, and how stale it was.
    package struct Read: Hashable, Sendable {
        /// By identity.
        package var identity: Int
        /// By so much time, in nanoseconds; 0 for one that was not.
        package var age: Int64
        /// By so many versions.
        package var versions: Int
    }

    /// The reads that could be judged, in the order in which they were given.
    package private(set) var reads: [Read] = []
    /// How many reads could not: their value has several writers, none, or one that never returned.
    package private(set) var unjudged = 0

    private struct Write {
        var invoked: Int64
        var returned: Int64
    }

    /// Looks at `calls`, whose values are small numbers.
    package init(_ calls: [ObjectCall<RegisterModel.Call>]) {
        let writers = Self.writers(calls)
        // Of definite writes, the first invoked first.
        let writes = calls.compactMap { call -> Write? in
            guard let returned = call.returned else { return nil }
            switch call.call {
            case .write, .replace: return Write(invoked: call.invoked, returned: returned)
            case .read, .impossible: return nil
            }
        }.sorted { ($0.invoked, $0.returned) < ($1.invoked, $1.returned) }
        let chains = WriteChains(writes.map { ($0.invoked, $0.returned) })
        for call in calls {
            guard case .read(let value) = call.call, call.returned != nil else { continue }
            let written: Int64
            switch writers[Int(value)] {
            case .beginning: written = .min
            case .returned(let time): written = time
            case .unknown:
                unjudged += 1
                continue
            }
            reads.append(
                Read(
                    identity: call.identity, age: chains.age(after: written, at: call.invoked),
                    versions: chains.count(after: written, before: call.invoked)))
        }
    }

    private enum Writer {
        /// It was there from the beginning.
        case beginning
        /// It has one writer, which returned then.
        case returned(Int64)
        case unknown
    }

    private static func writers(_ calls: [ObjectCall<RegisterModel.Call>]) -> [Writer] {
        var writers: [Writer] = [.beginning]
        var counts = [0]
        func note(_ value: Int64) {
            while writers.count <= value {
                writers.append(.unknown)
                counts.append(0)
            }
        }
        for call in calls {
            switch call.call {
            case .read(let value): note(value)
            case .write(let value), .replace(_, let value):
                note(value)
                counts[Int(value)] += 1
                // One that never returned may still be on its way.
                let isOnly = counts[Int(value)] == 1 && value != 0
                writers[Int(value)] =
                    isOnly ? call.returned.map(Writer.returned) ?? .unknown : .unknown
            case .impossible: break
            }
        }
        return writers
    }
}

/// Chains of writes that follow each other for certain.
struct WriteChains {
    /// By invocation.
    private let invocations: [Int64]
    /// For each write the earliest return of it and those invoked later.
    private let earliest: [Int64]
    /// The write, by place, that returns earliest among it and those invoked later.
    private let first: [Int32]
    /// For each power of two the write that comes so many steps later in the chain from a write.
    private var jumps: [[Int32]] = []
    private let returns: [Int64]

    /// Of writes sorted by invocation.
    init(_ writes: [(invoked: Int64, returned: Int64)]) {
        invocations = writes.map(\.invoked)
        returns = writes.map(\.returned)
        var earliest = returns
        var first = writes.indices.map(Int32.init)
        for place in writes.indices.dropLast().reversed()
        where earliest[place + 1] < earliest[place] {
            earliest[place] = earliest[place + 1]
            first[place] = first[place + 1]
        }
        self.earliest = earliest
        self.first = first
        var next: [Int32] = []
        for write in writes {
            let place = Self.place(after: write.returned, in: invocations)
            next.append(place < writes.count ? first[place] : -1)
        }
        jumps = [next]
        var length = 1
        while length < writes.count {
            let last = jumps[jumps.count - 1]
            jumps.append(last.map { $0 < 0 ? -1 : last[Int($0)] })
            length *= 2
        }
    }

    /// The first write invoked later than `time`.
    private static func place(after time: Int64, in invocations: [Int64]) -> Int {
        var low = 0
        var high = invocations.count
        while low < high {
            let middle = (low + high) / 2
            if invocations[middle] > time { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// How long before `moment` what was written by `written` was superseded.
    func age(after written: Int64, at moment: Int64) -> Int64 {
        let place = Self.place(after: written, in: invocations)
        guard place < earliest.count, earliest[place] < moment else { return 0 }
        return moment - earliest[place]
    }

    /// The length of the longest chain of writes invoked after `written` that had all returned
    /// before `moment`.
    func count(after written: Int64, before moment: Int64) -> Int {
        let place = Self.place(after: written, in: invocations)
        guard place < first.count else { return 0 }
        var write = Int(first[place])
        guard returns[write] < moment else { return 0 }
        var count = 1
        for power in jumps.indices.reversed() {
            let next = Int(jumps[power][write])
            guard next >= 0, returns[next] < moment else { continue }
            write = next
            count += 1 << power
        }
        return count
    }
}
