import Determinism
import Replication

/// Reads the `services:` section.
struct ServicesDecoder {
    let names: Names

    func decode(_ reader: Reader) -> ServicesSpec? {
        reader.mapping(expected: "a mapping such as {sessions: {data_type: session}}") { map in
            ServicesSpec(sessions: map["sessions"].flatMap { decodeSessions($0) })
        }
    }

    private func decodeSessions(_ reader: Reader) -> SessionsSpec? {
        reader.mapping(expected: "a mapping such as {data_type: session, duration: 30m}") { map in
            let dataType = map.required("data_type", expected: "the data type that keeps them")
            var spec = SessionsSpec(
                dataType: dataType.flatMap { names.group($0) } ?? GroupID(index: 0))
            spec.duration = map.value("duration", .positiveDuration, default: spec.duration)
            spec.access = map.value("access", .positiveDuration)
            spec.cache = map.value("cache", .toggle, default: spec.cache)
            spec.lookupTimeout = map.value(
                "lookup_timeout", .positiveDuration, default: spec.lookupTimeout)
            for entry in map["policies"]?.entries(expected: "a policy for each region named") ?? []
            {
                let policy: SessionsSpec.Policy? = entry.value.mapping(
                    expected: "a mapping such as {duration: 15m, access: 1m}"
                ) { map in
                    SessionsSpec.Policy(
                        duration: map.value("duration", .positiveDuration),
                        access: map.value("access", .positiveDuration))
                }
                guard let policy, let region = names.region(entry.key) else { continue }
                if spec.policies[region] != nil {
                    entry.key.fail("the region \(quoted(entry.key.text ?? "")) stands here twice")
                }
                spec.policies[region] = policy
            }
            return spec
        }
    }
}

extension WorkloadDecoder {
    func decodeSessions(_ reader: Reader) -> SessionLoadSpec? {
        reader.mapping(expected: "a mapping such as {users: 1000, roaming: 10%}") { map in
            var spec = SessionLoadSpec()
            spec.users = map.value("users", .integer(1...10_000_000), default: spec.users)
            spec.roaming = map.value("roaming", .share, default: spec.roaming)
            spec.revoked = map.value("revoked", .share, default: spec.revoked)
            spec.expired = map.value("expired", .share, default: spec.expired)
            if spec.revoked + spec.expired > 1.000_001 {
                reader.fail(
                    "'revoked' and 'expired' of more than all validations",
                    expected: "shares that add up to at most 100%")
            }
            return spec
        }
    }
}
