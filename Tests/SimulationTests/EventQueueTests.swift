import Determinism
import Testing

@testable import Simulation

struct EventQueueTests {
    @Test func eventsComeOutByTimeAndThenInTheOrderOfComingIn() {
        var queue = EventQueue<Int>()
        var random = RandomStream(seed: 1, name: "queue")
        var expected: [(time: Int64, event: Int)] = []
        for event in 0..<5000 {
            let time = Int64(random.below(50))
            queue.insert(event, at: Instant(nanoseconds: time))
            expected.append((time, event))
        }
        expected.sort { ($0.time, $0.event) < ($1.time, $1.event) }
        for (time, event) in expected {
            #expect(queue.nextTime == Instant(nanoseconds: time))
            let first = queue.removeFirst()
            #expect(first?.time == Instant(nanoseconds: time))
            #expect(first?.event == event)
        }
        #expect(queue.isEmpty)
        #expect(queue.nextTime == .distantFuture)
    }

    @Test func slotsAreUsedAgain() {
        var queue = EventQueue<[Int]>()
        for round in 0..<10_000 {
            queue.insert([round], at: Instant(nanoseconds: Int64(round)))
            if round >= 10 { #expect(queue.removeFirst()?.event == [round - 10]) }
        }
        #expect(queue.count == 10)
    }
}
