import Consistency
import Determinism
import Recording
import Testing

/// Bounds on how far histories may be from a model.
@Suite struct BoundTests {
    private static let unit = TimeSpan.milliseconds(1)

    /// Key x: 1 and 2 are written one after the other; 40 ms after 2 was acknowledged, 1 is read.
    private static func stale() -> History {
        var builder = HistoryBuilder()
        func at(_ time: Int) -> Int64 { Int64(time) * 1_000_000 }
        builder.add(.write, 1, key: "x", from: at(0), to: at(10))
        builder.add(.write, 2, key: "x", from: at(20), to: at(30))
        builder.add(.read, 1, key: "x", from: at(70), to: at(80))
        builder.add(.write, 9, key: "y", from: at(0), to: at(10))
        builder.add(.read, 9, key: "y", from: at(70), to: at(80))
        return History(builder.operations)
    }

    @Test func stalenessIsBoundedInTimeAndInVersions() {
        func check(_ age: Int?, _ versions: Int?) -> CheckResult {
            BoundedStaleness.check(
                Self.stale(), dataType: "default", age: age.map { .milliseconds($0) },
                versions: versions)
        }
        #expect(check(40, 1).verdict == .valid)
        #expect(check(39, nil).verdict == .invalid)
        #expect(check(nil, 1).verdict == .valid)
        let broken = check(nil, 0)
        #expect(broken.verdict == .invalid)
        #expect(broken.checked == 5)
        #expect(broken.violations.map(\.key) == ["x"])
        #expect(broken.violations[0].operations == [2])
        #expect(
            broken.violations[0].reason
                == "1 reads of x are too old: what the worst returned had been superseded for 40ms "
                + "and by 1 write")
        let figures = JSONValue.object(broken.figures)
        #expect(figures["reads"]?.integer == 2)
        #expect(figures["stale"]?.integer == 1)
        #expect(figures["age_ms"]?["max"]?.double == 40)
        #expect(figures["age_ms"]?["p50"]?.double == 0)
    }

    /// Where two writes wrote the same value nobody knows which one a read saw.
    @Test func whatCannotBeToldIsUnknown() {
        var builder = HistoryBuilder()
        builder.add(.write, 1, from: 0, to: 1)
        builder.add(.write, 1, from: 2, to: 3)
        builder.add(.read, 1, from: 4, to: 5)
        let history = History(builder.operations)
        let bounded = BoundedStaleness.check(
            history, dataType: "default", age: .zero, versions: nil)
        #expect(bounded.verdict == .unknown)
        #expect(bounded.reason?.hasPrefix("of 1 reads of 1") == true)
        #expect(
            DeltaAtomicity.check(history, dataType: "default", atMost: .zero).verdict == .unknown)
    }

    @Test func deltaIsThatOfTheWorstKey() {
        func check(_ bound: Int) -> CheckResult {
            DeltaAtomicity.check(
                Self.stale(), dataType: "default", atMost: .milliseconds(bound))
        }
        #expect(check(50).verdict == .valid)
        let broken = check(10)
        #expect(broken.verdict == .invalid)
        #expect(broken.violations.map(\.key) == ["x"])
        let delta = JSONValue.object(broken.figures)["delta_ms"]?.double ?? 0
        #expect(delta > 39.9 && delta < 40.1)
    }

    @Test func aValueReadBeforeItWasWrittenHasNoDelta() {
        var builder = HistoryBuilder()
        builder.add(.read, 7, from: 0, to: 1)
        builder.add(.write, 7, from: 2, to: 3)
        let result = DeltaAtomicity.check(
            History(builder.operations), dataType: "default", atMost: .seconds(1))
        #expect(result.verdict == .invalid)
        #expect(result.remarks == ["Δ is infinite"])
    }

    private static func lateSet() -> History {
        var builder = HistoryBuilder()
        builder.add(.add, 1, from: 0, to: 1_000_000)
        builder.add(.read, .list([]), from: 3_000_000, to: 4_000_000)
        builder.add(.read, .list([1]), from: 6_000_000, to: 7_000_000)
        return History(builder.operations)
    }

    @Test func stableLatenciesAreBounded() {
        func check(_ bound: TimeSpan) -> CheckResult {
            SetFull.check(Self.lateSet(), dataType: "default", bound: (99, bound))
        }
        #expect(check(Self.unit * 2).verdict == .valid)
        let broken = check(Self.unit)
        #expect(broken.verdict == .invalid)
        #expect(
            broken.violations.map(\.reason)
                == ["elements were stable after 2.0 ms at percentile 99.0"])
        #expect(SetFull.check(History([]), dataType: "default").verdict == .unknown)
    }

    @Test func lostAndDoubledElementsAreNamed() {
        var builder = HistoryBuilder()
        builder.add(.add, 1, from: 0, to: 1)
        builder.add(.read, .list([1]), from: 2, to: 3)
        builder.add(.read, .list([]), from: 4, to: 5)
        builder.add(.add, 2, from: 6, to: 7)
        builder.add(.read, .list([2, 2]), from: 8, to: 9)
        let result = SetFull.check(History(builder.operations), dataType: "default")
        #expect(result.verdict == .invalid)
        #expect(
            result.violations.map(\.reason) == [
                "1 element is lost, such as 1; 1 element was shown twice by one read, such as 2"
            ])
        let figures = JSONValue.object(result.figures)
        #expect(figures["lost"]?.integer == 1)
        #expect(figures["duplicates"]?.integer == 1)
        #expect(figures["elements"]?.integer == 2)
    }
}
