import Determinism
import Testing

@testable import Workloads

@Suite struct PoissonScheduleTests {
    private func schedule(rate: Double, seed: UInt64 = 1) -> PoissonSchedule {
        PoissonSchedule(
            rate: rate, start: ms(1000), random: RandomStream(seed: seed, name: "arrivals"))
    }

    private func times(_ schedule: inout PoissonSchedule, before end: Instant) -> [Instant] {
        var result: [Instant] = []
        while schedule.next < end { result.append(schedule.take()) }
        return result
    }

    @Test func arrivalsHaveTheRateAndTheSpreadOfAPoissonProcess() {
        var schedule = schedule(rate: 100)
        let arrivals = times(&schedule, before: ms(1000) + .seconds(200))
        #expect(abs(arrivals.count - 20_000) < 5 * 142)
        #expect(arrivals == arrivals.sorted())
        // Counts per 100 ms have mean 10 and variance 10.
        var counts = [Double](repeating: 0, count: 2000)
        for arrival in arrivals {
            counts[Int((arrival - ms(1000)).nanoseconds / 100_000_000)] += 1
        }
        let mean = counts.reduce(0, +) / 2000
        let variance = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1999
        #expect(abs(variance / mean - 1) < 0.15, "index of dispersion \(variance / mean)")
    }

    @Test func aSurgeLeavesWhatCameBeforeAsItWas() {
        var plain = schedule(rate: 50)
        var surged = schedule(rate: 50)
        let before = times(&plain, before: ms(5000))
        #expect(times(&surged, before: ms(5000)) == before)
        surged.setRate(500, at: ms(5000))
        let during = times(&surged, before: ms(15_000))
        #expect(abs(during.count - 5000) < 5 * 71)
        surged.setRate(50, at: ms(15_000))
        #expect(abs(times(&surged, before: ms(115_000)).count - 5000) < 5 * 71)
    }

    @Test func aChangeToTheSameRateChangesNothing() {
        var plain = schedule(rate: 50)
        var touched = schedule(rate: 50)
        touched.setRate(50, at: ms(1001))
        let difference = plain.take() - touched.take()
        #expect(abs(difference.nanoseconds) <= 1)
    }

    @Test func nothingComesAtRateZero() {
        var schedule = schedule(rate: 10)
        #expect(!times(&schedule, before: ms(1500)).isEmpty)
        schedule.setRate(0, at: ms(1500))
        #expect(schedule.next == .distantFuture)
        schedule.setRate(10, at: ms(60_000))
        #expect(schedule.next > ms(60_000))
        #expect(schedule.next < ms(62_000))
    }
}

@Suite struct QueueTests {
    @Test(arguments: 1...5)
    func theAgendaIsSortedAndStable(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "agenda")
        var agenda = AgendaHeap<Int>()
        var expected: [(at: Instant, item: Int)] = []
        for item in 0..<500 {
            let at = ms(random.index(50))
            agenda.insert(item, at: at)
            expected.append((at, item))
            if random.chance(0.3) {
                expected.sort { ($0.at, $0.item) < ($1.at, $1.item) }
                #expect(agenda.first?.item == expected.first?.item)
                agenda.removeFirst()
                expected.removeFirst()
            }
        }
        expected.sort { ($0.at, $0.item) < ($1.at, $1.item) }
        for entry in expected {
            #expect(agenda.first?.at == entry.at)
            #expect(agenda.first?.item == entry.item)
            agenda.removeFirst()
        }
        #expect(agenda.first == nil)
    }

    @Test func deadlinesComeInTheOrderTheyWereSet() {
        var queue = DeadlineQueue<Int>()
        for item in 0..<5000 {
            queue.append(item, at: ms(item))
            if item % 3 == 2 { queue.removeFirst() }
        }
        var next = 1666
        while let first = queue.first {
            #expect(first.item == next)
            #expect(first.at == ms(next))
            queue.removeFirst()
            next += 1
        }
        #expect(next == 5000)
    }

    @Test func aDeadlineBeforeTheLastOneComesWithIt() {
        var queue = DeadlineQueue<Int>()
        queue.append(1, at: ms(10))
        queue.append(2, at: ms(5))
        queue.removeFirst()
        #expect(queue.first?.at == ms(10))
    }
}
