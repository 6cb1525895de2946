import Determinism
import Foundation
import Testing

@Suite struct TimeTests {
    @Test func theLimitsFitEachOther() {
        #expect(Limits.check())
    }

    @Test(
        arguments: [
            (0, "0ms"), (1, "1ns"), (1_500, "1500ns"), (20_000, "20us"), (999_000, "999us"),
            (1_000_000, "1ms"), (1_500_000, "1.5ms"), (1_050_000, "1.05ms"), (1_001_000, "1.001ms"),
            (250_000_000, "250ms"), (1_500_000_000, "1500ms"), (1_000_000_000, "1s"),
            (10_000_000_000, "10s"), (60_000_000_000, "1m"), (90_000_000_000, "1m30s"),
            (5_400_000_000_000, "1h30m"), (7_200_000_000_000, "2h"), (86_400_000_000_000, "1d"),
            (90_061_000_000_000, "1d1h1m1s"), (-1_500_000, "-1.5ms"), (-90_000_000_000, "-1m30s"),
            (.min, "-9223372036854775808ns"), (.max, "9223372036854775807ns"),
        ] as [(Int64, String)])
    func spansReadAsScenariosWriteThem(nanoseconds: Int64, text: String) {
        #expect(TimeSpan(nanoseconds: nanoseconds).description == text)
    }

    @Test func spansCalculate() {
        #expect(TimeSpan.milliseconds(250) * 4 == TimeSpan.seconds(1))
        #expect(TimeSpan.milliseconds(0.5) == TimeSpan.microseconds(500))
        #expect(TimeSpan.seconds(0.25) == TimeSpan.milliseconds(250))
        #expect(TimeSpan.milliseconds(3) / 2 == TimeSpan.microseconds(1_500))
        #expect(TimeSpan.milliseconds(3) * 1.5 == TimeSpan.microseconds(4_500))
        #expect(-TimeSpan.milliseconds(3) < TimeSpan.zero)
        #expect(TimeSpan.microseconds(1_500).milliseconds == 1.5)
        #expect(TimeSpan.milliseconds(1_500).seconds == 1.5)
        var span = TimeSpan.milliseconds(1)
        span += .milliseconds(2)
        span -= .microseconds(500)
        #expect(span == TimeSpan.microseconds(2_500))
    }

    @Test func spansAreCodedAsNanoseconds() throws {
        let spans = [TimeSpan.milliseconds(1.5), TimeSpan.zero, -TimeSpan.seconds(2)]
        let data = try JSONEncoder().encode(spans)
        #expect(String(decoding: data, as: UTF8.self) == "[1500000,0,-2000000000]")
        #expect(try JSONDecoder().decode([TimeSpan].self, from: data) == spans)
    }

    @Test func instantsEndAtTheDistantFuture() {
        #expect(Instant.zero + TimeSpan.seconds(1) == Instant(nanoseconds: 1_000_000_000))
        #expect(Instant.distantFuture + TimeSpan.seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 7) == TimeSpan(nanoseconds: -2))
        #expect(Instant(nanoseconds: 5) - TimeSpan(nanoseconds: 7) == Instant(nanoseconds: -2))
    }

    @Test func wallTimesCalculate() {
        let time = WallTime(nanosecondsSince1970: 1_000)
        #expect(time + TimeSpan(nanoseconds: -1_500) == WallTime(nanosecondsSince1970: -500))
        #expect(time - WallTime(nanosecondsSince1970: 400) == TimeSpan(nanoseconds: 600))
        #expect(WallTime(nanosecondsSince1970: -1) < time)
    }
}
