import Determinism
import Foundation
import Geography
import Testing

@Suite struct LinkConditionTests {
    private let profile = LinkProfile(
        oneWay: .milliseconds(30),
        delayByKind: [KindDelay(.write, DelayModel(.exponential(mean: .milliseconds(4))))],
        loss: 0.1, bandwidth: 1_000_000)

    private func base(_ link: EffectiveLink, _ kind: MessageKind = .other) -> TimeSpan {
        link.delays[Int(kind.rawValue)].base
    }

    @Test func withoutConditionsALinkIsItsProfile() {
        let link = profile.under([])
        #expect(link.flow == .open)
        #expect(link.window == nil)
        #expect(link.allowsConnections)
        #expect(link.loss == 0.1)
        #expect(link.bandwidth == 1_000_000)
        #expect(base(link) == .milliseconds(30))
        #expect(base(link, .write) == .zero)
        #expect(link.roundTrip == .milliseconds(60))
        #expect(!link.isImpaired)
    }

    @Test func delaysFoldInFileOrder() {
        let addedFirst = profile.under([.extraDelay(.milliseconds(200)), .delayFactor(3)])
        #expect(base(addedFirst) == .milliseconds(690))
        let scaledFirst = profile.under([.delayFactor(3), .extraDelay(.milliseconds(200))])
        #expect(base(scaledFirst) == .milliseconds(290))
        #expect(addedFirst.isImpaired && scaledFirst.isImpaired)
        #expect(scaledFirst.roundTrip == .milliseconds(320))
    }

    @Test func aFactorScalesWhatVariesToo() {
        let link = profile.under([.delayFactor(3)])
        #expect(
            link.delays[Int(MessageKind.write.rawValue)].jitters
                == [.exponential(mean: .milliseconds(12))])
    }

    @Test(
        arguments: [
            .delayFactor(1e300), .delayFactor(-1), .delayFactor(.nan), .bandwidth(0),
            .extraDelay(TimeSpan(nanoseconds: .max)), .extraDelay(TimeSpan(nanoseconds: .min)),
            .extraLoss(.nan), .extraLoss(-3), .acknowledgementsLost(window: -1),
        ] as [LinkCondition])
    func noConditionHoweverAbsurdBreaksALink(condition: LinkCondition) {
        var harness = LinkHarness(profile)
        harness.set(condition, condition)
        for kind in MessageKind.allCases {
            if let delay = harness.delay(100, kind) { #expect(delay >= .zero) }
            #expect(base(harness.link.effective, kind) >= .zero)
        }
        harness.pass(.seconds(10))
        #expect(harness.link.counters.framesOffered == 5)
    }

    @Test func lossesAreIndependent() {
        let link = profile.under([.extraLoss(0.5), .extraLoss(0.5)])
        #expect((link.loss - (1 - 0.9 * 0.25)).magnitude < 1e-12)
        #expect(profile.under([.extraLoss(7)]).loss == 1)
    }

    @Test func theNarrowestBandwidthCounts() {
        #expect(profile.under([.bandwidth(500), .bandwidth(700)]).bandwidth == 500)
        let wider = profile.under([.bandwidth(9_000_000)])
        #expect(wider.bandwidth == 1_000_000)
        #expect(!wider.isImpaired)
    }

    @Test func heldOutweighsDropped() {
        #expect(profile.under([.held, .dropped]).flow == .held)
        #expect(profile.under([.dropped, .held]).flow == .held)
        #expect(profile.under([.dropped]).flow == .dropped)
    }

    @Test func connectionsNeedBothDirectionsAndConsent() {
        #expect(!profile.under([.held]).allowsConnections)
        #expect(!profile.under([.acknowledgementsLost(window: 1)]).allowsConnections)
        #expect(!profile.under([.connectionsRefused]).allowsConnections)
        #expect(profile.under([.dropped]).allowsConnections)
    }

    /// A heal removes its own condition and nothing else: folding the rest says what is left.
    @Test func removingOneConditionLeavesTheOthers() {
        let all: [LinkCondition] = [
            .held, .extraDelay(.milliseconds(10)), .held, .extraLoss(0.2), .delayFactor(2),
        ]
        for index in all.indices {
            var rest = all
            rest.remove(at: index)
            let link = profile.under(rest)
            #expect(link.flow == .held, "one of the two remains")
        }
        let withoutBoth = all.filter { $0 != .held }
        #expect(profile.under(withoutBoth).flow == .open)
        #expect(base(profile.under(withoutBoth)) == .milliseconds(80))
    }

    @Test func profilesConditionsAndCountersSurviveCoding() throws {
        let profiles = [
            profile,
            LinkProfile(
                oneWay: .milliseconds(1), jitter: .normal(mean: .zero, deviation: .microseconds(9)),
                returnDelay: .milliseconds(2), queueBytesMax: 7, ordering: .none,
                connectionTimeout: .seconds(9)),
        ]
        let data = try JSONEncoder().encode(profiles)
        #expect(try JSONDecoder().decode([LinkProfile].self, from: data) == profiles)
        let conditions: [LinkCondition] = [
            .held, .dropped, .acknowledgementsLost(window: 65_536), .connectionsRefused,
            .extraDelay(.milliseconds(200)), .delayFactor(3), .extraLoss(0.01), .bandwidth(10_000),
            .extraJitter(.uniform(minimum: .zero, maximum: .milliseconds(5))),
        ]
        let text = try JSONEncoder().encode(conditions)
        #expect(try JSONDecoder().decode([LinkCondition].self, from: text) == conditions)
        var counters = LinkCounters()
        counters.framesHeld = 812
        counters.probesLost = 100
        let counted = try JSONEncoder().encode(counters)
        #expect(try JSONDecoder().decode(LinkCounters.self, from: counted) == counters)
    }

    @Test func countersSubtractAndAddFieldByField() throws {
        var earlier = LinkCounters()
        earlier.framesOffered = 3
        earlier.probesLost = 1
        var later = earlier
        later.framesOffered = 10
        later.resets = 2
        #expect(later.since(earlier).framesOffered == 7)
        #expect(later.since(earlier).probesLost == 0)
        #expect(later.since(earlier) + earlier == later)
        // Every stored field takes part, whatever is added later.
        let fields = Mirror(reflecting: LinkCounters()).children.compactMap(\.label)
        for field in fields {
            let one = Data(
                ("{" + fields.map { "\"\($0)\":\($0 == field ? 1 : 0)" }.joined(separator: ",")
                    + "}").utf8)
            let counters = try JSONDecoder().decode(LinkCounters.self, from: one)
            #expect(counters.since(counters) == LinkCounters(), "\(field)")
            #expect(counters + counters != counters, "\(field)")
        }
    }
}
