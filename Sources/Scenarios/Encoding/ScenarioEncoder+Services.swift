import Determinism
import Replication

extension ScenarioEncoder {
    var services: [(String, YAMLOutput)] {
        guard let spec = scenario.services.sessions else { return [] }
        let standard = SessionsSpec(dataType: spec.dataType)
        var entries: [(String, YAMLOutput)] = [("data_type", .text(name(spec.dataType)))]
        if says(spec.duration, standard.duration) {
            entries.append(("duration", write(spec.duration)))
        }
        if let access = spec.access { entries.append(("access", write(access))) }
        if says(spec.cache, standard.cache) { entries.append(("cache", write(spec.cache))) }
        if says(spec.lookupTimeout, standard.lookupTimeout) {
            entries.append(("lookup_timeout", write(spec.lookupTimeout)))
        }
        if !spec.policies.isEmpty {
            let policies = spec.policies.sorted { $0.key < $1.key }.map { region, policy in
                let parts =
                    (policy.duration.map { [("duration", write($0))] } ?? [])
                    + (policy.access.map { [("access", write($0))] } ?? [])
                return (name(region), YAMLOutput.map(parts))
            }
            entries.append(("policies", .map(policies)))
        }
        return [("sessions", .map(entries))]
    }

    func sessionLoad(_ spec: SessionLoadSpec) -> [(String, YAMLOutput)] {
        let standard = SessionLoadSpec()
        var entries: [(String, YAMLOutput)] = []
        if says(spec.users, standard.users) { entries.append(("users", .text(String(spec.users)))) }
        if says(spec.roaming, standard.roaming) {
            entries.append(("roaming", write(spec.roaming, .share)))
        }
        if says(spec.revoked, standard.revoked) {
            entries.append(("revoked", write(spec.revoked, .share)))
        }
        if says(spec.expired, standard.expired) {
            entries.append(("expired", write(spec.expired, .share)))
        }
        return entries
    }

    func sessions(_ expectation: SessionExpectation) -> YAMLOutput {
        switch expectation {
        case .lost(let count), .revokedValidations(let count), .expiredValidations(let count):
            return .text(String(count))
        case .hits(let share): return .map([("at_least", write(share, .share))])
        case .spread(let percentile, let span), .revocationSpread(let percentile, let span):
            return .map([("percentile", write(percentile, .number)), ("at_most", write(span))])
        }
    }
}
