/// The sequence numbers that a client gives its requests to one group, and which of them are
/// still unanswered.
///
/// In open loop answers come in any order; the window moves over the answered numbers at its
/// front. An operation that the client gave up counts as answered: it will not be sent again.
struct SequenceWindow: Sendable {
    /// The lowest number that is not answered; the next one to be given if all are.
    private(set) var firstUnanswered: UInt64 = 1
    private var answered: [Bool] = []
    private var head = 0

    /// Gives the next number, from 1.
    mutating func take() -> UInt64 {
        answered.append(false)
        return firstUnanswered + UInt64(answered.count - head) - 1
    }

    /// Takes note that no answer to `sequence` is awaited any more. A number that was never given
    /// or is answered already changes nothing.
    mutating func answer(_ sequence: UInt64) {
        guard sequence >= firstUnanswered else { return }
        let index = head + Int(sequence - firstUnanswered)
        guard index < answered.count else { return }
        answered[index] = true
        while head < answered.count, answered[head] {
            head += 1
            firstUnanswered += 1
        }
        if head == answered.count {
            answered.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 256, head * 2 >= answered.count {
            answered.removeFirst(head)
            head = 0
        }
    }
}
