import Determinism
import Replication

/// A session as its group stores it, under ``SessionKeys/record(_:)``: text, its fields by tabs, so
/// that the final state of a run can be read by people.
struct SessionRecord: Hashable, Sendable {
    var user: String
    var device: String
    var address: String
    /// The region that opened the session.
    var region: RegionID
    /// When it was opened, by that node's wall clock.
    var created: WallTime
    /// When it was last refreshed, by the wall clock of the node that did.
    var active: WallTime
    /// When it is over, by the wall clock of the node that opened it.
    var expires: WallTime
    /// How often it was refreshed.
    var generation: UInt64 = 0
    /// Who refreshed it last and in which request, so that a repeat is known.
    var refreshedBy: UInt64 = 0
    var refreshedIn: UInt64 = 0

    /// The stored form.
    var bytes: [UInt8] {
        let fields = [
            user, device, address, "\(region.index)", "\(created.nanosecondsSince1970)",
            "\(active.nanosecondsSince1970)", "\(expires.nanosecondsSince1970)", "\(generation)",
            "\(refreshedBy)", "\(refreshedIn)",
        ]
        return Array(fields.joined(separator: "\t").utf8)
    }

    init(
        user: String, device: String, address: String, region: RegionID, created: WallTime,
        expires: WallTime
    ) {
        self.user = user
        self.device = device
        self.address = address
        self.region = region
        self.created = created
        active = created
        self.expires = expires
    }

    /// The record in its stored form; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        let fields = bytes.split(
            separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 10, let region = UInt16(fields[3]), let created = Int64(fields[4]),
            let active = Int64(fields[5]), let expires = Int64(fields[6]),
            let generation = UInt64(fields[7]), let client = UInt64(fields[8]),
            let sequence = UInt64(fields[9])
        else { return nil }
        self.init(
            user: fields[0], device: fields[1], address: fields[2],
            region: RegionID(index: region), created: WallTime(nanosecondsSince1970: created),
            expires: WallTime(nanosecondsSince1970: expires))
        self.active = WallTime(nanosecondsSince1970: active)
        self.generation = generation
        refreshedBy = client
        refreshedIn = sequence
    }

    /// What is wrong with a text that a client gives for a field, or `nil`.
    static func problem(with text: String, called name: String) -> String? {
        if text.utf8.count > Limits.sessionTextBytesMax {
            return "a \(name) of \(text.utf8.count) bytes; at most "
                + "\(Limits.sessionTextBytesMax) are allowed"
        }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "a \(name) with control characters"
        }
        return nil
    }
}

/// The keys under which the sessions' group stores what the service keeps.
///
/// That a session was ended has a key of its own, which is only ever written by ending it. So no
/// concurrent refresh can bring the session back, whatever resolves concurrent writes and however
/// wrong the clocks are by which it does.
enum SessionKeys {
    /// Where the session is.
    static func record(_ session: String) -> Key { Key("s/" + session) }
    /// Where it stands that the session was ended.
    static func revocation(_ session: String) -> Key { Key("r/" + session) }
    /// Where the sessions stand that `node` opened for `user`: no other node writes there.
    static func index(_ user: String, of node: NodeID) -> Key {
        Key("u/\(MemberID(node))/\(user)")
    }
}

/// The sessions that one node opened for one user: `session:expiry` by spaces.
struct SessionIndex: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var session: String
        var expires: WallTime
    }

    /// In the order in which they were opened.
    private(set) var entries: [Entry] = []

    /// The stored form.
    var bytes: [UInt8] {
        let texts = entries.map { "\($0.session):\($0.expires.nanosecondsSince1970)" }
        return Array(texts.joined(separator: " ").utf8)
    }

    init() {}

    /// Reads the stored form; what is not an entry is left out.
    init(_ bytes: [UInt8]) {
        for part in bytes.split(separator: UInt8(ascii: " ")) {
            let halves = part.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard halves.count == 2,
                let expires = Int64(String(decoding: halves[1], as: UTF8.self))
            else { continue }
            entries.append(
                Entry(
                    session: String(decoding: halves[0], as: UTF8.self),
                    expires: WallTime(nanosecondsSince1970: expires)))
        }
    }

    /// Adds a session, unless it is there.
    mutating func add(_ session: String, expires: WallTime) {
        if entries.contains(where: { $0.session == session }) { return }
        entries.append(Entry(session: session, expires: expires))
    }

    /// Adds what `other` has.
    mutating func merge(_ other: SessionIndex) {
        for entry in other.entries { add(entry.session, expires: entry.expires) }
    }

    /// Removes sessions that are over.
    mutating func dropExpired(at now: WallTime) { entries.removeAll { $0.expires <= now } }
}
