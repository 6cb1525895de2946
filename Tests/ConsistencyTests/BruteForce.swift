import Consistency

/// Decides linearizability by trying every order, for histories of a few operations.
enum BruteForce {
    /// A register's calls as tests write them.
    enum Call: Hashable {
        case read(Int)
        case write(Int)
        case cas(Int, Int)
        case increment(Int)
    }

    static func isLinearizable(
        _ calls: [ObjectCall<Call>], step: (Int, Call) -> Int?
    ) -> Bool {
        var used = Array(repeating: false, count: calls.count)
        func extend(_ state: Int) -> Bool {
            if (0..<calls.count).allSatisfy({ used[$0] || calls[$0].returned == nil }) {
                return true
            }
            for index in calls.indices where !used[index] {
                let mayComeNext = calls.indices.allSatisfy { other in
                    guard !used[other], other != index, let returned = calls[other].returned
                    else { return true }
                    return returned >= calls[index].invoked
                }
                guard mayComeNext, let following = step(state, calls[index].call) else { continue }
                used[index] = true
                if extend(following) { return true }
                used[index] = false
            }
            return false
        }
        return extend(0)
    }
}
