import Determinism
import Testing

@testable import Scenarios

/// How values are written: what is read, what is refused, and that what is written is read back.
@Suite struct NotationTests {
    private func expect<Value: Equatable>(
        _ notation: Notation<Value>, reads text: String, as value: Value?
    ) {
        let parsed = notation.parse(text)
        #expect(parsed == value, "\(text)")
        if let parsed {
            let written = notation.format(parsed)
            #expect(notation.parse(written) == parsed, "\(text) was written as \(written)")
        }
    }

    @Test(
        arguments: [
            ("250ms", 250_000_000), ("10s", 10_000_000_000), ("1m30s", 90_000_000_000),
            ("2h", 7_200_000_000_000), ("1d", 86_400_000_000_000), ("0.5ms", 500_000),
            ("20us", 20_000), ("20µs", 20_000), ("0", 0), ("0ms", 0), ("1.5s", 1_500_000_000),
            ("1ns", 1), ("0.001us", 1), ("1d2h3m4s5ms6us7ns", 93_784_005_006_007),
            ("1.10s", 1_100_000_000), ("10000d", 864_000_000_000_000_000),
            ("1h0.5s", 3_600_500_000_000),
        ] as [(String, Int64)])
    func durations(_ text: String, _ nanoseconds: Int64) {
        expect(.duration, reads: text, as: TimeSpan(nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "10", "s", "10 s", "10S", "-1s", "+1s", "1s1s", "1s1m", "1ms1s", "0.5ns", "1.s", ".5s",
        "1e3s", "10001d", "9999d24h1ns", "99999999999999999999s", "1,5s", "0x1s", "1ss", "nan",
        "infs", "١s",
        "1s ", " 1s", "10sec", "1..2s",
    ])
    func notDurations(_ text: String) {
        expect(Notation<TimeSpan>.duration, reads: text, as: nil)
    }

    @Test(
        arguments: [
            ("+200ms", 200_000_000), ("-5s", -5_000_000_000), ("+0", 0),
        ] as [(String, Int64)])
    func differences(_ text: String, _ nanoseconds: Int64) {
        expect(.difference, reads: text, as: TimeSpan(nanoseconds: nanoseconds))
    }

    @Test(arguments: ["200ms", "+", "--5s", "+-5s", "±5s", "+5"])
    func notDifferences(_ text: String) {
        expect(Notation<TimeSpan>.difference, reads: text, as: nil)
    }

    @Test(arguments: [
        ("0.1%", 0.001), ("100%", 1), ("0%", 0), ("99.95%", 0.9995), ("33.3%", 0.333),
        ("12.5%", 0.125), ("0.000001%", 0.00000001),
    ])
    func shares(_ text: String, _ share: Double) { expect(.share, reads: text, as: share) }

    @Test(arguments: ["0.1", "101%", "100.1%", "-1%", "%", "1 %", "1e1%", "nan%", "1%%"])
    func notShares(_ text: String) { expect(Notation<Double>.share, reads: text, as: nil) }

    @Test func everyShareIsReadBack() {
        var random = RandomStream(seed: 1, name: "shares")
        for _ in 0..<10_000 {
            let share = random.unit()
            let text = Notation<Double>.share.format(share)
            #expect(Notation<Double>.share.parse(text) == share, "\(share) was written as \(text)")
        }
    }

    @Test func everyDurationIsReadBack() {
        var random = RandomStream(seed: 1, name: "durations")
        for _ in 0..<10_000 {
            let span = TimeSpan(nanoseconds: Int64(random.next() >> (5 + random.below(59))))
            let text = Notation<TimeSpan>.duration.format(span)
            #expect(Notation<TimeSpan>.duration.parse(text) == span, "\(text)")
        }
    }

    @Test(arguments: [("200/s", 200.0), ("0.5/s", 0.5), ("1000000/s", 1_000_000)])
    func rates(_ text: String, _ rate: Double) { expect(.rate, reads: text, as: rate) }

    @Test(arguments: ["200", "0/s", "200/m", "1000001/s", "-1/s", "/s"])
    func notRates(_ text: String) { expect(Notation<Double>.rate, reads: text, as: nil) }

    @Test(arguments: [
        ("x3", 3.0), ("x10", 10), ("x0.5", 0.5), ("x0.0000001", 0.0000001), ("x1000", 1000),
    ])
    func factors(_ text: String, _ factor: Double) { expect(.factor, reads: text, as: factor) }

    @Test(arguments: ["3", "x0", "x-1", "x", "3x", "X3", "xinf", "x1001"])
    func notFactors(_ text: String) { expect(Notation<Double>.factor, reads: text, as: nil) }

    @Test(arguments: [("200ppm", 200.0), ("-50ppm", -50), ("+50ppm", 50), ("0.5ppm", 0.5)])
    func drifts(_ text: String, _ drift: Double) {
        expect(.partsPerMillion, reads: text, as: drift)
    }

    @Test(arguments: ["200", "ppm", "100001ppm", "--1ppm"])
    func notDrifts(_ text: String) {
        expect(Notation<Double>.partsPerMillion, reads: text, as: nil)
    }

    @Test(arguments: [
        ("100", 100), ("64KB", 65_536), ("64MB", 67_108_864), ("1.5KB", 1536), ("0", 0),
        ("12B", 12), ("2GB", 2_147_483_648),
    ])
    func sizes(_ text: String, _ bytes: Int) { expect(.size, reads: text, as: bytes) }

    @Test(arguments: ["64kb", "KB", "-1", "1.5", "1.0001KB", "9999999999999GB", "64 KB", "64KiB"])
    func notSizes(_ text: String) { expect(Notation<Int>.size, reads: text, as: nil) }

    @Test(
        arguments: [
            ("10mbps", 10_000_000), ("1gbps", 1_000_000_000), ("1.5gbps", 1_500_000_000),
            ("1bps", 1), ("64kbps", 64_000),
        ] as [(String, UInt64)])
    func bandwidths(_ text: String, _ bits: UInt64) {
        expect(.bandwidth, reads: text, as: bits)
    }

    @Test(arguments: ["10", "0mbps", "10Mbps", "10mb", "mbps", "0.5bps", "99999999999gbps"])
    func notBandwidths(_ text: String) {
        expect(Notation<UInt64>.bandwidth, reads: text, as: nil)
    }

    @Test(arguments: [("on", true), ("off", false), ("true", true), ("false", false)])
    func toggles(_ text: String, _ flag: Bool) { expect(.toggle, reads: text, as: flag) }

    @Test(arguments: ["yes", "no", "On", "1", ""])
    func notToggles(_ text: String) { expect(Notation<Bool>.toggle, reads: text, as: nil) }

    @Test func ranges() {
        expect(.durationRange, reads: "2s..6s", as: .seconds(2) ... .seconds(6))
        expect(.durationRange, reads: "0.5s..0.5s", as: .milliseconds(500) ... .milliseconds(500))
        expect(.integerRange, reads: "1..20", as: 1...20)
        for text in ["6s..2s", "2s", "2s..", "..6s", "2s...6s", "2s..6s..7s"] {
            expect(Notation<ClosedRange<TimeSpan>>.durationRange, reads: text, as: nil)
        }
        for text in ["20..1", "1", "a..b", "1...3", "1..99999999999999999999"] {
            expect(Notation<ClosedRange<Int>>.integerRange, reads: text, as: nil)
        }
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1_767_225_600),
            ("2000-02-29T12:34:56Z", 951_827_696), ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("2026-01-01T02:00:00+02:00", 1_767_225_600),
            ("2025-12-31T19:00:00-05:00", 1_767_225_600),
            ("2261-12-31T23:59:59Z", 9_214_646_399), ("2026-01-01t00:00:00z", 1_767_225_600),
        ] as [(String, Int64)])
    func times(_ text: String, _ seconds: Int64) {
        expect(.time, reads: text, as: WallTime(nanosecondsSince1970: seconds * 1_000_000_000))
    }

    @Test func timesOfLessThanASecond() {
        let notation = Notation<WallTime>.time
        let time = notation.parse("2026-01-01T00:00:00.000000001Z")
        #expect(time?.nanosecondsSince1970 == 1_767_225_600_000_000_001)
        #expect(time.map(notation.format) == "2026-01-01T00:00:00.000000001Z")
        #expect(
            notation.parse("2026-01-01T00:00:00.120Z").map(notation.format)
                == "2026-01-01T00:00:00.12Z")
        #expect(notation.format(Scenario.defaultStart) == "2026-01-01T00:00:00Z")
    }

    @Test(arguments: [
        "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "1969-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0123456789Z",
        "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00Zx", "1970-01-01T00:00:00+01:00", "now",
    ])
    func notTimes(_ text: String) { expect(Notation<WallTime>.time, reads: text, as: nil) }

    @Test func numbersHaveNoExponents() {
        for value in [0.0000001, 1e-12, 1.5e20, 123_456_789.125, 0.1, 5, 1e15, 2.5e-7] {
            let text = Decimal.text(value)
            #expect(!text.contains("e"), "\(text)")
            #expect(Double(text) == value, "\(text)")
        }
    }

    @Test func integersStayInTheirRange() {
        let notation = Notation<Int>.integer(-3...5)
        for value in -3...5 { expect(notation, reads: "\(value)", as: value) }
        for text in ["-4", "6", "1.0", "", "-", "+1", "1 ", "99999999999999999999"] {
            expect(notation, reads: text, as: nil)
        }
    }
}
