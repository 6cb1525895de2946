/// A row that lacks something; the reader adds file and line.
package struct MalformedRow: Error, Hashable {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// Typed access to the members of a row, with errors that name the member.
package struct RowReader {
    package let row: JSONValue
    package init(row: JSONValue) { self.row = row }

    package func value(_ name: String) throws(MalformedRow) -> JSONValue {
        guard let value = row[name] else { throw MalformedRow("\"\(name)\" is missing") }
        return value
    }
    package func text(_ name: String) throws(MalformedRow) -> String {
        guard let text = try value(name).text else {
            throw MalformedRow("\"\(name)\" must be a string")
        }
        return text
    }
    package func optionalText(_ name: String) throws(MalformedRow) -> String? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let text = value.text else { throw MalformedRow("\"\(name)\" must be a string") }
        return text
    }
    package func integer(_ name: String) throws(MalformedRow) -> Int64 {
        guard let number = try value(name).integer else {
            throw MalformedRow("\"\(name)\" must be a whole number")
        }
        return number
    }
    package func optionalInteger(_ name: String) throws(MalformedRow) -> Int64? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let number = value.integer else {
            throw MalformedRow("\"\(name)\" must be a whole number")
        }
        return number
    }
    package func unsigned(_ name: String) throws(MalformedRow) -> UInt64 {
        guard let number = UInt64(exactly: try integer(name)) else {
            throw MalformedRow("\"\(name)\" must not be negative")
        }
        return number
    }
    package func double(_ name: String) throws(MalformedRow) -> Double {
        guard let number = try value(name).double else {
            throw MalformedRow("\"\(name)\" must be a number")
        }
        return number
    }
    package func optionalDouble(_ name: String) throws(MalformedRow) -> Double? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let number = value.double else { throw MalformedRow("\"\(name)\" must be a number") }
        return number
    }
    /// A time in nanoseconds, within decades of time 0 so that differences cannot overflow.
    package func time(_ name: String) throws(MalformedRow) -> Int64 {
        let number = try integer(name)
        guard number.magnitude < 1 << 60 else {
            throw MalformedRow("\"\(name)\" must be nanoseconds from time 0, not \(number)")
        }
        return number
    }
    /// The same, or `nil` for `null`.
    package func optionalTime(_ name: String) throws(MalformedRow) -> Int64? {
        guard let value = row[name], !value.isNull else { return nil }
        return try time(name)
    }
    package func flag(_ name: String) throws(MalformedRow) -> Bool {
        guard let flag = try value(name).flag else {
            throw MalformedRow("\"\(name)\" must be true or false")
        }
        return flag
    }
    package func list(_ name: String) throws(MalformedRow) -> [JSONValue] {
        guard let elements = try value(name).elements else {
            throw MalformedRow("\"\(name)\" must be an array")
        }
        return elements
    }
    package func texts(_ name: String) throws(MalformedRow) -> [String] {
        var texts: [String] = []
        for element in try list(name) {
            guard let text = element.text else {
                throw MalformedRow("\"\(name)\" must be an array of strings")
            }
            texts.append(text)
        }
        return texts
    }
}
