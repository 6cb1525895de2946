import Determinism
import Geography
import Testing

/// What faults do to frames and to the connection.
@Suite struct LinkFaultTests {
    private let sixty = LinkProfile(oneWay: .milliseconds(60))

    private func ticket(_ verdict: LinkVerdict) throws -> LinkTicket {
        guard case .held(let ticket) = verdict else {
            Issue.record("expected a held frame, got \(verdict)")
            throw Mismatch()
        }
        return ticket
    }

    private struct Mismatch: Error {}

    // MARK: Held

    /// The resends of a frame lost at 0: 200, 600, 1400, 3000, 6200 ms.
    @Test(arguments: [
        (100.0, 200.0), (200, 200), (201, 600), (500, 600), (1_000, 1_400), (2_000, 3_000),
    ])
    func heldFramesLeaveWithTheFirstResendAfterTheHeal(heal: Double, resend: Double) throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        let first = try ticket(harness.offer())
        harness.pass(.milliseconds(50))
        let second = try ticket(harness.offer())
        harness.pass(.milliseconds(heal - 50))
        harness.set()
        if harness.outputs.isEmpty {
            // What comes between the heal and the resend waits behind.
            let third = try ticket(harness.offer())
            harness.passUntilWake()
            let due = harness.now + .milliseconds(60)
            #expect(
                harness.outputs == [
                    .release(first, due: due), .release(second, due: due),
                    .release(third, due: due),
                ])
        } else {
            let due = harness.now + .milliseconds(60)
            #expect(harness.outputs == [.release(first, due: due), .release(second, due: due)])
        }
        #expect(harness.now == start + .milliseconds(resend))
        #expect(harness.delay() == .milliseconds(60))
        #expect(harness.link.heldCount == 0)
        #expect(harness.link.nextWake == .distantFuture)
    }

    @Test func resendPausesStopDoublingAtTheirMaximum() {
        var profile = sixty
        profile.connectionTimeout = .seconds(100_000)
        var harness = LinkHarness(profile)
        let start = harness.now
        harness.set(.held)
        _ = harness.offer()
        // 0.2 · (2^10 - 1) = 204.6 s after ten pauses, the tenth 102.4 s; from then on 120 s each.
        for (heal, resend) in [(204.0, 204.6), (205, 324.6), (324.7, 444.6), (4_000, 4_044.6)] {
            var copy = harness
            copy.pass(.seconds(heal))
            copy.set()
            copy.passUntilWake()
            #expect(copy.now == start + .seconds(resend), "healed after \(heal) s")
        }
    }

    @Test func aLongRoundTripIsTheFirstPause() {
        var harness = LinkHarness(LinkProfile(oneWay: .milliseconds(190)))
        let start = harness.now
        harness.set(.held)
        _ = harness.offer()
        harness.pass(.milliseconds(250))
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(380))
    }

    @Test func silenceResetsTheConnectionAndLosesWhatWasHeld() throws {
        var harness = LinkHarness(sixty)
        harness.set(.held)
        harness.pass(.seconds(60))
        #expect(harness.outputs.isEmpty, "an idle connection survives any partition")
        let start = harness.now
        _ = try ticket(harness.offer())
        harness.pass(.seconds(4))
        #expect(harness.outputs.isEmpty)
        _ = try ticket(harness.offer())
        harness.pass(.milliseconds(1_500))
        #expect(harness.outputs.first == .reset(.silence))
        #expect(harness.link.counters.resets == 1)
        #expect(harness.link.counters.framesHeld == 2)
        #expect(harness.link.counters.framesLostInReset == 2)
        #expect(harness.offer() == .notConnected)
        // While the fault lasts, attempts fail and the pauses grow to their bound.
        harness.pass(.seconds(20))
        #expect(!harness.outputs.contains(.connect))
        #expect((20...40).contains(harness.link.counters.connectionsPrevented))
        harness.set()
        let healed = harness.now
        harness.passUntilWake()
        #expect(harness.outputs == [.connect])
        #expect(harness.now - healed <= LinkTiming.reconnectMax)
        #expect(start < healed)
    }

    @Test func aHealTooLateForTheNextResendStillEndsInAReset() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        _ = try ticket(harness.offer())
        harness.pass(.seconds(4))  // the next resend would be at 6.2 s, past the timeout of 5 s
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .seconds(5))
        #expect(harness.outputs == [.reset(.silence)])
    }

    @Test func aSecondFaultBeforeTheResendHoldsAgain() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        let ticket = try ticket(harness.offer())
        harness.pass(.milliseconds(300))
        harness.set()
        harness.pass(.milliseconds(100))
        harness.set(.held)
        harness.pass(.milliseconds(500))
        #expect(harness.outputs.isEmpty)
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(1_400))
        #expect(harness.outputs == [.release(ticket, due: harness.now + .milliseconds(60))])
    }

    @Test func anotherFaultsEndLeavesTheResendAsItWas() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        _ = try ticket(harness.offer())
        harness.pass(.milliseconds(700))
        harness.set(.extraLoss(0))
        harness.pass(.milliseconds(100))
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(1_400))
    }

    @Test func withoutOrderWhatComesAfterTheHealDoesNotWait() throws {
        var profile = sixty
        profile.ordering = .none
        var harness = LinkHarness(profile)
        harness.set(.held)
        _ = try ticket(harness.offer())
        harness.pass(.milliseconds(300))
        harness.set()
        #expect(harness.delay() == .milliseconds(60))
    }

    @Test func whatIsHeldIsBounded() throws {
        var profile = sixty
        profile.queueBytesMax = 1_000
        var harness = LinkHarness(profile)
        harness.set(.held)
        for _ in 0..<10 { _ = try ticket(harness.offer(100)) }
        #expect(harness.offer(100) == .full)
        #expect(harness.link.heldCount == 10)
        #expect(harness.link.counters.framesTurnedAway == 1)
    }

    @Test func whatWasReleasedMakesRoom() throws {
        var profile = sixty
        profile.queueBytesMax = 1_000
        var harness = LinkHarness(profile)
        for _ in 0..<3 {
            harness.set(.held)
            for _ in 0..<10 { _ = try ticket(harness.offer(100)) }
            #expect(harness.offer(100) == .full)
            harness.pass(.milliseconds(100))
            harness.set()
            harness.passUntilWake()
            #expect(harness.outputs.count == 10)
        }
    }

    @Test func aNewConnectionDoesNotWaitForTheFramesOfTheOld() {
        var harness = LinkHarness(sixty)
        harness.set(.extraDelay(.seconds(60)))
        #expect(harness.delay() == .seconds(60) + .milliseconds(60))
        harness.set()
        harness.link.reset(now: harness.now, into: &harness.outputs)
        harness.passUntilWake()
        #expect(harness.open() == true)
        harness.pass(.milliseconds(120))
        #expect(harness.delay() == .milliseconds(60))
    }

    @Test func releasedFramesShareTheBandwidth() throws {
        var profile = sixty
        profile.bandwidth = 8_000_000
        var harness = LinkHarness(profile)
        harness.set(.held)
        for _ in 0..<3 { _ = try ticket(harness.offer(1_000)) }
        harness.pass(.milliseconds(100))
        harness.set()
        harness.passUntilWake()
        let dues = harness.outputs.map { output -> TimeSpan? in
            guard case .release(_, let due) = output else { return nil }
            return due - harness.now
        }
        #expect(dues == [.milliseconds(61), .milliseconds(62), .milliseconds(63)])
    }

    /// One call far in the future does the same as a call at every wake.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func advancingLateLosesNothing(seed: UInt64) {
        var profile = sixty
        profile.loss = 0.2
        var prompt = LinkHarness(profile, seed: seed)
        prompt.set(.held)
        for _ in 0..<20 { _ = prompt.offer() }
        prompt.pass(.milliseconds(450))
        prompt.set()
        var late = prompt
        var collected: [LinkOutput] = []
        let end = prompt.now + .seconds(8)
        while prompt.link.nextWake <= end {
            prompt.passUntilWake()
            collected += prompt.outputs
            if prompt.outputs.contains(.connect) { break }
        }
        late.pass(.seconds(8))
        #expect(late.outputs == collected)
        #expect(late.link.counters == prompt.link.counters)
    }

    // MARK: Dropped, and acknowledgements lost

    @Test func aCutAtTheMessageLayerDropsMessagesAndKeepsTheConnection() {
        var harness = LinkHarness(sixty)
        harness.set(.dropped)
        for _ in 0..<10 { #expect(harness.offer() == .lost) }
        harness.pass(.seconds(60))
        #expect(harness.outputs.isEmpty)
        #expect(harness.link.counters.framesDropped == 10)
        harness.set()
        #expect(harness.delay() == .milliseconds(60))
    }

    @Test func withoutAcknowledgementsAWindowPassesAndTheConnectionDies() throws {
        var harness = LinkHarness(sixty)
        harness.set(.acknowledgementsLost(window: 1_000))
        let start = harness.now
        for _ in 0..<10 { #expect(harness.delay(100) == .milliseconds(60)) }
        harness.pass(.milliseconds(10))
        let stalled = try ticket(harness.offer(100))
        #expect(stalled.rawValue == 1)
        harness.passUntilWake()
        #expect(harness.now == start + .seconds(5))
        #expect(harness.outputs == [.reset(.silence)])
        #expect(harness.link.counters.framesLostInReset == 1)
        #expect(harness.link.counters.framesStamped == 10)
    }

    @Test func evenWithinTheWindowSilenceResets() {
        var harness = LinkHarness(sixty)
        harness.set(.acknowledgementsLost(window: LinkCondition.defaultWindow))
        #expect(harness.delay() == .milliseconds(60))
        harness.pass(.seconds(5))
        #expect(harness.outputs.first == .reset(.silence))
    }

    @Test func aFrameLargerThanTheWindowPassesAlone() throws {
        var harness = LinkHarness(sixty)
        harness.set(.acknowledgementsLost(window: 1_000))
        #expect(harness.delay(5_000) == .milliseconds(60))
        _ = try ticket(harness.offer(1))
    }

    @Test func whenAcknowledgementsReturnTheStalledLeaveARoundTripAfterTheResend() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.acknowledgementsLost(window: 100))
        #expect(harness.delay(100) == .milliseconds(60))
        let stalled = try ticket(harness.offer(100))
        harness.pass(.milliseconds(500))
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(600 + 120))
        #expect(harness.outputs == [.release(stalled, due: harness.now + .milliseconds(60))])
    }

    @Test func anotherFaultsChangeLeavesTheStalledWhereTheyWere() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.acknowledgementsLost(window: 100))
        #expect(harness.delay(100) == .milliseconds(60))
        _ = try ticket(harness.offer(100))
        harness.pass(.milliseconds(500))
        harness.set()
        harness.set(.connectionsRefused)
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(600 + 120))
    }

    @Test func everyLossOfAcknowledgementsHasAWindowOfItsOwn() {
        var harness = LinkHarness(sixty)
        for _ in 0..<5 {
            harness.set(.acknowledgementsLost(window: 1_000))
            for _ in 0..<10 { #expect(harness.delay(100) != nil) }
            harness.pass(.milliseconds(100))
            harness.set()
        }
        #expect(harness.link.counters.framesHeld == 0)
    }

    @Test func whenAcknowledgementsReturnInTimeNothingHappened() {
        var harness = LinkHarness(sixty)
        harness.set(.acknowledgementsLost(window: 1_000))
        #expect(harness.delay(100) == .milliseconds(60))
        harness.pass(.seconds(4))
        harness.set()
        harness.pass(.seconds(60))
        #expect(harness.outputs.isEmpty)
        #expect(harness.delay(100) == .milliseconds(60))
    }

    @Test func fromHeldToWindowOnlyTheWindowLeaves() throws {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        let tickets = try (0..<5).map { _ in try ticket(harness.offer(100)) }
        harness.pass(.milliseconds(300))
        harness.set(.acknowledgementsLost(window: 200))
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(600))
        let due = harness.now + .milliseconds(60)
        #expect(
            harness.outputs == [.release(tickets[0], due: due), .release(tickets[1], due: due)])
        #expect(harness.link.heldCount == 3)
        harness.passUntilWake()
        #expect(harness.now == start + .seconds(5))
        #expect(harness.outputs == [.reset(.silence)])
        #expect(harness.link.counters.framesLostInReset == 3)
    }

    // MARK: Connections

    @Test func aResetLosesTheHeldAndConnectsAgain() throws {
        var harness = LinkHarness(sixty)
        harness.set(.held)
        _ = try ticket(harness.offer())
        harness.set()
        harness.link.reset(now: harness.now, into: &harness.outputs)
        #expect(harness.outputs == [.reset(.injected)])
        #expect(harness.link.counters.resetsInjected == 1)
        #expect(harness.link.counters.framesLostInReset == 1)
        harness.passUntilWake()
        #expect(harness.outputs == [.connect])
        #expect(harness.open() == true)
        #expect(harness.link.connection == .open)
        // Without a connection there is nothing to reset.
        var idle = LinkHarness(sixty, isOpen: false)
        idle.link.reset(now: idle.now, into: &idle.outputs)
        #expect(idle.outputs.isEmpty)
        #expect(idle.link.counters.resetsInjected == 0)
    }

    @Test func whileRefusedTheOpenConnectionLivesAndNoNewOneOpens() {
        var harness = LinkHarness(sixty)
        harness.set(.connectionsRefused)
        #expect(harness.delay() == .milliseconds(60))
        #expect(harness.open() == false)
        #expect(harness.delay() == .milliseconds(60))
        harness.link.reset(now: harness.now, into: &harness.outputs)
        harness.pass(.seconds(10))
        #expect(!harness.outputs.contains(.connect))
        #expect(harness.link.counters.connectionsPrevented > 5)
        #expect(harness.link.counters.showsEffect)
        harness.set()
        harness.passUntilWake()
        #expect(harness.outputs == [.connect])
    }

    @Test func aConnectionAskedForBeforeTheFaultIsRefusedWhenItOpens() {
        var harness = LinkHarness(sixty, isOpen: false)
        harness.link.start(now: harness.now, into: &harness.outputs)
        harness.set(.held)
        #expect(harness.open() == false)
        #expect(harness.outputs.isEmpty)
        guard case .waiting = harness.link.connection else {
            Issue.record("it tries again: \(harness.link.connection)")
            return
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func pausesBetweenAttemptsDoubleWithJitter(seed: UInt64) {
        var harness = LinkHarness(sixty, seed: seed, isOpen: false)
        harness.link.start(now: harness.now, into: &harness.outputs)
        for whole in [50.0, 100, 200, 400, 800, 1_000, 1_000] {
            harness.link.connectionFailed(now: harness.now, into: &harness.outputs)
            let pause = (harness.link.nextWake - harness.now).milliseconds
            #expect(pause >= whole / 2 && pause <= whole)
            harness.passUntilWake()
            #expect(harness.outputs == [.connect])
        }
        #expect(harness.open() == true)
        harness.link.reset(now: harness.now, into: &harness.outputs)
        #expect((harness.link.nextWake - harness.now).milliseconds <= 50)
    }

    @Test func peersDoNotComeBackInStep() {
        let pauses = (1...20).map { seed -> TimeSpan in
            var harness = LinkHarness(sixty, seed: UInt64(seed))
            harness.link.reset(now: harness.now, into: &harness.outputs)
            return harness.link.nextWake - harness.now
        }
        #expect(Set(pauses).count == 20)
    }

    @Test func theSideThatDoesNotDialWaits() {
        var link = Link(
            profile: sixty, random: RandomStream(seed: 1, name: "link"), dials: false)
        var outputs: [LinkOutput] = []
        link.start(now: .zero, into: &outputs)
        #expect(outputs.isEmpty)
        #expect(link.connectionOpened(now: .zero, into: &outputs) == true)
        link.reset(now: .zero, into: &outputs)
        #expect(link.connection == .closed)
        #expect(link.nextWake == .distantFuture)
    }

    @Test func aNewerConnectionTakesThePlaceOfTheOlder() throws {
        var harness = LinkHarness(sixty)
        harness.set(.held)
        _ = try ticket(harness.offer())
        harness.set()
        #expect(harness.open() == true)
        #expect(harness.outputs == [.reset(.superseded)])
        #expect(harness.link.connection == .open)
        #expect(harness.link.heldCount == 0)
    }

    // MARK: The peer's end

    @Test func thePeersEndIsKnownOneWayLater() {
        var harness = LinkHarness(sixty)
        harness.link.connectionLost(now: harness.now, into: &harness.outputs)
        #expect(harness.outputs.isEmpty)
        #expect(harness.offer() == .lost)
        #expect(harness.link.counters.framesOrphaned == 1)
        harness.pass(.milliseconds(59))
        #expect(harness.outputs.isEmpty)
        harness.pass(.milliseconds(1))
        #expect(harness.outputs == [.reset(.peerClosed)])
        harness.passUntilWake()
        #expect(harness.outputs == [.connect])
    }

    @Test func theNewsOfThePeersEndDoesNotPassAPartition() {
        var harness = LinkHarness(sixty)
        let start = harness.now
        harness.set(.held)
        harness.link.connectionLost(now: harness.now, into: &harness.outputs)
        harness.pass(.seconds(2))
        #expect(harness.outputs.isEmpty)
        harness.set()
        harness.passUntilWake()
        #expect(harness.now == start + .milliseconds(3_000 + 60))
        #expect(harness.outputs == [.reset(.peerClosed)])
    }

    @Test func silenceAlsoEndsAConnectionWhosePeerIsGone() {
        var harness = LinkHarness(sixty)
        harness.set(.held)
        harness.link.connectionLost(now: harness.now, into: &harness.outputs)
        harness.pass(.seconds(1))
        let sent = harness.now
        #expect(harness.offer() == .lost)
        harness.passUntilWake()
        #expect(harness.now == sent + .seconds(5))
        #expect(harness.outputs == [.reset(.silence)])
    }

    @Test func withNoDelayThePeersEndIsKnownAtOnce() {
        var harness = LinkHarness(LinkProfile(oneWay: .zero))
        harness.link.connectionLost(now: harness.now, into: &harness.outputs)
        #expect(harness.outputs == [.reset(.peerClosed)])
    }
}
