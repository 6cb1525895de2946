/// What a request reads that changes nothing: it is served without the log.
enum ReadQuery: Hashable, Sendable {
    /// One key.
    case key(Key)
    /// Several at once, the steps of a transaction.
    case transaction([Operation.MicroOperation])

    /// What `command` reads, if it does nothing else.
    init?(_ command: ClientRequest.Command) {
        switch command {
        case .operate(let key, .read, _): self = .key(key)
        case .operate(_, .transaction(let steps), _) where steps.allSatisfy(\.isRead):
            self = .transaction(steps)
        case .operate, .openSession: return nil
        }
    }

    /// The command that asks for it.
    var command: ClientRequest.Command {
        switch self {
        case .key(let key): .operate(key, .read, context: VersionVector())
        case .transaction(let steps):
            .operate(Key([]), .transaction(steps), context: VersionVector())
        }
    }
}

extension ValueTable {
    /// The answer to what is read, as of now.
    func answer(_ query: ReadQuery) -> ClientReply {
        switch query {
        case .key(let key): read(key)
        case .transaction(let steps): read(steps)
        }
    }
}
