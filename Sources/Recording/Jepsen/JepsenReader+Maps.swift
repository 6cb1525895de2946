extension JepsenReader {
    /// Takes in events that are EDN maps: one a line, or one vector or list of them.
    mutating func readMaps(_ cursor: inout EDNCursor) throws(MalformedEDN) {
        var closer: UInt8?
        if try cursor.accept(UInt8(ascii: "[")) {
            closer = UInt8(ascii: "]")
        } else if try cursor.accept(UInt8(ascii: "(")) {
            closer = UInt8(ascii: ")")
        }
        while let next = try cursor.peek() {
            if next == closer {
                cursor.position += 1
                guard try cursor.peek() == nil else {
                    throw cursor.unexpected("the end of the text")
                }
                return
            }
            try readMap(&cursor)
        }
        if let closer {
            throw cursor.unexpected("\"\(Unicode.Scalar(closer))\" after the last event")
        }
    }

    private mutating func readMap(_ cursor: inout EDNCursor) throws(MalformedEDN) {
        let start = cursor.position
        // Some records have a tag before the map: #jepsen.history.Op{…}
        if cursor.position < cursor.end, cursor.bytes[cursor.position] == UInt8(ascii: "#") {
            while cursor.position < cursor.end, cursor.bytes[cursor.position] != UInt8(ascii: "{"),
                cursor.bytes[cursor.position] != UInt8(ascii: "\n")
            {
                cursor.position += 1
            }
        }
        guard try cursor.accept(UInt8(ascii: "{")) else {
            throw cursor.unexpected("an event such as {:process 0, :type :invoke, :f :read}")
        }
        var event = Event()
        // Where the value is, if it came before what tells how to read it.
        var postponed: Int?
        while try !cursor.accept(UInt8(ascii: "}")) {
            guard let name = try cursor.keyword() else {
                throw cursor.unexpected("a key such as :process, or \"}\"")
            }
            try readMember(name, &cursor, &event, &postponed)
        }
        if let position = postponed, let function = event.function, event.process != nil {
            let end = cursor.position
            cursor.position = position
            try value(&cursor, of: function, into: &event)
            cursor.position = end
        }
        if let problem = take(event) { throw MalformedEDN(offset: start, reason: problem) }
    }

    private mutating func readMember(
        _ name: Range<Int>, _ cursor: inout EDNCursor, _ event: inout Event,
        _ postponed: inout Int?
    ) throws(MalformedEDN) {
        if cursor.matches(name, "type") {
            event.kind = try kind(&cursor)
        } else if cursor.matches(name, "f") {
            guard let range = try cursor.keyword() else {
                throw cursor.unexpected("a function such as :read")
            }
            event.function = function(cursor, range)
        } else if cursor.matches(name, "process") {
            try readProcess(&cursor, &event)
        } else if cursor.matches(name, "value") {
            _ = try cursor.peek()
            // What an operation that did not succeed ended with says nothing.
            let isRead = event.kind == .invoke || event.kind == .ok
            if isRead, let function = event.function, event.process != nil, !isKeyed {
                event.value = StoredValue.missing
                try value(&cursor, of: function, into: &event)
            } else {
                if event.kind == nil || isRead { postponed = cursor.position }
                try cursor.skipForm()
            }
        } else if cursor.matches(name, "key") {
            event.key = try scalar(&cursor)
        } else if cursor.matches(name, "time") {
            if case .integer(let time)? = try cursor.atom() { event.time = time }
        } else if cursor.matches(name, "error") {
            switch try cursor.atom() {
            case .text(let text): event.error = text
            case .integer(let number): event.error = String(number)
            case .null: break
            case nil: try cursor.skipForm()
            }
        } else {
            try cursor.skipForm()
        }
    }

    func kind(_ cursor: inout EDNCursor) throws(MalformedEDN) -> Event.Kind {
        let start = cursor.position
        if let word = try cursor.keyword() {
            if cursor.matches(word, "invoke") { return .invoke }
            if cursor.matches(word, "ok") { return .ok }
            if cursor.matches(word, "fail") { return .fail }
            if cursor.matches(word, "info") { return .info }
        }
        cursor.position = start
        throw cursor.unexpected(":invoke, :ok, :fail or :info")
    }

    func readProcess(
        _ cursor: inout EDNCursor, _ event: inout Event
    ) throws(MalformedEDN) {
        switch try cursor.atom() {
        case .integer(let number) where number >= 0: event.process = number
        case .integer, .text, .null: event.isForeign = true
        case nil: throw cursor.unexpected("the number of a process")
        }
    }
}
