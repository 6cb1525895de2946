import Recording
import Replication

/// Which write each dot names, as answers and final states tell.
struct WrittenDots {
    /// The dot of the write of each token.
    private(set) var byToken: [String: Dot] = [:]
    /// Two writes with one dot, if there are any.
    private(set) var clash: String?

    /// What of a key a dot names.
    private struct Name: Hashable {
        var key: String
        /// `nil`: a delete.
        var token: String?
    }

    /// The dots in `answers` and `final`. Those of members with disks that lied are not compared.
    init(_ answers: [HistoryOperation], _ final: [FinalRow], _ lives: MemberLives) {
        var names: [Dot: (name: Name, by: String)] = [:]
        var clash: String?
        func note(_ dot: Dot, _ name: Name, _ by: String) {
            guard let known = names[dot] else {
                names[dot] = (name, by)
                return
            }
            guard clash == nil, known.name != name, !lives.isForgetful(dot.member.node) else {
                return
            }
            clash =
                "one dot names two writes: \(dot.member):\(dot.counter) is that of "
                + "\(known.by) and of \(by)"
        }
        for operation in answers {
            guard let key = operation.key, let dot = operation.version?.causal?.dot else {
                continue
            }
            switch (operation.function, operation.value) {
            case (.write, .text(let token)), (.read, .text(let token)):
                byToken[token] = dot
                note(dot, Name(key: key, token: token), operation.described)
            case (.delete, _):
                note(dot, Name(key: key, token: nil), operation.described)
            case _: break
            }
        }
        for row in final {
            guard let dot = row.version.causal?.dot else { continue }
            var token: String?
            if case .text(let text) = row.value { token = text }
            if let token { byToken[token] = dot }
            note(
                dot, Name(key: row.key, token: token),
                "what \(row.node) held of key \(row.key) at the end")
        }
        self.clash = clash
    }

    /// The dots of the values that a read showed, as far as they are known.
    func shown(by read: HistoryOperation) -> [Dot] {
        switch read.value {
        case .text(let token):
            if let dot = read.version?.causal?.dot { return [dot] }
            return byToken[token].map { [$0] } ?? []
        case .list(let tokens): return tokens.compactMap { byToken[$0] }
        case .null, .integer, .pair, .transaction: return []
        }
    }
}
