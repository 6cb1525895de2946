import Determinism
import Judgement
import Recording
import Replication
import Scenarios
import Testing

/// Sessions in whole runs.
struct SessionRunTests {
    /// A short run whose sessions reach the other regions after `delay`.
    static func scenario(
        delay: String = "300ms", faults: String = "[]", extra: String = ""
    ) -> String {
        """
        name: sessions
        duration: 8s
        topology: {regions: [us-east-1, eu-west-1, ap-south-1]}
        data_types: {session: {strategy: eventual, replication_delay: \(delay)}}
        services: {sessions: {data_type: session, duration: 5s, access: 2s, lookup_timeout: 400ms\(extra)}}
        workload:
          clients: 3
          rate: 40/s
          operations: {login: 20%, validate: 60%, refresh: 5%, logout: 13%, list-sessions: 1%, end-sessions: 1%}
          sessions: {users: 50, roaming: 40%, revoked: 20%, expired: 15%}
          timeout: 3s
        faults: \(faults)
        expect: [{revoked_validations: 0}, {expired_validations: 0}]
        """
    }

    private func report(_ played: Played) -> Report {
        Judge.judge(played.contents, plan: played.plan)
    }

    @Test func aRunHasAllFigures() throws {
        let played = try Played(Self.scenario())
        let report = report(played)
        let figures = try #require(report.sessions)
        #expect(report.verdict == .pass, "\(report.expectations)")
        #expect(figures.local > 100 && figures.remote > 10 && figures.cached > 0)
        #expect(figures.lookups.found > 10 && figures.lookups.p50 > 50)
        #expect(figures.logins > 50 && figures.refreshes > 10 && figures.logouts > 20)
        #expect(figures.spread.never == 0 && figures.spread.count == figures.logins)
        // The delay and the way, to the acknowledgement at the farthest.
        #expect(figures.spread.p50 > 300 && figures.spread.p50 < 800)
        #expect(figures.lost == 0)
        #expect(figures.revokedWindow > 0)
        #expect(figures.rejections.contains { $0.reason == "session-revoked" })
        let kinds = Set(played.history.map(\.function.name))
        #expect(kinds.contains("list-sessions") && kinds.contains("end-sessions"))
        #expect(report.operations.info == 0)
    }

    @Test func theSameSeedIsTheSameRun() throws {
        let faults = "[{at: 2s, kill: eu-west-1, for: 2s}]"
        let first = try Played(Self.scenario(faults: faults), seed: 4)
        let again = try Played(Self.scenario(faults: faults), seed: 4)
        #expect(first.history == again.history)
        #expect(first.contents.events == again.contents.events)
        #expect(first.contents.final == again.contents.final)
        #expect(first.work == again.work)
    }

    /// What a region took in and had not passed on is lost with it.
    @Test func sessionsOfARegionThatIsLostForGood() throws {
        let faults = "[{at: 4s, kill: us-east-1}]"
        let late = try #require(report(try Played(Self.scenario(faults: faults))).sessions)
        #expect((late.lost ?? 0) > 0)
        let prompt = try #require(
            report(try Played(Self.scenario(delay: "0ms", faults: faults))).sessions)
        #expect((prompt.lost ?? .max) < (late.lost ?? 0))
    }

    @Test func aClockThatIsBehindLetsTokensGoOn() throws {
        let faults = "[{at: 1s, clock: {region: eu-west-1, offset: -3s}}]"
        let report = report(try Played(Self.scenario(faults: faults)))
        let figures = try #require(report.sessions)
        #expect(figures.expiredValidated > 0)
        #expect(figures.expiredLongest < 3200)
        #expect(report.expectations.map(\.held) == [true, false])
    }

    @Test func aClockThatIsAheadEndsSessionsEarly() throws {
        let faults = "[{at: 1s, clock: {region: eu-west-1, offset: +3s}}]"
        let figures = try #require(report(try Played(Self.scenario(faults: faults))).sessions)
        #expect(figures.expiredEarly > 0)
        let right = try #require(report(try Played(Self.scenario())).sessions)
        #expect(right.expiredEarly == 0 && right.expiredValidated == 0)
    }

    #if PlantedBugs
        /// What the expectation is for.
        @Test func aCachedSessionThatOutlivesItsEndIsFound() throws {
            let sane = try PlantedBug.planting(nil) { try Played(Self.scenario()) }
            #expect(report(sane).sessions?.revokedReached == 0)
            let planted = try PlantedBug.planting(.cachedSessionOutlivesRevocation) {
                try Played(Self.scenario())
            }
            let report = report(planted)
            #expect((report.sessions?.revokedReached ?? 0) > 0)
            #expect(report.exitCode == .safetyFailed)
        }
    #endif
}
