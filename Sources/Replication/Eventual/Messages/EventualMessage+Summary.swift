/// What messages of the eventual strategy say, for people who read a trace.
extension EventualMessage {
    /// The message in the terms of the protocol: `writes 5..7: k1, k9`. What answers another
    /// message says so with an arrow: `writes 5..7 → durable`.
    public var summary: String {
        switch body {
        case .hello(let hello):
            "hello, knows \(hello.knownOfReceiver) of yours"
                + (hello.isIncomplete ? ", incomplete" : "") + (hello.isReply ? ", in reply" : "")
        case .members(let members): "members " + shown(members.active.map { "\($0)" })
        case .writes(let writes):
            "writes \(shown(writes.range)): " + shown(writes.entries.map(\.key.text))
        case .writesAck(let reply): "writes \(shown(reply.range)) → durable"
        case .compare(let request):
            "compare \(request.exchange).\(request.request): "
                + (request.nodes.contains { $0.node == .root }
                    ? "everything" : count(request.nodes.count, "subtree"))
        case .compareReply(let reply):
            "compare \(reply.exchange).\(reply.request) → "
                + (reply.differences.isEmpty
                    ? "equal" : count(reply.differences.count, "subtree") + " differ")
        case .repair(let request):
            "repair \(request.exchange).\(request.request): brings "
                + shown(request.entries.map(\.key.text)) + ", wants \(request.wanted.count)"
        case .repairReply(let reply):
            "repair \(reply.exchange).\(reply.request) → brings "
                + shown(reply.entries.map(\.key.text))
                + (reply.forgotten.isEmpty ? "" : ", forgot \(reply.forgotten.count)")
                + (reply.left.isEmpty ? "" : ", \(reply.left.count) left")
        case .finished(let exchange, _): "compare \(exchange) is finished"
        case .get(let request): "get \(request.number): \(request.key.text)"
        case .getReply(let reply):
            "get \(reply.number) → " + (reply.entry?.latest.map { "\($0.dot)" } ?? "nothing")
        case .put(let request): "put \(request.number): \(request.keyed.key.text)"
        case .putReply(let number): "put \(number) → durable"
        }
    }
}

private func shown(_ range: ClosedRange<UInt64>) -> String {
    range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
}

/// The first few of `items`, and how many more there are.
private func shown(_ items: [String]) -> String {
    if items.isEmpty { return "nothing" }
    let rest = items.count - 3
    return items.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
}

private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}
