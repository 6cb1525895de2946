import Foundation

/// Sees to it that a node does not outlive whoever started it.
package enum ParentWatch {
    /// Asks the kernel to kill this process when the thread that started it ends, and then makes
    /// sure that it had not ended before. Without a parent's number nothing is asked.
    package static func begin(_ parent: Int32?) throws(StartFailure) {
        guard let parent else { return }
        guard killWithParent() else {
            throw StartFailure(.inputOutput, "the kernel does not watch over the parent process")
        }
        guard getppid() == parent else {
            throw StartFailure(
                .inputOutput, "process \(parent), which started this node, is gone already")
        }
    }

    /// `prctl(PR_SET_PDEATHSIG, SIGKILL)`. Swift does not import functions with a variable number
    /// of arguments, so it is looked up by name; on Linux such a function takes its arguments
    /// like any other.
    private static func killWithParent() -> Bool {
        typealias Control =
            @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "prctl") else {
            return false
        }
        let setParentDeathSignal: Int32 = 1
        let control = unsafeBitCast(symbol, to: Control.self)
        return control(setParentDeathSignal, UInt(SIGKILL), 0, 0, 0) == 0
    }
}
