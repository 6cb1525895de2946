/// A promise about what the operations of one client show it, wherever they are carried out
/// (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994).
public enum SessionGuarantee: String, CaseIterable, Hashable, Sendable {
    /// A read shows the client's own acknowledged writes, or what replaced them.
    case readYourWrites = "read-your-writes"
    /// A read shows what the client's earlier reads showed, or what replaced it.
    case monotonicReads = "monotonic-reads"
    /// Nobody sees a client's write after having seen a later one of the same client.
    case monotonicWrites = "monotonic-writes"
    /// Nobody sees a write after, or beside, one whose client had read it before.
    case writesFollowReads = "writes-follow-reads"
}
