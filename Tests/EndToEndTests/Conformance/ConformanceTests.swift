import Determinism
import Judgement
import Recording
import Testing

/// What must be a fact in every run, whichever engine made it and however fast its host is.
@Suite(.serialized)
struct ConformanceTests {
    private static let regions: Set = ["us-east-1", "eu-west-1", "ca-central-1"]

    /// What was under way when a fault struck, and the way from the conductor to the nodes, is
    /// over by then.
    private static let underWay = TimeSpan.milliseconds(250)

    private func run(
        _ scenario: ConformanceScenario, _ engine: Engine
    ) async throws -> RunFacts {
        let facts = try await EngineRuns.shared.facts(of: scenario, in: engine)
        #expect(
            facts.report.verdict == .pass,
            "\(facts.report.remarks) \(facts.report.expectations) \(facts.evidence)")
        return facts
    }

    @Test(arguments: Engine.allCases)
    func aMinorityServesNothingAndAMajorityDoes(_ engine: Engine) async throws {
        let facts = try await run(.split, engine)
        let strike = try facts.strike(of: "f1").time
        let heal = try facts.heal(of: "f1")
        #expect(facts.served(by: ["us-east-1"], from: .zero, to: strike) > 0)
        #expect(
            facts.served(by: ["us-east-1"], from: strike + Self.underWay, to: heal) == 0)
        let majority = ["eu-west-1", "ca-central-1"]
        let elected = try #require(
            facts.events(.leaderElected).first {
                $0.time > strike && majority.contains($0.node ?? "")
            })
        #expect(facts.served(by: majority, from: elected.time, to: heal) > 0)
        #expect(try facts.number("other_links_probes_lost", of: "f1") == 0)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func aKilledLeaderIsReplacedAndComesBackWithEverything(_ engine: Engine) async throws {
        let facts = try await run(.crash, engine)
        let strike = try facts.strike(of: "f1")
        let killed = try #require(strike.leadersTaken.first?.node)
        #expect(strike.targets == [killed])
        #expect(
            facts.events(.leaderElected).contains {
                $0.time > strike.time && $0.node != killed
            })
        #expect(facts.events(.processReady, at: killed).count == 2)
        #expect(try facts.nodesThatAgree() == Self.regions)
        #expect(facts.report.consistency.lostUpdates == 0)
        let states = Self.regions.map(facts.state)
        #expect(states.allSatisfy { $0 == states[0] && !$0.isEmpty })
        // It came back as who it was.
        #expect(!facts.hasNewIncarnation)
    }

    @Test(arguments: Engine.allCases)
    func aNodeThatLostItsDiskComesBackAsSomebodyNew(_ engine: Engine) async throws {
        let facts = try await run(.memory, engine)
        #expect(facts.hasNewIncarnation)
        #expect(try facts.nodesThatAgree() == Self.regions)
        #expect(facts.state(of: "eu-west-1") == facts.state(of: "us-east-1"))
        #expect(facts.report.consistency.lostUpdates == 0)
    }

    @Test(arguments: Engine.allCases)
    func disksThatAreSlowFullFailingOrRottenShow(_ engine: Engine) async throws {
        let facts = try await run(.trouble, engine)
        #expect(try facts.number("syncs_delayed", of: "f1") > 0)
        #expect(try facts.number("processes_ended", of: "f2") == 1)
        #expect(try facts.number("processes_ended", of: "f3") == 1)
        #expect(try facts.number("records_damaged", of: "f4") == 1)
        // Full, and killed when it was rotten: both times it came back, at last as somebody new.
        #expect(facts.events(.processReady, at: "eu-west-1").count == 3)
        #expect(facts.events(.processReady, at: "ca-central-1").count == 2)
        #expect(facts.hasNewIncarnation)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func aMajorityThatLiesForgetsWhatItSaid(_ engine: Engine) async throws {
        let facts = try await run(.lies, engine)
        #expect(try facts.number("syncs_skipped", of: "f1") > 0)
        #expect(try facts.number("bytes_dropped", of: "f1") > 0)
        #expect(try facts.number("processes_killed", of: "f2") == 3)
        #expect(facts.report.consistency.lostUpdates ?? 0 > 0)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func linksFailInEveryWay(_ engine: Engine) async throws {
        let facts = try await run(.links, engine)
        let before = try facts.number("probe_delay_before_ms", of: "f1")
        #expect(try facts.number("probe_delay_during_ms", of: "f1") > before + 30)
        // A cut of messages one way leaves the other way alone.
        #expect(try facts.number("probes_lost", of: "f2") > 0)
        #expect(try facts.number("probes_arrived", of: "f2") == 0)
        #expect(try facts.number("other_links_probes_lost", of: "f2") == 0)
        #expect(try facts.number("probes_lost", of: "f3") > 0)
        #expect(try facts.number("probes_lost", of: "f4") > 0)
        #expect(try facts.number("connections_prevented", of: "f5") > 0)
        #expect(try facts.number("connections_reset", of: "f6") >= 4)
        #expect(
            try facts.served(
                by: ["ca-central-1"], from: facts.strike(of: "f4").time + Self.underWay,
                to: facts.heal(of: "f4")) == 0)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func clocksProcessorsProcessesAndLoadGoWrong(_ engine: Engine) async throws {
        let facts = try await run(.nodes, engine)
        #expect((try facts.number("offset_read_ms", of: "f1") - 40_000).magnitude < 100)
        #expect((try facts.number("drift_read_ppm", of: "f1") - 500).magnitude < 50)
        #expect(try facts.number("nodes_stalled", of: "f2") == 1)
        #expect(try facts.number("processes_stopped", of: "f3") == 1)
        let paused = try facts.strike(of: "f3")
        #expect(
            facts.served(
                by: paused.targets, from: paused.time + Self.underWay,
                to: try facts.heal(of: "f3")) == 0)
        #expect(facts.events(.processEnded, at: "eu-west-1").count == 1)
        let usual = try facts.number("operations_usual", of: "f4")
        #expect(try facts.number("operations_planned", of: "f4") > 2 * usual)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func operatorsChangeMembersAndLeaders(_ engine: Engine) async throws {
        let facts = try await run(.actions, engine)
        let actions = facts.events(.action)
        #expect(
            actions.map { ($0["command"] ?? $0["action"])?.text } == [
                "promote", "add-learner", "promote", "remove", "transfer-leader", "stop", "start",
            ])
        #expect(actions.allSatisfy { $0["ok"]?.flag == true }, "\(actions)")
        #expect(facts.events(.leaderElected, at: "sa-east-1").count == 1)
        #expect(facts.events(.processReady, at: "ca-central-1").count == 2)
        // Who was removed is not waited for.
        #expect(
            try facts.nodesThatAgree()
                == ["us-east-1", "ca-central-1", "sa-east-1", "ap-south-1"])
    }

    @Test(arguments: Engine.allCases)
    func conflictsAreKeptOrResolvedAndAllAgree(_ engine: Engine) async throws {
        let facts = try await run(.conflicts, engine)
        let strike = try facts.strike(of: "f1").time
        let heal = try facts.heal(of: "f1")
        #expect(facts.served(by: ["us-east-1"], from: strike, to: heal) > 0)
        #expect(facts.served(by: ["eu-west-1", "ca-central-1"], from: strike, to: heal) > 0)
        let kept = facts.events(.conflictKept)
        #expect(!kept.isEmpty && kept.allSatisfy { $0.group == "kept" })
        let resolved = facts.events(.conflictResolved)
        #expect(!resolved.isEmpty && resolved.allSatisfy { $0.group == "decided" })
        #expect(facts.hasNewIncarnation)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    @Test(arguments: Engine.allCases)
    func transactionsHappenOnceAndAsAWhole(_ engine: Engine) async throws {
        let facts = try await run(.transactions, engine)
        let history = facts.record.history
        #expect(!history.isEmpty && history.allSatisfy { $0.function == .txn && $0.key == nil })
        #expect(facts.report.availability.contains { $0.scope.operation == "txn" })
        #expect(try facts.nodesThatAgree() == Self.regions)
        // What was acknowledged is there once, also what was asked for again.
        var held: [String: Int] = [:]
        var length = 0
        for row in facts.state(of: "eu-west-1") {
            guard case .list = row.value else { continue }
            let tokens = row.value.json.elements?.compactMap(\.text) ?? []
            length = max(length, tokens.count)
            for token in tokens { held[token, default: 0] += 1 }
        }
        #expect(length > 1 && length <= 12)
        #expect(held.values.allSatisfy { $0 == 1 })
        var served = 0
        for operation in history where operation.outcome == .ok {
            guard case .transaction(let steps) = operation.value else { continue }
            served += 1
            for step in steps where step.function == .append {
                guard case .text(let token) = step.value else { continue }
                #expect(held[token] == 1, "\(token)")
            }
        }
        #expect(served > 20)
    }

    @Test(arguments: Engine.allCases)
    func sessionsHoldElsewhereWhileTheirRegionIsLost(_ engine: Engine) async throws {
        let facts = try await run(.sessions, engine)
        let figures = try #require(facts.report.sessions)
        #expect(figures.logins > 10 && figures.refreshes > 0 && figures.logouts > 0)
        #expect(figures.local > 0 && figures.remote > 0)
        #expect(figures.lookups.found > 0)
        #expect(figures.lost == 0 && figures.revokedReached == 0)
        #expect(figures.spread.count == figures.logins && figures.spread.never == 0)
        #expect(facts.report.expectations.allSatisfy { $0.held == true })
        let strike = try facts.strike(of: "f1").time
        let heal = try facts.heal(of: "f1")
        let away = facts.record.history.count { operation in
            operation.region == "us-east-1" && operation.outcome == .ok
                && operation.servedBy != "us-east-1"
                && operation.planned > strike && operation.planned < heal
        }
        #expect(away > 0)
        #expect(try facts.nodesThatAgree() == Self.regions)
    }

    // MARK: Records

    /// What happens now and then: elections, connections, repairs.
    private static let byChance: Set = [
        "election-started", "leader-elected", "leader-lost", "leader-stepped-down",
        "leader-observed", "connection-lost", "connection-opened", "snapshot-installed",
        "replication-error", "repaired", "conflict-kept", "conflict-resolved", "session-expired",
        "member-lost-entries",
    ]

    @Test(arguments: ConformanceScenario.allCases)
    func bothEnginesLeaveTheSameKindOfRecord(_ scenario: ConformanceScenario) async throws {
        let virtual = try await EngineRuns.shared.facts(of: scenario, in: .virtual)
        let processes = try await EngineRuns.shared.facts(of: scenario, in: .processes)
        #expect(virtual.shape.files == processes.shape.files)
        let (one, other) = (virtual.shape.events, processes.shape.events)
        #expect(Set(one.keys).symmetricDifference(other.keys).isSubset(of: Self.byChance))
        for (kind, fields) in one where other[kind] != nil {
            #expect(fields == other[kind], "\(kind)")
        }
        let seen = processes.evidence
        #expect(Set(virtual.evidence.keys) == Set(seen.keys))
        for (fault, evidence) in virtual.evidence {
            #expect(evidence.hadEffect && seen[fault]?.hadEffect == true, "\(fault)")
            #expect(
                Set(evidence.evidence.map(\.name)) == Set(seen[fault]?.evidence.map(\.name) ?? []),
                "\(fault)")
        }
    }

    @Test func everyKindOfFaultIsAmongThem() async throws {
        var kinds: Set<String> = []
        for scenario in ConformanceScenario.allCases {
            let facts = try await EngineRuns.shared.facts(of: scenario, in: .virtual)
            kinds.formUnion(facts.record.events.compactMap(FaultStarted.init).map(\.kind))
        }
        #expect(
            kinds == [
                "partition", "isolate", "cut", "degrade", "reset", "refuse", "kill", "pause",
                "clock", "disk", "slow", "surge",
            ])
    }
}
