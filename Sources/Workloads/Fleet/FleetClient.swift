import Determinism
import Replication

/// One client of a fleet.
struct FleetClient: Sendable {
    /// Its session with a group.
    enum Session: Hashable, Sendable {
        /// There is none, and none is being opened.
        case none
        /// It is being opened by the operation in this place.
        case opening(place: Int)
        /// It is open, with this number.
        case open(UInt64)
    }

    let id: ClientID
    let region: Int
    let ordinal: Int
    /// By group.
    var sessions: [Session]
    /// By group: the operations that wait for the session, by their first attempt's identifier.
    var waiting: [[AttemptID]]
    /// By group.
    var sequences: [SequenceWindow]
    var memory = ClientMemory()
    /// How many tokens it has written.
    var tokens: UInt64 = 0
    /// In closed loop, its process in the history.
    var process: UInt64?
    /// In closed loop, decides what it does.
    var operations: RandomStream
    /// Decides how long it waits.
    var waits: RandomStream

    init(id: ClientID, region: Int, ordinal: Int, groupCount: Int, random: RandomStream) {
        self.id = id
        self.region = region
        self.ordinal = ordinal
        sessions = Array(repeating: .none, count: groupCount)
        waiting = Array(repeating: [], count: groupCount)
        sequences = Array(repeating: SequenceWindow(), count: groupCount)
        operations = random.derived("operations")
        waits = random.derived("waits")
    }

    mutating func takeToken() -> [UInt8] {
        tokens += 1
        return ValueToken.make(client: id, ordinal: tokens)
    }
}

/// The clients beside one region.
struct RegionClients: Sendable {
    let id: RegionID
    /// The position of the region's first client.
    let first: Int
    let count: Int
    /// The operations a second that the workload asks for in open loop.
    let rate: Double
    /// By group.
    var routes: [Route]
    var schedule: PoissonSchedule?
    /// In open loop, decides what is done.
    var operations: RandomStream
    /// In open loop, decides which client does it.
    var dealing: RandomStream
    /// Which entry of the agenda holds the present next arrival.
    var arrivalStamp = 0
    var tally = ClientTally()
    private var factor = 1.0
    private let arrivals: RandomStream

    init(
        id: RegionID, first: Int, count: Int, rate: Double, random: RandomStream, routes: [Route]
    ) {
        self.id = id
        self.first = first
        self.count = count
        self.rate = rate
        self.routes = routes
        operations = random.derived("operations")
        dealing = random.derived("dealing")
        arrivals = random.derived("arrivals")
    }

    /// When the next operation is planned in open loop.
    @inline(__always)
    var nextArrival: Instant? { schedule?.next }

    mutating func begin(at start: Instant) {
        schedule = PoissonSchedule(rate: rate * factor, start: start, random: arrivals)
    }

    mutating func setFactor(_ factor: Double, at now: Instant) {
        self.factor = factor
        schedule?.setRate(rate * factor, at: now)
    }
}

/// What is due at some instant.
enum AgendaItem: Sendable {
    /// The next operation of a region in open loop, unless its schedule changed since.
    case arrival(region: Int, stamp: Int)
    /// The next attempt of an operation, named by its first one.
    case retry(AttemptID)
    /// The next probe.
    case probe
    /// The read of a probe, beside a region.
    case probeRead(region: Int, key: Int)
    /// All clients of a closed loop begin.
    case beginClosedLoop
}

/// The second half of a read-modify-write.
struct CasDue: Sendable {
    var client: Int
    var group: Int
    var key: Int
    /// What was read, as on the wire.
    var expected: [UInt8]?
}
