extension JepsenReader {
    /// What Jepsen's logger writes before an event.
    private static let marker = Array("jepsen.util".utf8)

    /// Whether a line of the text looks like an event in Jepsen's log.
    static func isLog(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if event(in: bytes, start..<end) != nil { return true }
            start = end + 1
        }
        return false
    }

    /// Takes in the events of a log, one a line: process, type, function and value, with tabs or
    /// spaces between them, after the name of the logger. Says how many lines held no event.
    mutating func readLog(_ bytes: UnsafeBufferPointer<UInt8>) throws(MalformedEDN) -> Int {
        var start = 0
        var others = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if let range = Self.event(in: bytes, start..<end) {
                var cursor = EDNCursor(bytes, range)
                try readEvent(&cursor)
            } else if end > start {
                others += 1
            }
            start = end + 1
        }
        return others
    }

    private mutating func readEvent(_ cursor: inout EDNCursor) throws(MalformedEDN) {
        let start = cursor.position
        var event = Event()
        try readProcess(&cursor, &event)
        event.kind = try kind(&cursor)
        guard let name = try cursor.keyword() else {
            throw cursor.unexpected("a function such as :read")
        }
        let function = function(cursor, name)
        event.function = function
        if event.process != nil, event.kind == .invoke || event.kind == .ok,
            try cursor.peek() != nil
        {
            try value(&cursor, of: function, into: &event)
        }
        if let problem = take(event) { throw MalformedEDN(offset: start, reason: problem) }
    }

    /// Where the event in a line is: after the logger's name, and a dash if there is one.
    private static func event(
        in bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>
    ) -> Range<Int>? {
        var start = line.lowerBound
        while start + marker.count < line.upperBound {
            guard let first = bytes[start..<line.upperBound].firstIndex(of: marker[0]) else {
                return nil
            }
            let rest = first..<min(first + marker.count, line.upperBound)
            if bytes[rest].elementsEqual(marker) {
                var place = rest.upperBound
                while place < line.upperBound,
                    bytes[place] == 0x20 || bytes[place] == UInt8(ascii: "-")
                {
                    place += 1
                }
                guard place > rest.upperBound, place < line.upperBound else { return nil }
                return place..<line.upperBound
            }
            start = first + 1
        }
        return nil
    }
}
