import Determinism
import Replication

/// Reads the entries of `actions:`.
struct ActionDecoder {
    let names: Names

    private static let kinds = [
        "transfer_leader", "add_member", "remove_member", "promote", "stop", "start", "failover",
    ]

    func decode(_ reader: Reader) -> ActionSpec? {
        reader.mapping(expected: "a mapping such as {at: 20s, transfer_leader: eu-central-1}") {
            map in
            let at = map.required("at", expected: "when")?.value(.duration)
            let group = map["data_type"].flatMap { names.group($0) }
            guard
                let key = map.exactlyOne(
                    of: Self.kinds, beside: ["at", "data_type"], what: "action"),
                case .key(let name) = key.path.steps.last
            else { return nil }
            guard let kind = decodeKind(name, key), let at else { return nil }
            switch kind {
            case .stop, .start:
                map["data_type"]?.fail(
                    "'data_type' for \(name), which concerns whole nodes", expected: "none")
            case .transferLeader, .addMember, .removeMember, .promote, .failover:
                break
            }
            return ActionSpec(at: at, kind, group: group)
        }
    }

    private func decodeKind(_ name: String, _ reader: Reader) -> ActionKind? {
        switch name {
        case "stop": return ScopeDecoder.decodeSelector(reader, names).map { .stop($0) }
        case "start": return ScopeDecoder.decodeSelector(reader, names).map { .start($0) }
        case "transfer_leader": return names.place(reader).map { .transferLeader($0) }
        case "add_member": return names.place(reader).map { .addMember($0) }
        case "remove_member": return names.place(reader).map { .removeMember($0) }
        case "promote": return names.place(reader).map { .promote($0) }
        case _: return names.place(reader).map { .failover($0) }
        }
    }
}
