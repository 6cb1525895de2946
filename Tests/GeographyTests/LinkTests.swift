import Determinism
import Geography
import Testing

/// A link with a clock of its own, for tests that read as a sequence of events.
struct LinkHarness {
    var link: Link
    var now = Instant.zero
    var outputs: [LinkOutput] = []

    /// A link whose connection has long been open: the clock stands at 100 s.
    init(_ profile: LinkProfile, seed: UInt64 = 1, isOpen: Bool = true) {
        link = Link(profile: profile, random: RandomStream(seed: seed, name: "link"))
        guard isOpen else { return }
        link.start(now: now, into: &outputs)
        _ = open()
        now = at(100_000)
        outputs = []
    }

    /// The instant `milliseconds` after the clock's zero.
    func at(_ milliseconds: Double) -> Instant { Instant.zero + .milliseconds(milliseconds) }

    /// Lets `span` pass; what the link does meanwhile is in `outputs`, older outputs are gone.
    mutating func pass(_ span: TimeSpan) {
        outputs = []
        now = now + span
        link.advance(to: now, into: &outputs)
    }

    /// Passes time until the link next does something.
    mutating func passUntilWake() {
        #expect(link.nextWake != .distantFuture)
        pass(link.nextWake - now)
    }

    /// The host reports a connection; whether the link takes it.
    mutating func open() -> Bool { link.connectionOpened(now: now, into: &outputs) }

    mutating func set(_ conditions: LinkCondition...) {
        outputs = []
        link.setConditions(conditions, now: now, into: &outputs)
    }

    mutating func offer(
        _ bytes: Int = 100, _ kind: MessageKind = .other, isKeepAlive: Bool = false
    ) -> LinkVerdict {
        link.offer(bytes: bytes, kind: kind, isKeepAlive: isKeepAlive, now: now)
    }

    /// How long after now a frame that is offered now arrives; `nil` if it gets no due time.
    mutating func delay(_ bytes: Int = 100, _ kind: MessageKind = .other) -> TimeSpan? {
        guard case .due(let due) = offer(bytes, kind) else { return nil }
        return due - now
    }
}

@Suite struct LinkTests {
    private let sixty = LinkProfile(oneWay: .milliseconds(60))

    @Test func aHundredMessagesInFlightAllArriveAfterTheDelay() {
        var harness = LinkHarness(sixty)
        for _ in 0..<100 { #expect(harness.delay(1_000) == .milliseconds(60)) }
        #expect(harness.link.counters.framesOffered == 100)
        #expect(harness.link.counters.framesStamped == 100)
        #expect(harness.link.counters.bytesStamped == 100_000)
        #expect(!harness.link.counters.showsEffect)
        #expect(harness.link.nextWake == .distantFuture)
    }

    @Test func messagesOfDifferentTimesKeepTheirDistance() {
        var harness = LinkHarness(sixty)
        for _ in 0..<50 {
            #expect(harness.delay() == .milliseconds(60))
            harness.pass(.microseconds(10))
        }
    }

    @Test func kindsHaveDelaysOfTheirOwn() {
        var profile = sixty
        profile.ordering = .none
        profile.delayByKind = [
            KindDelay(.write, DelayModel(base: .milliseconds(5))),
            KindDelay(.readReply, DelayModel(.constant(.milliseconds(7)))),
        ]
        var harness = LinkHarness(profile)
        #expect(harness.delay(1, .write) == .milliseconds(5))
        #expect(harness.delay(1, .readReply) == .milliseconds(7))
        #expect(harness.delay(1, .writeAck) == .milliseconds(60))
        #expect(harness.delay(1, .read) == .milliseconds(60))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func jitterNeverReordersAConnectionAndAlwaysMayWithoutOrder(seed: UInt64) {
        var profile = sixty
        profile.delay.jitters = [.exponential(mean: .milliseconds(20))]
        for ordering in LinkOrdering.allCases {
            profile.ordering = ordering
            var harness = LinkHarness(profile, seed: seed)
            var dues: [Instant] = []
            for _ in 0..<200 {
                guard case .due(let due) = harness.offer() else { continue }
                #expect(due >= harness.now + .milliseconds(60))
                dues.append(due)
                harness.pass(.milliseconds(1))
            }
            #expect(dues.count == 200)
            #expect((dues == dues.sorted()) == (ordering == .fifo))
        }
    }

    @Test func jitterCannotMakeADelayNegative() {
        var profile = LinkProfile(
            oneWay: .milliseconds(1),
            jitter: .normal(mean: .zero, deviation: .milliseconds(10)))
        profile.ordering = .none
        var harness = LinkHarness(profile)
        for _ in 0..<1_000 {
            guard let delay = harness.delay() else { continue }
            #expect(delay >= .zero)
        }
    }

    @Test func sameSeedSameDelays() {
        var profile = sixty
        profile.delay.jitters = [.pareto(minimum: .milliseconds(1), shape: 1.5)]
        profile.loss = 0.05
        func run(_ seed: UInt64) -> [LinkVerdict] {
            var harness = LinkHarness(profile, seed: seed)
            return (0..<500).map { _ in harness.offer() }
        }
        #expect(run(1) == run(1))
        #expect(run(1) != run(2))
    }

    /// Frames leave with their due time; nothing that happens later can call them back.
    @Test func whatIsInFlightSurvivesEveryFault() {
        var harness = LinkHarness(sixty)
        #expect(harness.delay() == .milliseconds(60))
        harness.set(.held)
        harness.link.reset(now: harness.now, into: &harness.outputs)
        #expect(harness.outputs == [.reset(.injected)])
        #expect(harness.link.counters.framesStamped == 1)
        #expect(harness.link.counters.framesLostInReset == 0)
    }

    @Test func afterAShorterDelayFramesWaitForThoseBefore() {
        var harness = LinkHarness(sixty)
        harness.set(.extraDelay(.milliseconds(200)))
        #expect(harness.delay() == .milliseconds(260))
        #expect(harness.link.counters.framesImpaired == 1)
        harness.set()
        #expect(harness.delay() == .milliseconds(260))
        harness.pass(.milliseconds(230))
        #expect(harness.delay() == .milliseconds(60))
        #expect(harness.link.counters.framesImpaired == 1)
    }

    @Test func aProfileCanChangeWhileTheLinkIsInUse() {
        var harness = LinkHarness(sixty)
        harness.link.setProfile(
            LinkProfile(oneWay: .milliseconds(10)), now: harness.now, into: &harness.outputs)
        #expect(harness.delay() == .milliseconds(10))
    }

    @Test func theFirstFrameOfAConnectionWaitsForTheHandshake() {
        var harness = LinkHarness(sixty, isOpen: false)
        #expect(harness.offer() == .notConnected)
        harness.link.start(now: harness.now, into: &harness.outputs)
        #expect(harness.outputs == [.connect])
        #expect(harness.offer() == .notConnected)
        #expect(harness.open() == true)
        #expect(harness.delay() == .milliseconds(180))
        harness.pass(.milliseconds(120))
        #expect(harness.delay() == .milliseconds(60))
        #expect(harness.link.counters.framesUnconnected == 2)
    }

    // MARK: Bandwidth

    @Test func bandwidthSerialisesFrames() {
        var profile = sixty
        profile.bandwidth = 8_000_000  // a megabyte a second: 1000 bytes in a millisecond
        var harness = LinkHarness(profile)
        #expect(harness.delay(1_000) == .milliseconds(61))
        #expect(harness.delay(1_000) == .milliseconds(62))
        #expect(harness.delay(2_000) == .milliseconds(64))
        harness.pass(.milliseconds(2))
        #expect(harness.delay(1_000) == .milliseconds(63))
        harness.pass(.milliseconds(100))
        #expect(harness.delay(1_000) == .milliseconds(61))
    }

    @Test func theQueueIsBounded() {
        var profile = sixty
        profile.bandwidth = 8_000_000
        profile.queueBytesMax = 10_000
        var harness = LinkHarness(profile)
        for _ in 0..<10 { #expect(harness.delay(1_000) != nil) }
        #expect(harness.offer(1_000) == .full)
        #expect(harness.link.counters.framesTurnedAway == 1)
        harness.pass(.milliseconds(1))
        #expect(harness.delay(1_000) == .milliseconds(70))
        #expect(harness.offer(1_000) == .full)
    }

    // MARK: Loss

    @Test func withoutTrafficBehindItALossCostsATimeout() {
        var profile = sixty
        profile.loss = 0.3
        profile.ordering = .none
        var harness = LinkHarness(profile, seed: 4)
        var seen: Set<Int64> = []
        for _ in 0..<2_000 {
            if let delay = harness.delay() { seen.insert(Int64(delay.milliseconds.rounded())) }
            harness.pass(.seconds(1))
            if harness.link.connection != .open { break }
        }
        // None lost; then 200 ms, and twice as long each time.
        #expect(seen.isSubset(of: [60, 260, 660, 1_460, 3_060]))
        #expect(seen.isSuperset(of: [60, 260, 660, 1_460]))
    }

    @Test func withTrafficBehindItTheFirstLossCostsARoundTrip() {
        var profile = sixty
        profile.loss = 0.3
        profile.ordering = .none
        var harness = LinkHarness(profile, seed: 4)
        _ = harness.offer()
        var seen: Set<Int64> = []
        for _ in 0..<2_000 {
            harness.pass(.milliseconds(1))
            if let delay = harness.delay() { seen.insert(Int64(delay.milliseconds.rounded())) }
        }
        // A round trip of 120 ms; a loss of the resent frame costs timeouts.
        #expect(seen.isSubset(of: [60, 180, 380, 780, 1_580, 3_180]))
        #expect(seen.isSuperset(of: [60, 180, 380, 780]))
    }

    @Test func theShareOfLostFramesIsTheLoss() {
        var profile = sixty
        profile.loss = 0.01
        var harness = LinkHarness(profile)
        for _ in 0..<50_000 {
            _ = harness.offer()
            harness.pass(.milliseconds(1))
        }
        #expect((harness.link.counters.framesResent - 500).magnitude < 100)
        #expect(harness.link.counters.framesStamped == 50_000)
    }

    @Test func inOrderEverythingBehindALossWaits() {
        var profile = sixty
        profile.loss = 0.02
        var harness = LinkHarness(profile, seed: 3)
        var previous = Instant.zero
        var waited = 0
        for _ in 0..<2_000 {
            guard case .due(let due) = harness.offer() else { continue }
            #expect(due >= previous)
            if due == previous { waited += 1 }
            previous = due
            harness.pass(.milliseconds(1))
        }
        // A loss holds up what follows within the 120 ms of its repair.
        #expect(waited > 10 * harness.link.counters.framesResent)
    }

    @Test func aLinkThatLosesEverythingResetsItsConnection() {
        var harness = LinkHarness(sixty)
        harness.set(.extraLoss(1))
        let start = harness.now
        guard case .held = harness.offer() else {
            Issue.record("nothing passes")
            return
        }
        harness.pass(.milliseconds(1))
        _ = harness.offer()
        harness.passUntilWake()
        #expect(harness.now == start + .seconds(5))
        #expect(harness.outputs == [.reset(.silence)])
        #expect(harness.link.counters.framesLostInReset == 2)
    }

    // MARK: Probes

    @Test func probesNeitherWaitNorDisturb() throws {
        var profile = sixty
        profile.delay.jitters = [.exponential(mean: .milliseconds(5))]
        var plain = LinkHarness(profile)
        var probed = LinkHarness(profile)
        for _ in 0..<200 {
            let due = probed.link.probe(now: probed.now)
            #expect(try #require(due) >= probed.now + .milliseconds(60))
            #expect(plain.offer() == probed.offer())
            plain.pass(.milliseconds(1))
            probed.pass(.milliseconds(1))
        }
        #expect(probed.link.counters.probesSent == 200)
        #expect(probed.link.counters.probesLost == 0)
        #expect(probed.link.counters.framesOffered == 200)
    }

    @Test(arguments: [LinkCondition.held, .dropped])
    func probesShowACutAndAreNoEffect(condition: LinkCondition) {
        var harness = LinkHarness(sixty)
        harness.set(condition)
        for _ in 0..<10 { #expect(harness.link.probe(now: harness.now) == nil) }
        #expect(harness.link.counters.probesLost == 10)
        #expect(!harness.link.counters.showsEffect)
        #expect(harness.link.nextWake == .distantFuture)
        harness.set()
        #expect(harness.link.probe(now: harness.now) == harness.now + .milliseconds(60))
    }

    @Test func probesShowADegradedLink() {
        var harness = LinkHarness(sixty)
        harness.set(.extraDelay(.milliseconds(200)))
        #expect(harness.link.probe(now: harness.now) == harness.now + .milliseconds(260))
    }

    @Test func keepAlivesAreNoEffect() {
        var harness = LinkHarness(sixty)
        harness.set(.held)
        for _ in 0..<3 { _ = harness.offer(20, isKeepAlive: true) }
        #expect(harness.link.counters.keepAlivesOffered == 3)
        #expect(harness.link.counters.keepAlivesStopped == 3)
        #expect(!harness.link.counters.showsEffect)
        _ = harness.offer(20)
        #expect(harness.link.counters.showsEffect)
    }
}
