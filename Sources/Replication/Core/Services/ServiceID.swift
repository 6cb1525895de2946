/// A service that the regions of a run offer beside their data types. The numbers are part of the
/// protocol.
public enum ServiceID: UInt16, CaseIterable, Hashable, Sendable {
    /// Global sessions of users.
    case sessions = 0

    /// What traces and errors call it.
    public var name: String {
        switch self {
        case .sessions: "sessions"
        }
    }

    /// The first of the envelope's scopes that are services; those below are groups.
    private static let firstScope: UInt16 = 0xFF00

    /// What the envelope names the service by, in the place of a group.
    public var scope: GroupID { GroupID(index: Self.firstScope + rawValue) }

    /// The service that an envelope names, or `nil` if that is none.
    public init?(scope: GroupID) {
        guard Self.isService(scope) else { return nil }
        self.init(rawValue: scope.index - Self.firstScope)
    }

    /// Whether an envelope names a service and not a group, known here or not.
    @inlinable
    public static func isService(_ scope: GroupID) -> Bool { scope.index >= 0xFF00 }
}
