/// A history of registers as calls of the model of a register, one for each key.
struct RegisterSessions {
    let models: [RegisterModel]
    /// Calls are named by their indices in the history.
    let sessions: [[SequentialCall<RegisterModel.Call>]]
    private let history: SessionHistory

    /// Prepares `history`. The first hint is the time of an operation, if known, otherwise its
    /// place in `ranks`, if there are any.
    init(_ history: SessionHistory, _ ranks: ContiguousArray<Int32>) {
        self.history = history
        // Numbers for the values of each key, absence 0.
        var numbers: [UInt64: Int64] = [:]
        var counts = Array(repeating: Int64(1), count: history.keyCount)
        func number(_ key: Int32, _ value: Int32) -> Int64 {
            if value == SessionHistory.absence { return 0 }
            let pair = ValueTable.pair(key, value)
            if let known = numbers[pair] { return known }
            let made = counts[Int(key)]
            counts[Int(key)] += 1
            numbers[pair] = made
            return made
        }
        var calls = Array(
            repeating: [ObjectCall<RegisterModel.Call>](), count: history.keyCount)
        var sessions: [[SequentialCall<RegisterModel.Call>]] = []
        for session in 0..<history.sessionCount {
            sessions.append(
                history.operations(of: session).map { index in
                    let key = history.keys[index]
                    let read =
                        history.isRead(index) ? number(key, history.reads[index]) : nil
                    let written =
                        history.isWrite(index) ? number(key, history.writes[index]) : nil
                    let call: RegisterModel.Call =
                        switch (read, written) {
                        case (let read?, let written?): .replace(read, written)
                        case (let read?, nil): .read(read)
                        case (nil, let written?): .write(written)
                        case (nil, nil): .impossible
                        }
                    let isDefinite = !history.isOptional[index]
                    calls[Int(key)].append(
                        ObjectCall(
                            identity: index, invoked: 0, returned: isDefinite ? 0 : nil,
                            call: call))
                    let rank =
                        ranks.isEmpty
                        ? Int64(index - Int(history.starts[session])) : Int64(ranks[index])
                    return SequentialCall(
                        identity: index, object: Int(key), call: call, isDefinite: isDefinite,
                        hint: history.invoked.isEmpty ? rank : history.invoked[index])
                })
        }
        self.sessions = sessions
        models = calls.indices.map { RegisterModel(calls[$0], valueCount: Int(counts[$0])) }
    }

    /// Whether carrying out the operations in `order` gives what they returned, in the order of
    /// each session, with none left out that must take effect.
    func replays(_ order: [Int]) -> Bool {
        var values = ContiguousArray<Int32>(
            repeating: SessionHistory.absence, count: history.keyCount)
        var next = history.starts
        for index in order {
            let session = Int(history.sessions[index])
            guard next[session] == index else { return false }
            next[session] += 1
            let key = Int(history.keys[index])
            if history.isRead(index), history.reads[index] != values[key] { return false }
            if history.isWrite(index) { values[key] = history.writes[index] }
        }
        return (0..<history.sessionCount).allSatisfy { session in
            (Int(next[session])..<history.operations(of: session).upperBound).allSatisfy {
                history.isOptional[$0]
            }
        }
    }
}
