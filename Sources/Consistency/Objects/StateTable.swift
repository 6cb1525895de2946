/// Numbers for the states of a model whose states are sequences: equal ones have equal numbers.
///
/// A search comes by the same states again and again, so a step that was taken before is found by
/// numbers alone.
struct StateTable<Element: Hashable & Sendable>: Sendable {
    private struct Step: Hashable {
        var state: Int64
        var call: Int64
    }

    /// What each state is; 0 is the empty one.
    private var contents: [[Element]] = [[]]
    private var numbers: [[Element]: Int64] = [[]: 0]
    private var steps: [Step: Int64] = [:]

    /// What a state is.
    func content(_ state: Int64) -> [Element] { contents[Int(state)] }

    /// The number of a state.
    mutating func number(_ content: [Element]) -> Int64 {
        if let known = numbers[content] { return known }
        let number = Int64(contents.count)
        contents.append(content)
        numbers[content] = number
        return number
    }

    /// The state that a call leads to from `state`; `call` names it, and `make` makes it.
    mutating func step(
        from state: Int64, by call: Int64, _ make: ([Element]) -> [Element]
    ) -> Int64 {
        let step = Step(state: state, call: call)
        if let known = steps[step] { return known }
        let number = number(make(contents[Int(state)]))
        steps[step] = number
        return number
    }
}
