/// What clients and nodes say to each other, on one line, for people who read a trace. Values are
/// shown without their padding.
extension ClientRequest {
    /// What is asked: `write k17 = c3.5`.
    public var summary: String {
        switch command {
        case .openSession: "open a session"
        case .operate(let key, let operation, _):
            switch operation {
            case .read: "read \(key.text)"
            case .write(let bytes): "write \(key.text) = \(shown(bytes))"
            case .delete: "delete \(key.text)"
            case .compareAndSet(let expected, let new):
                "cas \(key.text): \(expected.map(shown) ?? "nothing") to \(shown(new))"
            case .append(let bytes): "append \(shown(bytes)) to \(key.text)"
            case .increment(let amount): "increment \(key.text) by \(amount)"
            case .add(let bytes): "add \(shown(bytes)) to \(key.text)"
            case .remove(let bytes): "remove \(shown(bytes)) from \(key.text)"
            case .put(let field, let bytes):
                "put \(shown(field)) = \(shown(bytes)) into \(key.text)"
            case .transaction(let steps):
                "transaction: " + steps.map(shown).joined(separator: ", ")
            case .call(let call): "\(call.kind.rawValue) \(key.text)"
            }
        }
    }
}

extension ClientReply {
    /// What came of it: `c3.5`, `done`, `failed: there is no leader`.
    public var summary: String {
        switch outcome {
        case .values(let values):
            values.isEmpty ? "nothing" : values.map(shown).joined(separator: " and ")
        case .done(let value): value.map { "done, \(shown($0))" } ?? "done"
        case .transaction(let reads):
            reads.isEmpty
                ? "done"
                : "read " + reads.map { $0.map(shown) ?? "nothing" }.joined(separator: ", ")
        case .mismatch(let actual): "mismatch, it is \(actual.map(shown) ?? "nothing")"
        case .sessionOpened(let session): "session \(session)"
        case .called(.session(let reply)): reply.summary
        case .failed(let error): "failed: \(error.message)"
        }
    }
}

extension SessionReply {
    /// What came of it: `valid (remote)`, `token-expired`.
    var summary: String {
        switch self {
        case .granted(let grant): "session \(grant.session)"
        case .valid(let sight): "valid (\(sight.source.name))"
        case .ended: "ended"
        case .sessions(let sessions, _): "\(sessions.count) sessions"
        case .rejected(let reason, _): reason.name
        }
    }
}

extension Administration {
    /// What is asked.
    var summary: String {
        switch self {
        case .transferLeader(let region): "hand over to region \(region.index)"
        case .addLearner(let member): "add \(member) as a learner"
        case .promote(let member): "promote \(member)"
        case .remove(let member): "remove \(member)"
        }
    }
}

/// The most bytes of a value that are shown.
private let shownMax = 32

private func shown(_ bytes: [UInt8]) -> String {
    // Everything from the first byte 0 on is padding.
    let token = bytes.prefix { $0 != 0 }
    return String(decoding: token.prefix(shownMax), as: UTF8.self)
        + (token.count > shownMax ? "…" : "")
}

private func shown(_ step: Operation.MicroOperation) -> String {
    switch step.action {
    case .read: "read \(step.key.text)"
    case .write(let bytes): "write \(step.key.text) = \(shown(bytes))"
    case .append(let bytes): "append \(shown(bytes)) to \(step.key.text)"
    }
}

private func shown(_ value: Value) -> String {
    switch value {
    case .bytes(let bytes): shown(bytes)
    case .integer(let number): "\(number)"
    case .map(let fields):
        "{"
            + fields.prefix(4).map { shown($0.field) + ": " + shown($0.content) }
            .joined(separator: ", ") + "}" + (fields.count > 4 ? " of \(fields.count)" : "")
    case .list(let elements), .set(let elements):
        "[" + elements.suffix(4).map(shown).joined(separator: ", ") + "]"
            + (elements.count > 4 ? " of \(elements.count)" : "")
    }
}
