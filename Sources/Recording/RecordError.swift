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
