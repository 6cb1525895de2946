import Determinism

/// Where in a log each epoch began, by which two logs tell up to where they agree without a look
/// at their entries (Kafka's leader epochs, KIP-101).
///
/// An epoch has one primary, which puts all entries of it after what it held before. So logs that
/// both have entries of an epoch agree up to the end of the shorter one's, and in all before.
struct EpochHistory: Hashable, Sendable {
    /// The epochs in order, each with the index of its first entry.
    private(set) var beginnings: [Beginning] = []

    struct Beginning: Hashable, Sendable {
        var epoch: Term
        var first: LogIndex
    }

    /// The most epochs that are told of.
    static let countMax = 65_536

    /// The log goes on at `index` with an entry of `epoch`.
    mutating func note(_ epoch: Term, at index: LogIndex) {
        if let last = beginnings.last, last.epoch >= epoch { return }
        beginnings.append(Beginning(epoch: epoch, first: index))
        if beginnings.count > Self.countMax { beginnings.removeFirst() }
    }

    /// The log was cut after `index`.
    mutating func truncate(after index: LogIndex) {
        while let last = beginnings.last, last.first > index { beginnings.removeLast() }
    }

    /// The history of the log up to `index`.
    func through(_ index: LogIndex) -> EpochHistory {
        var result = self
        result.truncate(after: index)
        return result
    }

    /// The epoch of the last entry.
    var lastEpoch: Term { beginnings.last?.epoch ?? .zero }

    /// Up to where a log with this history that ends at `last` agrees with another.
    func agreement(
        endingAt last: LogIndex, with other: EpochHistory, endingAt otherLast: LogIndex
    ) -> LogIndex {
        for (place, mine) in beginnings.enumerated().reversed() {
            guard let theirs = other.beginnings.firstIndex(of: mine) else { continue }
            return min(
                end(of: place, endingAt: last), other.end(of: theirs, endingAt: otherLast))
        }
        return .zero
    }

    private func end(of place: Int, endingAt last: LogIndex) -> LogIndex {
        place + 1 < beginnings.count ? beginnings[place + 1].first.previous : last
    }
}

extension EpochHistory: ByteCodable {
    var encodedSize: Int {
        beginnings.reduce(ByteWriter.varintSize(UInt64(beginnings.count))) {
            $0 + $1.epoch.encodedSize + $1.first.encodedSize
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.writeVarint(UInt64(beginnings.count))
        for beginning in beginnings {
            beginning.epoch.encode(into: &writer)
            beginning.first.encode(into: &writer)
        }
    }

    static func decode(from reader: inout ByteReader) throws(MalformedBytes) -> EpochHistory {
        var history = EpochHistory()
        for _ in 0..<(try reader.readCount(limit: countMax)) {
            let epoch = try Term.decode(from: &reader)
            let first = try LogIndex.decode(from: &reader)
            if let last = history.beginnings.last, last.epoch >= epoch || last.first >= first {
                throw MalformedBytes("epochs out of order")
            }
            history.beginnings.append(Beginning(epoch: epoch, first: first))
        }
        return history
    }
}
