import Determinism
import Replication

/// The compact texts in which records write versions:
///
/// - a position in a log or sequence: `term.index`, as in `3.17`;
/// - a member: `region.zone.ordinal`, with `#incarnation` when it is not the first, as in `0.0.1`;
/// - a version vector: `member:counter` for each member, by commas, as in `0.0.1:5,1.0.1:3`; the
///   empty one is the empty text;
/// - a causal version: `member:counter@wall.logical|vector`: the write's dot, its hybrid time in
///   nanoseconds since 1970 and logical ticks, and what it superseded.
public enum VersionText {
    /// The text of a member.
    public static func text(_ member: MemberID) -> String { member.description }

    /// The text of a version vector.
    public static func text(_ vector: VersionVector) -> String {
        vector.entries.map(text).joined(separator: ",")
    }

    /// The text of a dot.
    public static func text(_ dot: Dot) -> String { "\(dot.member):\(dot.counter)" }

    /// The text of a version.
    public static func text(_ version: Version) -> String {
        switch version {
        case .sequence(let epoch, let index): return "\(epoch).\(index)"
        case .causal(let dot, let context, let timestamp):
            let wall = timestamp.wall.nanosecondsSince1970
            return "\(text(dot))@\(wall).\(timestamp.logical)|\(text(context))"
        }
    }

    /// The text of an applied position: an index alone, or a vector after `|`.
    public static func text(_ position: AppliedPosition) -> String {
        switch position {
        case .index(let index): "\(index)"
        case .vector(let vector): "|\(text(vector))"
        }
    }

    /// The member whose text this is; `nil` for any other text.
    public static func member(_ text: some StringProtocol) -> MemberID? {
        let halves = text.split(separator: "#", omittingEmptySubsequences: false)
        guard let name = halves.first, halves.count <= 2 else { return nil }
        var incarnation: UInt32 = 0
        if halves.count == 2 {
            guard let number = UInt32(halves[1]), number > 0 else { return nil }
            incarnation = number
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let region = UInt16(parts[0]), let zone = UInt8(parts[1]),
            let ordinal = UInt8(parts[2])
        else { return nil }
        let node = NodeID(region: RegionID(index: region), zone: zone, ordinal: ordinal)
        return MemberID(node, incarnation: incarnation)
    }

    /// The vector whose text this is; `nil` for any other text.
    public static func vector(_ text: some StringProtocol) -> VersionVector? {
        var vector = VersionVector()
        if text.isEmpty { return vector }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let dot = dot(part), vector[dot.member] == 0 else { return nil }
            vector[dot.member] = dot.counter
        }
        return vector
    }

    /// The dot whose text this is; `nil` for any other text.
    public static func dot(_ text: some StringProtocol) -> Dot? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let member = member(parts[0]), let counter = UInt64(parts[1]),
            counter > 0
        else { return nil }
        return Dot(member: member, counter: counter)
    }

    /// The version whose text this is; `nil` for any other text.
    public static func version(_ text: some StringProtocol) -> Version? {
        guard text.contains("@") else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let epoch = UInt64(parts[0]), let index = UInt64(parts[1])
            else { return nil }
            return .sequence(epoch: epoch, index: index)
        }
        let halves = text.split(separator: "|", omittingEmptySubsequences: false)
        guard halves.count == 2, let context = vector(halves[1]) else { return nil }
        let parts = halves[0].split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let dot = dot(parts[0]) else { return nil }
        let time = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard time.count == 2, let wall = Int64(time[0]), let logical = UInt32(time[1])
        else { return nil }
        let timestamp = HybridTimestamp(
            wall: WallTime(nanosecondsSince1970: wall), logical: logical)
        return .causal(dot: dot, context: context, timestamp: timestamp)
    }

    /// The applied position whose text this is; `nil` for any other text.
    public static func position(_ text: some StringProtocol) -> AppliedPosition? {
        if text.hasPrefix("|") { return vector(text.dropFirst()).map(AppliedPosition.vector) }
        return UInt64(text).map(AppliedPosition.index)
    }
}
