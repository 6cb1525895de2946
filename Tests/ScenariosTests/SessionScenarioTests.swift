import Determinism
import Replication
import Scenarios
import Testing

/// Sessions in scenario files: what survives being written out, and what is wrong.
@Suite struct SessionScenarioTests {
    static let head = """
        name: s
        topology: {regions: [us-east-1, eu-west-1]}
        data_types: {session: {strategy: eventual}}

        """
    static let services = "services: {sessions: {data_type: session}}\n"

    @Test(arguments: [
        "{data_type: session}",
        "{data_type: session, duration: 8s, access: 8s, cache: off, lookup_timeout: 90ms}",
        "{data_type: session, policies: {eu-west-1: {duration: 20s}, us-east-1: {access: 3s}}}",
    ])
    func everyPartSurvives(_ sessions: String) throws {
        for load in [
            "", "sessions: {}, ",
            "sessions: {users: 3, roaming: 12.5%, revoked: 0%, expired: 7%}, ",
        ] {
            let scenario = try decode(
                Self.head + """
                    services: {sessions: \(sessions)}
                    workload: {\(load)operations: {login: 10%, validate: 60%, refresh: 10%, logout: 10%, list-sessions: 5%, end-sessions: 5%}}
                    expect:
                      - sessions_lost: 0
                      - session_hits: {at_least: 90%}
                      - revoked_validations: {at_most: 2}
                      - not: {expired_validations: 0}
                      - session_spread: {percentile: 99, at_most: 1s}
                      - revocation_spread: {percentile: 50, at_most: 250ms}

                    """)
            #expect(scenario.groups.map(\.name) == ["session"])
            #expect(scenario.workload.groups.isEmpty)
            for text in [scenario.yaml, scenario.conciseYAML, try Plan(scenario).yaml] {
                #expect(try decode(text) == scenario, "\(text)")
            }
        }
    }

    @Test func sessionsBesideKeysUseAnotherDataType() throws {
        let scenario = try decode(
            Self.head + Self.services
                + "workload: {operations: {read: 40%, write: 10%, login: 10%, validate: 40%}}")
        #expect(scenario.groups.map(\.name) == ["session", "default"])
        #expect(scenario.workload.groups == [GroupID(index: 1)])
        #expect(try decode(scenario.yaml) == scenario)
    }

    @Test func policiesCountWhereTheyAreGiven() throws {
        let scenario = try decode(
            Self.head + """
                services: {sessions: {data_type: session, duration: 1m, policies: {eu-west-1: {duration: 20m}}}}
                workload: {operations: {login: 100%}}

                """)
        let spec = try #require(scenario.services.sessions)
        let regions = [RegionID(index: 0), RegionID(index: 1)]
        #expect(regions.map(spec.duration(in:)) == [.seconds(60), .seconds(1200)])
        // An access token lasts five minutes, or as long as its session.
        #expect(regions.map(spec.access(in:)) == [.seconds(60), .seconds(300)])
    }

    static let wrong: [(yaml: String, problem: String)] = [
        (
            "workload: {operations: {login: 50%, validate: 50%}}",
            "4:32: workload.operations.login: login is a request of the sessions, which the scenario "
                + "does not offer; expected 'services: {sessions: {data_type: …}}'"
        ),
        (
            "services: {sessions: {duration: 1m}}",
            "4:22: services.sessions: 'data_type' is missing; expected the data type that keeps them"
        ),
        (
            "services: {sessions: {data_type: sesion}}\nworkload: {operations: {login: 100%}}",
            "4:34: services.sessions.data_type: unknown data type 'sesion'; expected session or "
                + "default; did you mean 'session'?"
        ),
        (
            "services: {session: {data_type: session}}",
            "4:12: services: unknown key 'session'; expected one of sessions; did you mean 'sessions'?"
        ),
        (
            Self.services + "workload: {data_type: session}",
            "4:34: services.sessions.data_type: the workload uses 'session', which would be the "
                + "sessions' own; expected a data type of its own in 'data_types'"
        ),
        (
            "services: {sessions: {data_type: session, duration: 1m, access: 2m}}",
            "4:65: services.sessions.access: 2m, longer than a session of us-east-1, 1m; expected at "
                + "most that"
        ),
        (
            "services: {sessions: {data_type: session, lookup_timeout: 1s}}\n"
                + "workload: {operations: {login: 100%}, timeout: 3s}",
            "4:59: services.sessions.lookup_timeout: 1s, and clients wait 1s for an attempt; "
                + "expected less, or a longer 'timeout' in the workload"
        ),
        (
            "workload: {sessions: {users: 5}}",
            "4:22: workload.sessions: 'sessions' without requests about them; expected a share of "
                + "login, validate, refresh or logout in 'operations'"
        ),
        (
            Self.services + "workload: {data_type: default, operations: {login: 100%}}",
            "5:23: workload.data_type: 'data_type' without operations on keys; expected a share of an "
                + "operation such as read in 'operations'"
        ),
        (
            "expect: [{sessions_lost: 0}]",
            "4:26: expect[0].sessions_lost: sessions_lost without requests of the sessions; expected "
                + "a share of login in the workload's 'operations'"
        ),
        (
            "expect: [session_hits]",
            "4:10: expect[0]: 'session_hits' without a value; expected one such as 'session_hits: "
                + "{at_least: 90%}'"
        ),
    ]

    @Test(arguments: wrong.indices)
    func everyProblemIsToldWithItsPlace(_ index: Int) {
        let (yaml, problem) = Self.wrong[index]
        #expect(problems(Self.head + yaml + "\n").map(\.description) == [problem])
    }

    @Test func aRegionWithoutAReplicaIsNamed() {
        let found = problems(
            """
            name: s
            topology: {regions: [us-east-1, eu-west-1]}
            data_types: {session: {strategy: eventual, regions: [us-east-1]}}
            services: {sessions: {data_type: session}}
            """)
        #expect(
            found.map(\.description) == [
                "4:34: services.sessions.data_type: 'session' has no replica in eu-west-1; expected "
                    + "a data type with replicas in every region"
            ])
    }
}
