/// The log of replication, of strategies whose members apply the entries of a log.
extension ReplicaOutput {
    /// Notes the writes of an entry that was applied as the `index`-th and took effect; `source`
    /// sent it.
    mutating func replicated(
        _ entry: LogEntry, at index: LogIndex, _ applied: LogStateMachine.Applied,
        from source: MemberID
    ) {
        guard !applied.isRepeat, let reply = applied.reply, !reply.isRefusal,
            case .command(let command)? = try? LogEntry.Payload.decoded(entry.payload)
        else { return }
        if case .failed = reply.outcome { return }
        let version = Version.sequence(epoch: entry.term.rawValue, index: index.rawValue)
        switch command.operation {
        case .read, .call: return
        case .transaction(let steps):
            for step in steps where !step.isRead {
                replicated(step.key, version, bytes: step.valueByteCount, from: source)
            }
        case .compareAndSet:
            // One that did not match wrote nothing.
            guard case .done = reply.outcome else { return }
            fallthrough
        case .write, .delete, .append, .increment, .add, .remove, .put:
            replicated(command.key, version, bytes: command.operation.encodedSize, from: source)
        }
    }
}
