import Determinism
import Recording
import RegionCore
import Replication
import Testing

@testable import Conduct
@testable import Workloads

@Suite struct LatenessHistogramTests {
    @Test func nothingIsNotLate() {
        let histogram = LatenessHistogram()
        #expect(histogram.quantile(0.99) == .zero)
        #expect(histogram.total == 0)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 1_000, 999_999, 123_456_789, Int64.max / 2])
    func aSingleValueIsFoundWithinSevenPercent(_ value: Int64) {
        var histogram = LatenessHistogram()
        histogram.add(TimeSpan(nanoseconds: value))
        histogram.add(TimeSpan(nanoseconds: .max / 2 + 1))
        let found = histogram.quantile(0.5).nanoseconds
        #expect(found >= value)
        #expect(Double(found) <= Double(value) * 1.07)
        #expect(histogram.quantile(1).nanoseconds == .max / 2 + 1)
    }

    @Test func quantilesAgreeWithASortedList() {
        var histogram = LatenessHistogram()
        var random = RandomStream(seed: 5, name: "lateness")
        var values: [Int64] = []
        for _ in 0..<5_000 {
            let value = Int64(1_000_000 * DeterministicMath.exp(random.unit() * 6))
            values.append(value)
            histogram.add(TimeSpan(nanoseconds: value))
        }
        values.sort()
        for share in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let exact = Double(values[Int((5_000 * share).rounded(.up)) - 1])
            let found = Double(histogram.quantile(share).nanoseconds)
            #expect(found >= exact && found <= exact * 1.07, "at \(share)")
        }
        #expect(histogram.maximum.nanoseconds == values.last)
    }

    @Test func earlyIsNotLate() {
        var histogram = LatenessHistogram()
        histogram.add(.milliseconds(-5))
        #expect(histogram.quantile(0.99) == .zero)
        #expect(histogram.total == 1)
    }
}

@Suite struct SampleIntervalTests {
    private func operation(
        _ result: CompletedOperation.Result, region index: Int = 0, latency: Int
    ) -> CompletedOperation {
        CompletedOperation(
            index: 0, process: 0, client: ClientID(rawValue: 1), session: 0,
            region: region(index), servedBy: nil, attempts: 1, group: GroupID(index: 0),
            key: Key("k"), operation: .read, planned: moment(1), invoked: moment(1),
            completed: moment(1) + .milliseconds(latency), result: result, answer: nil, error: nil,
            version: nil, context: VersionVector())
    }

    @Test func anIntervalCountsWhatEndedInIt() {
        var interval = SampleInterval(regionCount: 2)
        interval.begin(at: moment(0), every: s(1))
        for latency in 1...100 { interval.add(operation(.ok, latency: latency)) }
        interval.add(operation(.fail, latency: 900))
        interval.add(operation(.info, latency: 900))
        interval.add(operation(.ok, region: 1, latency: 7))
        var tally = ClientTally()
        tally.planned = 110
        tally.open = 8
        let sample = interval.sample(of: 0, named: "a", tally: tally, time: moment(1))
        #expect(sample.region == "a")
        #expect(sample.interval == s(1))
        #expect([sample.planned, sample.ok, sample.fail, sample.info] == [110, 100, 1, 1])
        #expect(sample.inFlight == 8)
        #expect(sample.latency?.p50 == 50)
        #expect(sample.latency?.p99 == 99)
        #expect(sample.latency?.max == 100)

        interval.advance()
        #expect(interval.begin == moment(1))
        #expect(interval.end == moment(2))
        tally.planned = 115
        let next = interval.sample(of: 0, named: "a", tally: tally, time: moment(2))
        #expect([next.planned, next.ok, next.fail] == [5, 0, 0])
        #expect(next.latency == nil)
        let other = interval.sample(of: 1, named: "b", tally: ClientTally(), time: moment(2))
        #expect(other.ok == 1)
        #expect(other.latency?.p99 == 7)
    }
}
