/// Updates of unknown outcome that bring in an element: to a set, a list or a queue.
extension KeyHistory {
    /// Without those whose element nobody saw. One that alone can have brought in an element that
    /// was seen did happen, and before the first operation that saw it returned.
    ///
    /// - Parameters:
    ///   - calls: The calls on one key.
    ///   - sightings: For each element that was seen, when the first operation that saw it
    ///     returned.
    ///   - element: What a call brings in, if it does.
    static func bounded<Call>(
        _ calls: [ObjectCall<Call>], by sightings: [Int64: Int64], element: (Call) -> Int64?
    ) -> [ObjectCall<Call>] {
        var givers: [Int64: Int] = [:]
        for call in calls {
            if let element = element(call.call) { givers[element, default: 0] += 1 }
        }
        return calls.compactMap { call in
            guard call.returned == nil, let element = element(call.call) else { return call }
            guard let seen = sightings[element] else { return nil }
            var call = call
            // Seen before it was invoked: no order will do, and the search says so.
            if givers[element] == 1 { call.returned = max(seen, call.invoked) }
            return call
        }
    }
}
