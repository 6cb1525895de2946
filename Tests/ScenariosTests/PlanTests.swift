import Determinism
import Geography
import Replication
import Testing

@testable import Scenarios

/// What a Plan makes of a scenario: nodes, groups, links, faults one by one.
@Suite struct PlanTests {
    private func plan(_ yaml: String, seed: UInt64? = nil) throws -> Plan {
        try Plan(decode(yaml), seed: seed)
    }

    static let five = """
        name: five
        topology:
          regions: [us-east-1, us-west-2, ca-central-1, eu-central-1, eu-west-1]

        """

    static let zones = """
        name: zones
        topology:
          regions:
            - us-east-1
            - {name: eu-west-1, nodes: 5, zones: [a, b, c]}

        """

    @Test func nodesAreNamedByRegionZoneAndNumber() throws {
        let plan = try plan(Self.zones)
        #expect(
            plan.nodes.map(\.name) == [
                "us-east-1", "eu-west-1/a/1", "eu-west-1/a/2", "eu-west-1/b/1", "eu-west-1/b/2",
                "eu-west-1/c/1",
            ])
        #expect(plan.nodes.map(\.id) == plan.nodes.map(\.id).sorted())
        #expect(plan.node(named: "us-east-1/a/1") == plan.node(named: "us-east-1"))
        #expect(plan.node(named: "eu-west-1") == nil)
        #expect(plan.name(of: NodeID(region: RegionID(index: 1), zone: 2)) == "eu-west-1/c/1")
    }

    @Test func regionsKeepWhatIsKnownOfThemAndTakeWhatIsSaid() throws {
        let plan = try plan(
            """
            name: known
            topology:
              regions:
                - eu-west-1
                - {name: eu-west-3, provider: ACME, jurisdiction: XX}
                - {name: NO, location: [59.9, 10.7], country: NO}
            """)
        #expect(plan.regions[0].region == RegionCatalogue.aws.region(named: "eu-west-1"))
        #expect(plan.regions[1].region.provider == "ACME")
        #expect(plan.regions[1].region.jurisdiction == "XX")
        #expect(plan.regions[1].region.city == "Paris")
        // Norway is not a switch.
        #expect(plan.regions[2].name == "NO")
        #expect(plan.regions[2].region.country == "NO")
    }

    // MARK: - The network

    @Test func linksHaveHalfTheMatrixRoundTrip() throws {
        let plan = try plan(Self.five)
        let virginia = RegionID(index: 0)
        let frankfurt = RegionID(index: 3)
        let link = plan.network.link(from: NodeID(region: virginia), to: NodeID(region: frankfurt))
        #expect(link == LinkProfile(oneWay: .microseconds(42_800)))
        #expect(plan.network.roundTrip(from: virginia, to: frankfurt) == .microseconds(85_600))
        #expect(plan.network.roundTrips[virginia, frankfurt] == .microseconds(85_600))
        let near = plan.network.clientLink(from: virginia, to: virginia)
        #expect(near.delay.base == .microseconds(250))
        let far = plan.network.clientLink(from: virginia, to: frankfurt)
        #expect(far.delay.base == .microseconds(43_050))
        #expect(far.returnDelay == .microseconds(43_050))
    }

    @Test func withoutLatencyNothingTakesTime() throws {
        let plan = try plan(
            "name: x\ntopology: {latency: none, regions: [us-east-1, eastus, mars]}"
                .replacingOccurrencesOfMars())
        for source in plan.nodes {
            for target in plan.nodes where source.id != target.id {
                #expect(
                    plan.network.link(from: source.id, to: target.id) == LinkProfile(oneWay: .zero))
            }
        }
    }

    @Test func regionsOutsideOfTheMatrixGoByDistance() throws {
        let plan = try plan(
            """
            name: x
            topology:
              regions: [us-east-1, {name: atlantis, location: [31.0, -24.0]}]
            """)
        let expected = FibreDistance.roundTrip(
            from: GeographicPoint(latitude: 31, longitude: -24),
            to: try #require(plan.regions[0].region.location))
        let measured = plan.network.roundTrip(from: RegionID(index: 0), to: RegionID(index: 1))
        #expect((measured - expected).nanoseconds.magnitude <= 1)
    }

    @Test func laterLinesWin() throws {
        let plan = try plan(
            """
            name: x
            topology:
              regions: [us-east-1, eu-west-1, {name: eu-west-2, nodes: 2}]
              ordering: none
              connection_timeout: 9s
              links:
                - {all: true, one_way: 10ms, loss: 1%, jitter: 1ms}
                - {between: [us-east-1, eu-west-1], rtt: 90ms, bandwidth: 10mbps}
                - {from: us-east-1, to: eu-west-1, one_way: 80ms}
                - {from: us-east-1, to: eu-west-1, for: write, one_way: {distribution: exponential, mean: 5ms}}
                - {from: us-east-1, to: eu-west-1, for: read-reply, one_way: 7ms}
                - {between: [eu-west-2, eu-west-2], one_way: 1ms, jitter: {distribution: constant, delay: 0ms}}
                - {all: true, for: read-reply, one_way: 6ms}
            """)
        func link(_ source: UInt16, _ target: UInt16, ordinal: UInt8 = 1) -> LinkProfile {
            plan.network.link(
                from: NodeID(region: RegionID(index: source)),
                to: NodeID(region: RegionID(index: target), ordinal: ordinal))
        }
        let jitter = DelayDistribution.normal(mean: .zero, deviation: .milliseconds(1))
        let there = link(0, 1)
        #expect(there.delay == DelayModel(base: .milliseconds(80), jitters: [jitter]))
        #expect(there.returnDelay == .milliseconds(45))
        #expect(there.loss == 0.01)
        #expect(there.bandwidth == 10_000_000)
        #expect(there.ordering == .none)
        #expect(there.connectionTimeout == .seconds(9))
        let write = DelayModel(
            base: .zero, jitters: [.exponential(mean: .milliseconds(5)), jitter])
        let reply = DelayModel(base: .milliseconds(6), jitters: [jitter])
        #expect(
            there.delayByKind == [KindDelay(.write, write), KindDelay(.readReply, reply)])
        let back = link(1, 0)
        #expect(back.delay.base == .milliseconds(45))
        #expect(back.returnDelay == .milliseconds(80))
        #expect(link(0, 2).delay.base == .milliseconds(10))
        #expect(link(2, 2, ordinal: 2).delay.base == .milliseconds(1))
    }

    // MARK: - Groups

    @Test func withoutDataTypesThereIsOneGroup() throws {
        let plan = try plan(Self.five)
        #expect(plan.groups.map(\.name) == ["default"])
        #expect(plan.groups[0].strategy == "raft")
        #expect(plan.groups[0].voters == plan.nodes.map(\.id))
        #expect(plan.groups[0].learners.isEmpty)
    }

    @Test func dataTypesTakeOverWhatTheyDoNotSay() throws {
        let plan = try plan(
            Self.five + """
                replication: {strategy: raft, prevote: off, regions: [us-east-1, us-west-2, eu-west-1]}
                data_types:
                  log: {value: list, learners: [eu-west-1]}
                  session: {strategy: eventual, priority: high}
                workload: {data_type: {session: 50%, default: 50%}, operations: {read: 50%, write: 50%}}
                """)
        #expect(plan.groups.map(\.name) == ["log", "session", "default"])
        #expect(plan.groups.map(\.strategy) == ["raft", "eventual", "raft"])
        #expect(plan.groups[0].options["prevote"] == .toggle(false))
        #expect(plan.groups[0].voters.map { plan.name(of: $0) } == ["us-east-1", "us-west-2"])
        #expect(plan.groups[0].learners.map { plan.name(of: $0) } == ["eu-west-1"])
        #expect(plan.groups[0].valueType == .list)
        #expect(plan.groups[1].options["prevote"] == nil)
        #expect(plan.groups[1].voters.count == 5)
        #expect(plan.groups[1].priority == .high)
        #expect(plan.workload.dataTypes.map(\.item.index) == [1, 2])
    }

    @Test func aDefaultThatNobodyUsesIsNoGroup() throws {
        let plan = try plan(
            Self.five + """
                data_types: {session: {strategy: eventual}}
                workload: {data_type: session}
                """)
        #expect(plan.groups.map(\.name) == ["session"])
    }

    // MARK: - Faults

    @Test func repeatedFaultsStandOneByOne() throws {
        let plan = try plan(
            Self.five + """
                faults:
                  - {every: 5s, until: 20s, kill: us-east-1, for: 1s}
                  - {at: 1s, every: 10s, until: 21s, pause: leader, for: 1s, must_bite: off}
                  - {at: 3s, reset: {all: true}}
                """)
        #expect(plan.faults.map(\.id) == ["f1", "f2", "f3", "f4", "f5", "f6"])
        #expect(plan.faults.map(\.at) == [5, 10, 15, 1, 11, 3].map { TimeSpan.seconds($0) })
        #expect(plan.faults.map(\.mustBite) == [true, true, true, false, false, true])
        #expect(plan.faults[0].end == .seconds(6))
        #expect(plan.faults[5].end == nil)
        #expect(plan.faults[3].kind == .pause(.leader(nil)))
    }

    @Test(arguments: 0..<50)
    func drawsAreOfTheRightSize(_ seed: UInt64) throws {
        let plan = try plan(
            Self.five + """
                faults:
                  - {at: 1s, kill: random, for: 1s}
                  - {at: 2s, pause: minority, for: 1s}
                  - {at: 3s, isolate: majority, for: 1s}
                  - {at: 4s, partition: [minority, majority], for: 1s}
                  - {at: 5s, partition: [[us-east-1], random], for: 1s}
                  - {at: 6s, kill: [random, random], for: 1s}
                """, seed: seed)
        let counts = plan.faults.map { fault -> [Int] in
            let selectors: [NodeSelector]
            switch fault.kind {
            case .partition(let groups): selectors = groups
            case .kill(let selector, _), .pause(let selector), .isolate(let selector):
                selectors = [selector]
            case .cut, .degrade, .reset, .refuse, .clock, .disk, .slow, .surge, .random:
                selectors = []
            }
            let sets = selectors.map { plan.nodes(selectedBy: $0, leader: { _ in nil }) }
            #expect(Set(sets.joined()).count == sets.joined().count, "groups overlap")
            return sets.map(\.count)
        }
        #expect(counts == [[1], [2], [3], [2, 3], [1, 1], [2]])
    }

    @Test func drawsDifferBySeedAndNotByOtherFaults() throws {
        let alone = Self.five + "faults:\n  - {at: 5s, kill: random, for: 1s}\n"
        let more =
            Self.five + """
                faults:
                  - {at: 4s, kill: random, for: 1s}
                  - {at: 5s, kill: random, for: 1s}
                  - {at: 5s, pause: random, for: 1s}
                """
        var targets: Set<String> = []
        for seed in 0..<40 as Range<UInt64> {
            let first = try plan(alone, seed: seed)
            let second = try plan(more, seed: seed)
            #expect(first.faults[0].kind == second.faults[1].kind)
            targets.insert("\(first.faults[0].kind)")
        }
        #expect(targets.count == 5)
    }

    @Test func selectorsSelect() throws {
        let plan = try plan(Self.zones)
        let paris = RegionID(index: 1)
        func names(_ selector: NodeSelector) -> [String] {
            plan.nodes(selectedBy: selector) { group in
                group == nil
                    ? NodeID(region: paris, zone: 1, ordinal: 2) : NodeID(region: .init(index: 0))
            }.map { plan.name(of: $0) }
        }
        #expect(names(.place(.region(paris))).count == 5)
        #expect(names(.place(.zone(paris, zone: 0))) == ["eu-west-1/a/1", "eu-west-1/a/2"])
        #expect(names(.leader(nil)) == ["eu-west-1/b/2"])
        #expect(names(.primary(GroupID(index: 0))) == ["us-east-1"])
        #expect(names(.all).count == 6)
        #expect(names(.continent(.northAmerica)) == ["us-east-1"])
        #expect(names(.provider("AWS")).count == 6)
        #expect(names(.list([.leader(nil), .all, .leader(nil)])).count == 6)
        #expect(
            plan.regions(selectedBy: .leader(nil)) { _ in NodeID(region: paris) } == [paris])
    }

    @Test func scopesHoldLinks() throws {
        let plan = try plan(Self.zones)
        let virginia = Place.region(RegionID(index: 0))
        let dublin = RegionID(index: 1)
        func count(_ scope: LinkScope) -> Int {
            plan.links(in: scope) { _ in NodeID(region: RegionID(index: 0)) }.count
        }
        #expect(count(.all) == 30)
        #expect(count(.between(virginia, .region(dublin))) == 10)
        #expect(count(.directed(from: virginia, to: .zone(dublin, zone: 2))) == 1)
        #expect(count(.around(.leader(nil))) == 10)
        #expect(count(.around(.place(.node(NodeID(region: dublin))))) == 10)
        #expect(count(.between(.zone(dublin, zone: 0), .zone(dublin, zone: 0))) == 2)
    }

    @Test func aSeedGivenFromOutsideCounts() throws {
        #expect(try plan(Self.five).seed == 1)
        #expect(try plan(Self.five, seed: 77).seed == 77)
        #expect(try plan(Self.five, seed: 77).yaml.contains("seed: 77"))
    }

    @Test func theFirstOutageIsWhatItSays() throws {
        let scenario = try Scenario.load(
            path: Shipped.path("first-outage.yaml"), strategies: Strategies.all)
        #expect(scenario.name == "first-outage")
        #expect(scenario.seed == 42)
        #expect(scenario.duration == .seconds(40))
        #expect(
            scenario.topology.regions.map(\.name) == [
                "us-east-1", "eu-central-1", "ap-northeast-1",
            ])
        #expect(scenario.replication.options["preferred_leader"] == .region(RegionID(index: 0)))
        #expect(scenario.workload == WorkloadSpec())
        #expect(
            scenario.faults == [
                FaultSpec(
                    at: .once(.seconds(10)), .isolate(.place(.region(RegionID(index: 0)))),
                    for: .seconds(10)),
                FaultSpec(
                    at: .once(.seconds(25)), .kill(.leader(nil), disk: .kept), for: .seconds(5)),
            ])
        #expect(
            scenario.expectations == [
                .consistency(.linearizable, group: nil),
                .converged(within: .seconds(10), fault: nil),
                .availability(atLeast: 0.9, OperationFilter()),
                .latency(
                    percentile: 95, atMost: .milliseconds(300),
                    OperationFilter(operation: .write, phase: .before)),
            ])
    }
}

extension String {
    /// A region that no matrix knows, described in place.
    fileprivate func replacingOccurrencesOfMars() -> String {
        split(separator: "mars", omittingEmptySubsequences: false).joined(separator: "{name: mars}")
    }
}
