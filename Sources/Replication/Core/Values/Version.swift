/// One event of one member: the `counter`-th write (from 1) that `member` took in.
public struct Dot: Hashable, Comparable, Sendable {
    /// Who took the write in.
    public var member: MemberID
    /// Which of that member's writes it is, from 1.
    public var counter: UInt64

    /// The `counter`-th write of `member`.
    @inlinable
    public init(member: MemberID, counter: UInt64) {
        self.member = member
        self.counter = counter
    }

    /// Whether `left` comes before `right`.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        (left.member, left.counter) < (right.member, right.counter)
    }
}

/// For each member the number of its first writes that are known: a set of dots without gaps
/// (Parker et al., 1983). Entries are sorted by member.
public struct VersionVector: Hashable, Sendable {
    /// Members with at least one known write, in order, each with how many.
    public private(set) var entries: [Dot]

    /// The vector that knows nothing.
    public init() { entries = [] }

    /// How many of `member`'s first writes are known.
    public subscript(member: MemberID) -> UInt64 {
        get {
            let index = position(of: member)
            return index < entries.count && entries[index].member == member
                ? entries[index].counter : 0
        }
        set {
            let index = position(of: member)
            if index < entries.count, entries[index].member == member {
                if newValue == 0 {
                    entries.remove(at: index)
                } else {
                    entries[index].counter = newValue
                }
            } else if newValue > 0 {
                entries.insert(Dot(member: member, counter: newValue), at: index)
            }
        }
    }

    /// Whether `dot` is known.
    public func contains(_ dot: Dot) -> Bool { self[dot.member] >= dot.counter }

    /// Whether everything that `other` knows is known here too.
    public func covers(_ other: VersionVector) -> Bool { other.entries.allSatisfy(contains) }

    /// Adds everything that `other` knows.
    public mutating func merge(_ other: VersionVector) {
        for entry in other.entries where self[entry.member] < entry.counter {
            self[entry.member] = entry.counter
        }
    }

    private func position(of member: MemberID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].member < member { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Which state of a key an operation wrote or read. Versions form a graph: total in a log,
/// causal elsewhere. They serve figures; verdicts of the consistency models never rest on them.
public enum Version: Hashable, Sendable {
    /// A position in a log or a primary's sequence: the term (or epoch) and the index.
    case sequence(epoch: UInt64, index: UInt64)
    /// A write known by its dot, having superseded every write in `context`. `timestamp` is its
    /// hybrid logical time, by which the last writer wins.
    case causal(dot: Dot, context: VersionVector, timestamp: HybridTimestamp)

    /// Whether whoever holds this version has seen `other` superseded by it, or is it.
    public func supersedesOrEquals(_ other: Version) -> Bool {
        switch (self, other) {
        case (.sequence(_, let mine), .sequence(_, let theirs)): mine >= theirs
        case (.causal(let dot, let context, _), .causal(let theirs, _, _)):
            dot == theirs || context.contains(theirs)
        case (.sequence, .causal), (.causal, .sequence): false
        }
    }
}

/// What a replica has applied, comparable with what was acknowledged.
public enum AppliedPosition: Hashable, Sendable {
    /// Everything in the log up to this index.
    case index(UInt64)
    /// Every write that this vector knows.
    case vector(VersionVector)

    /// Whether everything at `other` is applied here too.
    public func covers(_ other: AppliedPosition) -> Bool {
        switch (self, other) {
        case (.index(let mine), .index(let theirs)): mine >= theirs
        case (.vector(let mine), .vector(let theirs)): mine.covers(theirs)
        case (.index, .vector), (.vector, .index): false
        }
    }

    /// Whether the write with `version` is applied here.
    public func covers(_ version: Version) -> Bool {
        switch (self, version) {
        case (.index(let mine), .sequence(_, let index)): mine >= index
        case (.vector(let mine), .causal(let dot, _, _)): mine.contains(dot)
        case (.index, .causal), (.vector, .sequence): false
        }
    }
}
