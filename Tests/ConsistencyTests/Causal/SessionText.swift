import Consistency

/// A history of registers in a line, for tests: sessions are divided by `|`, operations by blanks;
/// `wx1` writes 1 to x, `rx0` reads absence, `rx1wx2` reads 1 and then writes 2; a `?` behind an
/// operation means that its outcome is unknown. Identities count operations in the line.
func sessions(_ line: String, times: [Int64]? = nil) -> SessionHistory {
    var builder = SessionHistory.Builder()
    var identity = 0
    for (process, session) in line.split(separator: "|").enumerated() {
        for word in session.split(separator: " ") {
            var reads: Int32?
            var writes: Int32?
            var key: Int32 = 0
            var rest = word[...]
            while let kind = rest.popFirst(), kind != "?" {
                key = Int32(rest.removeFirst().asciiValue ?? 0)
                let digits = rest.prefix { $0.isNumber }
                rest = rest.dropFirst(digits.count)
                if kind == "r" { reads = Int32(digits) } else { writes = Int32(digits) }
            }
            builder.append(
                process: process, identity: identity, key: key, reads: reads, writes: writes,
                isIndefinite: word.hasSuffix("?"), invoked: times?[identity])
            identity += 1
        }
    }
    return builder.build()
}
