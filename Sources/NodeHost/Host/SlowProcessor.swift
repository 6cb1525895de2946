import Determinism
import Foundation

/// Counts the processor time that a node's machine uses, and makes the machine as slow as if its
/// processor were: for whatever it used, the thread stands still for a multiple of that.
///
/// Only the machine's work counts: what it does with messages, requests, timers and commits. What
/// the host does around it, its sockets, timers and probes and the answers to whoever conducts the
/// run, is as fast as ever: it is no work of the service, and hundreds of times as long it would
/// be more than all of that.
///
/// Used on the event loop's thread alone. What is too little to stand still for is kept for the
/// next time, and so is what the kernel let it sleep too long.
struct SlowProcessor {
    /// How many times as slow; 1: as usual.
    private(set) var slowness: Double = 1
    /// What the machine has used so far.
    private(set) var worked = TimeSpan.zero
    /// How long the thread stood still so far.
    private(set) var stalled = TimeSpan.zero
    private var isWorking = false
    private var debt: Int64 = 0
    private var measured: Int64 = 0

    /// Shorter rests are not worth a system call.
    private static let restMin: Int64 = 50_000

    /// What the machine uses from now on counts this many times.
    mutating func set(_ slowness: Double) {
        self.slowness = slowness
        debt = 0
    }

    /// The machine begins to work.
    mutating func begin() {
        isWorking = true
        measured = Self.threadTime
    }

    /// The machine's work is done for now.
    mutating func end() {
        count()
        isWorking = false
    }

    /// Whether what was used so far is worth standing still for now.
    mutating func owesRest() -> Bool {
        guard slowness > 1, isWorking else { return false }
        count()
        return debt >= Self.restMin
    }

    /// Stands still for what is owed.
    mutating func rest() {
        let start = HostClock.monotonicNow
        var rest = timespec(
            tv_sec: Int(debt / 1_000_000_000), tv_nsec: Int(debt % 1_000_000_000))
        var left = timespec()
        while nanosleep(&rest, &left) != 0 { rest = left }
        let rested = HostClock.monotonicNow - start
        stalled += rested
        debt -= rested.nanoseconds
        measured = Self.threadTime
    }

    private mutating func count() {
        let used = Self.threadTime
        worked += TimeSpan(nanoseconds: used - measured)
        debt += Int64(Double(used - measured) * (slowness - 1))
        measured = used
    }

    private static var threadTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
