import Determinism
import RegionCore
import Replication
import Scenarios

extension Plan {
    /// The services that every node of the run offers.
    package var servicesSetup: ServicesSetup {
        ServicesSetup(
            sessions: services.sessions.map { spec in
                SessionSetup(
                    group: spec.dataType, regionNames: regions.map(\.name),
                    policies: regions.map {
                        SessionPolicy(
                            duration: spec.duration(in: $0.id), access: spec.access(in: $0.id))
                    }, keepsCache: spec.cache, lookupTimeout: spec.lookupTimeout)
            })
    }
}

extension Director {
    /// The group that an operation's answer speaks of: for a service the one that keeps its state.
    func dataGroup(_ scope: GroupID) -> GroupID {
        switch ServiceID(scope: scope) {
        case .sessions: plan.services.sessions?.dataType ?? scope
        case nil: scope
        }
    }
}
