import Determinism
import Testing

@testable import Simulation

/// The queue of events against a sorted list.
struct EventQueueTests {
    /// Counts how many of it are alive.
    private final class Token {
        private let alive: Counter
        let number: Int

        init(_ number: Int, _ alive: Counter) {
            self.number = number
            self.alive = alive
            alive.count += 1
        }

        deinit { alive.count -= 1 }
    }

    private final class Counter {
        var count = 0
    }

    private func instant(_ time: Int) -> Instant { Instant(nanoseconds: Int64(time)) }

    @Test(arguments: [1, 2, 3])
    func eventsComeOutByTimeAndThenInTheOrderOfComingIn(seed: UInt64) {
        var random = RandomStream(seed: seed, name: "queue")
        let queue = EventQueue<Int>()
        var expected: [(time: Int, number: Int)] = []
        var number = 0
        var now = 0
        // More than the queue has room for at first, with many at the same instant.
        for _ in 0..<20_000 {
            if expected.isEmpty || random.chance(0.7) {
                let time = now + (random.chance(0.1) ? 0 : random.index(500))
                queue.insert(number, at: instant(time))
                let place = expected.lastIndex { $0.time <= time }.map { $0 + 1 } ?? 0
                expected.insert((time, number), at: place)
                number += 1
            } else {
                let first = expected.removeFirst()
                now = first.time
                queue.advance()
                #expect(queue.now == instant(now), "seed \(seed)")
                #expect(queue.removeFirst() == first.number, "seed \(seed)")
            }
            #expect(queue.count == expected.count)
        }
        for first in expected {
            queue.advance()
            #expect(queue.removeFirst() == first.number, "seed \(seed)")
        }
        #expect(queue.isEmpty)
    }

    @Test func whatIsDueInThePastHappensNow() {
        let queue = EventQueue<Int>()
        for (number, time) in [5, 20, 5].enumerated() {
            queue.insert(number, at: instant(time))
        }
        queue.advance()
        #expect(queue.removeFirst() == 0)
        queue.insert(3, at: instant(2))
        for expected in [(5, 2), (5, 3), (20, 1)] {
            queue.advance()
            #expect(queue.now == instant(expected.0))
            #expect(queue.removeFirst() == expected.1)
        }
    }

    @Test func whatIsTakenOutIsTheOnlyOneLeft() {
        let alive = Counter()
        let queue = EventQueue<Token>()
        for number in 0..<10_000 { queue.insert(Token(number, alive), at: instant(number % 7)) }
        #expect(alive.count == 10_000)
        for left in stride(from: 9999, through: 5000, by: -1) {
            queue.advance()
            _ = queue.removeFirst()
            #expect(alive.count == left)
        }
    }

    @Test func theQueueTakesWhatIsLeftWithIt() {
        let alive = Counter()
        do {
            let queue = EventQueue<Token>()
            for number in 0..<5000 { queue.insert(Token(number, alive), at: instant(number)) }
            for _ in 0..<1000 {
                queue.advance()
                _ = queue.removeFirst()
            }
            #expect(alive.count == 4000)
        }
        #expect(alive.count == 0)
    }
}
