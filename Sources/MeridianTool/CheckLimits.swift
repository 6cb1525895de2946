import Determinism
import Dispatch
import Foundation

/// Bounds of time and memory for work that may need more than there is.
///
/// Work is done on a thread of its own, and watched from another; past a bound what is known is
/// told and the process ends with 3. Nothing is left behind, for checks only read.
struct CheckLimits {
    private let time: TimeSpan?
    private let bytes: Int?
    private let giveUp: (String) -> Void

    /// `giveUp` tells what was the matter.
    init(time: TimeSpan?, bytes: Int?, giveUp: @escaping (String) -> Void) {
        self.time = time
        self.bytes = bytes
        self.giveUp = giveUp
    }

    /// What `work` gives, if it stays within the bounds.
    func enforce<Result>(_ work: () throws -> Result) throws -> Result {
        guard time != nil || bytes != nil else { return try work() }
        return try withoutActuallyEscaping(work) { work in
            let started = DispatchTime.now()
            giveUpIfDue(since: started)
            let outcome = Outcome<Result>()
            let done = DispatchSemaphore(value: 0)
            let call = UncheckedCall { outcome.result = Swift.Result { try work() } }
            let thread = Thread {
                call.body()
                done.signal()
            }
            thread.stackSize = 64 << 20
            thread.start()
            while done.wait(timeout: .now() + .milliseconds(5)) == .timedOut {
                giveUpIfDue(since: started)
            }
            return try outcome.value()
        }
    }

    private func giveUpIfDue(since started: DispatchTime) {
        guard let reason = excess(since: started) else { return }
        giveUp(reason)
        fflush(nil)
        _exit(3)
    }

    private func excess(since started: DispatchTime) -> String? {
        let spent = DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds
        if let time, spent > UInt64(max(0, time.nanoseconds)) {
            return "gave up after \(time), the time limit"
        }
        // Some room is left for what is allocated between two looks.
        if let bytes, let resident = Self.residentBytes(), resident > bytes - bytes / 8 {
            return "gave up at \(resident >> 20) MB, near the memory limit of \(bytes >> 20) MB"
        }
        return nil
    }

    private static func residentBytes() -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else {
            return nil
        }
        let words = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// Where the thread leaves what it made; read after it has signalled.
private final class Outcome<Value>: @unchecked Sendable {
    var result: Result<Value, any Error>?

    func value() throws -> Value {
        guard let result else { throw CancellationError() }
        return try result.get()
    }
}

/// A closure that one thread hands to another, and waits for.
private struct UncheckedCall: @unchecked Sendable {
    let body: () -> Void
}
