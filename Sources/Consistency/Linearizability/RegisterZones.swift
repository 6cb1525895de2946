/// What the times alone say about a register whose values are unique (Gibbons and Korach, "Testing
/// Shared Memories", 1997).
///
/// A value that one operation alone can have written is held once, without a break, from its
/// writer on until the last operation that saw it. If some operation on a value returned before
/// another on it was invoked, the register held it at least from the one to the other: a forward
/// zone. Nothing on another value fits in between, so a value all of whose operations must fall
/// into the zone of another is a contradiction, and two operations show it. That takes a sort, not
/// a search. Where there are only reads and writes of unique values the converse holds as well.
package struct RegisterZones {
    /// Operations that contradict each other, by identity.
    package struct Contradiction: Hashable, Sendable {
        /// The operation that returned first of those on the value that was held.
        package var first: Int
        /// The operation invoked last of those on it.
        package var last: Int
        /// The operation that wrote another value in between.
        package var between: Int
    }

    private struct Zone {
        var value: Int64
        /// The writer; `nil` for absence at the beginning.
        var writer: Int?
        /// The earliest return and who returned then.
        var firstReturn: Int64
        var first: Int
        /// The latest invocation and who was invoked then.
        var lastInvocation: Int64
        var last: Int
        var isForward: Bool { firstReturn < lastInvocation }
    }

    /// A contradiction, if the times alone show one.
    package let contradiction: Contradiction?
    /// Whether the absence of a contradiction means that there is an order.
    package let isDecisive: Bool

    /// What is known of one value.
    private struct Value {
        var writers = 0
        var writer: Int32 = -1
        /// The earliest return of those on it, and the latest invocation.
        var firstReturn = Int64.max
        var first: Int32 = -1
        var lastInvocation = Int64.min
        var last: Int32 = -1

        mutating func take(_ index: Int, _ call: ObjectCall<RegisterModel.Call>) {
            let returned = call.returned ?? .max
            if first < 0 || returned < firstReturn {
                (firstReturn, first) = (returned, Int32(index))
            }
            if last < 0 || call.invoked > lastInvocation {
                (lastInvocation, last) = (call.invoked, Int32(index))
            }
        }
    }

    /// Looks at `calls`, whose values are small numbers.
    package init(_ calls: [ObjectCall<RegisterModel.Call>]) {
        var values = Array(repeating: Value(), count: Self.highest(calls) + 1)
        var isDecisive = true
        for (index, call) in calls.enumerated() {
            if call.returned == nil { isDecisive = false }
            switch call.call {
            case .read(let value):
                if call.returned != nil { values[Int(value)].take(index, call) }
            case .write(let value):
                values[Int(value)].writers += 1
                values[Int(value)].writer = Int32(index)
                values[Int(value)].take(index, call)
                if value == 0 { isDecisive = false }
            case .replace(let from, let to):
                isDecisive = false
                values[Int(to)].writers += 1
                values[Int(to)].writer = Int32(index)
                values[Int(to)].take(index, call)
                if call.returned != nil { values[Int(from)].take(index, call) }
            case .impossible: isDecisive = false
            }
        }
        var zones: [Zone] = []
        for (number, value) in values.enumerated() where value.first >= 0 {
            if number == 0, value.writers == 0 {
                // Absence was there before everything.
                let last = Int(value.last)
                zones.append(
                    Zone(
                        value: 0, writer: nil, firstReturn: .min, first: last,
                        lastInvocation: value.lastInvocation, last: last))
                continue
            }
            guard value.writers == 1, number != 0, calls[Int(value.writer)].returned != nil else {
                isDecisive = false
                continue
            }
            zones.append(
                Zone(
                    value: Int64(number), writer: Int(value.writer),
                    firstReturn: value.firstReturn, first: Int(value.first),
                    lastInvocation: value.lastInvocation, last: Int(value.last)))
        }
        self.isDecisive = isDecisive
        contradiction = Self.contradiction(zones, calls)
    }

    private static func highest(_ calls: [ObjectCall<RegisterModel.Call>]) -> Int {
        var highest: Int64 = 0
        for call in calls {
            switch call.call {
            case .read(let value), .write(let value): highest = max(highest, value)
            case .replace(let from, let to): highest = max(highest, from, to)
            case .impossible: break
            }
        }
        return Int(highest)
    }

    private static func contradiction(
        _ zones: [Zone], _ calls: [ObjectCall<RegisterModel.Call>]
    ) -> Contradiction? {
        func made(_ outer: Zone, _ inner: Zone) -> Contradiction {
            Contradiction(
                first: calls[outer.first].identity, last: calls[outer.last].identity,
                between: calls[inner.writer ?? inner.last].identity)
        }
        // A value seen before it was written.
        for zone in zones {
            guard let writer = zone.writer, zone.firstReturn < calls[writer].invoked else {
                continue
            }
            return Contradiction(
                first: calls[zone.first].identity, last: calls[writer].identity,
                between: calls[zone.first].identity)
        }
        let forward = zones.filter(\.isForward).sorted {
            ($0.firstReturn, $0.value) < ($1.firstReturn, $1.value)
        }
        var longest: Zone?
        for zone in forward {
            if let outer = longest, zone.firstReturn < outer.lastInvocation {
                return outer.writer == nil || zone.writer != nil
                    ? made(outer, zone) : made(zone, outer)
            }
            if zone.lastInvocation > longest?.lastInvocation ?? .min { longest = zone }
        }
        for zone in zones where !zone.isForward {
            // Forward zones are apart now: of those that begin before, the last reaches furthest.
            var low = 0
            var high = forward.count
            while low < high {
                let middle = (low + high) / 2
                if forward[middle].firstReturn < zone.lastInvocation {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low > 0, forward[low - 1].lastInvocation > zone.firstReturn else { continue }
            return made(forward[low - 1], zone)
        }
        return nil
    }
}
