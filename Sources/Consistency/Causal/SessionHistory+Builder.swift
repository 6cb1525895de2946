extension SessionHistory {
    /// Collects operations, of each process in its order, and makes a history of them.
    ///
    /// An operation of unknown outcome ends its process: what the process does after it belongs to
    /// a new session. If its value was read it took effect; if nobody read it, it is left out, for
    /// then it changes no verdict. An operation of unknown outcome that only reads is left out.
    public struct Builder: Sendable {
        private var sessionOf: [Int: Int32] = [:]
        private var sessionCount: Int32 = 0
        private var keyOf: [Int32: Int32] = [:]
        private var keyNames: ContiguousArray<Int32> = []
        private var identities: ContiguousArray<Int> = []
        private var sessions: ContiguousArray<Int32> = []
        private var keys: ContiguousArray<Int32> = []
        private var reads: ContiguousArray<Int32> = []
        private var writes: ContiguousArray<Int32> = []
        private var invoked: ContiguousArray<Int64> = []
        private var isIndefinite: ContiguousArray<Bool> = []
        private var hasTimes = false

        /// A builder of an empty history.
        public init() {}

        /// Makes room for `count` operations.
        public mutating func reserveCapacity(_ count: Int) {
            identities.reserveCapacity(count)
            sessions.reserveCapacity(count)
            keys.reserveCapacity(count)
            reads.reserveCapacity(count)
            writes.reserveCapacity(count)
            invoked.reserveCapacity(count)
            isIndefinite.reserveCapacity(count)
        }

        /// Adds the next operation of `process`: it read `reads`, if anything, and then wrote
        /// `writes`, if anything; a delete writes ``SessionHistory/absence``. An operation that
        /// did neither is left out.
        public mutating func append(
            process: Int, identity: Int, key: Int32, reads: Int32? = nil, writes: Int32? = nil,
            isIndefinite: Bool = false, invoked: Int64? = nil
        ) {
            // The smallest number stands for no value; as a value it is one that nobody wrote.
            let read = reads.map { $0 == nothing ? nothing + 1 : $0 } ?? nothing
            let written = writes.map { $0 == nothing ? nothing + 1 : $0 } ?? nothing
            let isLeftOut = isIndefinite && written == nothing
            if !isLeftOut, read != nothing || written != nothing, identities.count < Int32.max {
                let session = sessionOf[process] ?? sessionCount
                if session == sessionCount {
                    sessionCount += 1
                    sessionOf[process] = session
                }
                if let known = keyOf[key] {
                    keys.append(known)
                } else {
                    keyOf[key] = Int32(keyNames.count)
                    keys.append(Int32(keyNames.count))
                    keyNames.append(key)
                }
                identities.append(identity)
                sessions.append(session)
                self.reads.append(read)
                self.writes.append(written)
                self.isIndefinite.append(isIndefinite)
                self.invoked.append(invoked ?? 0)
                if invoked != nil { hasTimes = true }
            }
            if isIndefinite { sessionOf[process] = nil }
        }

        /// The history of what was added.
        public func build() -> SessionHistory {
            let fates = fates()
            var starts = ContiguousArray<Int32>(repeating: 0, count: Int(sessionCount) + 1)
            for index in identities.indices where fates[index] != .leftOut {
                starts[Int(sessions[index]) + 1] += 1
            }
            for session in 0..<Int(sessionCount) { starts[session + 1] += starts[session] }
            let count = Int(starts[Int(sessionCount)])
            var places = starts
            var order = ContiguousArray<Int>(repeating: 0, count: count)
            for index in identities.indices where fates[index] != .leftOut {
                order[Int(places[Int(sessions[index])])] = index
                places[Int(sessions[index])] += 1
            }
            return SessionHistory(
                starts: starts, identities: ContiguousArray(order.map { identities[$0] }),
                sessions: ContiguousArray(order.map { sessions[$0] }),
                keys: ContiguousArray(order.map { keys[$0] }),
                reads: ContiguousArray(order.map { reads[$0] }),
                writes: ContiguousArray(order.map { writes[$0] }),
                isOptional: ContiguousArray(order.map { fates[$0] == .optional }),
                invoked: hasTimes ? ContiguousArray(order.map { invoked[$0] }) : [],
                keyNames: keyNames)
        }

        private enum Fate { case certain, optional, leftOut }

        /// Which of the operations took effect: those of known outcome, and those whose value
        /// one that took effect read, if nobody else can have written it.
        private func fates() -> ContiguousArray<Fate> {
            var fates = ContiguousArray<Fate>(repeating: .certain, count: identities.count)
            guard isIndefinite.contains(true) else { return fates }
            var pending: [UInt64: [Int]] = [:]
            for index in identities.indices where isIndefinite[index] {
                fates[index] = .leftOut
                pending[ValueTable.pair(keys[index], writes[index]), default: []].append(index)
            }
            var others = Set<UInt64>()
            for index in identities.indices where !isIndefinite[index] && writes[index] != nothing {
                let pair = ValueTable.pair(keys[index], writes[index])
                if pending[pair] != nil { others.insert(pair) }
            }
            var seen: [UInt64] = []
            for index in identities.indices where !isIndefinite[index] && reads[index] != nothing {
                let pair = ValueTable.pair(keys[index], reads[index])
                if pending[pair] != nil { seen.append(pair) }
            }
            while let pair = seen.popLast() {
                guard let writers = pending.removeValue(forKey: pair) else { continue }
                let isCertain =
                    writers.count == 1 && !others.contains(pair) && writes[writers[0]] != absence
                for writer in writers {
                    fates[writer] = isCertain ? .certain : .optional
                    if reads[writer] != nothing {
                        seen.append(ValueTable.pair(keys[writer], reads[writer]))
                    }
                }
            }
            return fates
        }
    }
}
