import Testing
import Workloads

@testable import Simulation

/// Attempts under way, and the paths that they took.
struct AttemptsUnderWayTests {
    /// An attempt of the `generation`-th operation in `place`.
    private func attempt(_ place: UInt64, _ generation: UInt64, _ number: UInt64) -> AttemptID {
        AttemptID(rawValue: place << 40 | generation << 12 | number)
    }

    private func remove(
        _ attempt: AttemptID, from attempts: inout AttemptsUnderWay, isThere: Bool
    ) {
        let wasThere = attempts.remove(attempt)
        #expect(wasThere == isThere)
    }

    @Test func severalAttemptsOfOneOperationAreToldApart() {
        var attempts = AttemptsUnderWay()
        attempts.add(attempt(7, 1, 0), path: 3)
        attempts.add(attempt(7, 1, 1), path: 4)
        attempts.add(attempt(7, 2, 0), path: 3)
        #expect(attempts.attempts(onPath: 3) == [attempt(7, 1, 0), attempt(7, 2, 0)])
        #expect(attempts.attempts(onPath: 4) == [attempt(7, 1, 1)])
        remove(attempt(7, 1, 1), from: &attempts, isThere: true)
        remove(attempt(7, 1, 1), from: &attempts, isThere: false)
        remove(attempt(7, 2, 0), from: &attempts, isThere: true)
        remove(attempt(7, 2, 0), from: &attempts, isThere: false)
        remove(attempt(7, 1, 0), from: &attempts, isThere: true)
        #expect(attempts.attempts(onPath: 3).isEmpty)
    }

    @Test func whatIsOnAPathComesInTheOrderOfNumbers() {
        var attempts = AttemptsUnderWay()
        for place: UInt64 in [9, 2, 300, 5] { attempts.add(attempt(place, 0, 0), path: 0) }
        attempts.add(attempt(4, 0, 0), path: 1)
        #expect(
            attempts.attempts(onPath: 0)
                == [2, 5, 9, 300].map { attempt($0, 0, 0) })
    }

    @Test func anAttemptThatWasNeverUnderWayIsNot() {
        var attempts = AttemptsUnderWay()
        remove(attempt(0, 0, 0), from: &attempts, isThere: false)
        attempts.add(attempt(1, 0, 0), path: 0)
        remove(attempt(0, 0, 0), from: &attempts, isThere: false)
        remove(attempt(1, 1, 0), from: &attempts, isThere: false)
    }
}
