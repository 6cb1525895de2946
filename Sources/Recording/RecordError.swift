/// What is wrong with a record, and where.
public enum RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file or folder could not be read or written.
    case inaccessible(path: String, reason: String)
    /// The folder holds a record already.
    case exists(path: String)
    /// The folder is not a record: a file that every record has is missing.
    case missing(path: String)
    /// A file has a schema that this version of Meridian does not know.
    case unknownSchema(path: String, found: String, expected: String)
    /// A line does not have the form that it should have. Lines count from 1.
    case malformed(path: String, line: Int, reason: String)

    /// What was wrong, where, and what to do, in a sentence.
    public var description: String {
        switch self {
        case .inaccessible(let path, let reason): "\(path): \(reason)"
        case .exists(let path):
            "\(path): holds a record already; name another folder, or remove this one first"
        case .missing(let path): "\(path): not found; is this the folder of a run?"
        case .unknownSchema(let path, let found, let expected):
            "\(path): its schema is \"\(found)\", this version reads \"\(expected)\" and older; "
                + "a newer version of Meridian can read it"
        case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
        }
    }
}

/// A row that lacks something; the reader adds file and line.
struct MalformedRow: Error, Hashable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// Typed access to the members of a row, with errors that name the member.
struct RowReader {
    let row: JSONValue

    func value(_ name: String) throws(MalformedRow) -> JSONValue {
        guard let value = row[name] else { throw MalformedRow("\"\(name)\" is missing") }
        return value
    }
    func text(_ name: String) throws(MalformedRow) -> String {
        guard let text = try value(name).text else {
            throw MalformedRow("\"\(name)\" must be a string")
        }
        return text
    }
    func optionalText(_ name: String) throws(MalformedRow) -> String? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let text = value.text else { throw MalformedRow("\"\(name)\" must be a string") }
        return text
    }
    func integer(_ name: String) throws(MalformedRow) -> Int64 {
        guard let number = try value(name).integer else {
            throw MalformedRow("\"\(name)\" must be a whole number")
        }
        return number
    }
    func optionalInteger(_ name: String) throws(MalformedRow) -> Int64? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let number = value.integer else {
            throw MalformedRow("\"\(name)\" must be a whole number")
        }
        return number
    }
    func unsigned(_ name: String) throws(MalformedRow) -> UInt64 {
        guard let number = UInt64(exactly: try integer(name)) else {
            throw MalformedRow("\"\(name)\" must not be negative")
        }
        return number
    }
    func double(_ name: String) throws(MalformedRow) -> Double {
        guard let number = try value(name).double else {
            throw MalformedRow("\"\(name)\" must be a number")
        }
        return number
    }
    func optionalDouble(_ name: String) throws(MalformedRow) -> Double? {
        guard let value = row[name], !value.isNull else { return nil }
        guard let number = value.double else { throw MalformedRow("\"\(name)\" must be a number") }
        return number
    }
    func flag(_ name: String) throws(MalformedRow) -> Bool {
        guard let flag = try value(name).flag else {
            throw MalformedRow("\"\(name)\" must be true or false")
        }
        return flag
    }
    func list(_ name: String) throws(MalformedRow) -> [JSONValue] {
        guard let elements = try value(name).elements else {
            throw MalformedRow("\"\(name)\" must be an array")
        }
        return elements
    }
    func texts(_ name: String) throws(MalformedRow) -> [String] {
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
