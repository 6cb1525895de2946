import Determinism

/// What trials came to: how long writes and reads took, and how many of the reads that began some
/// time after a write's commit saw it.
struct PBSTrials: Sendable {
    /// Latencies in milliseconds.
    var writes: [Double] = []
    var reads: [Double] = []
    /// For each time in milliseconds after the commit, the reads and those that saw the write.
    var counts: [(after: Double, reads: Int, seen: Int)]

    /// No trials yet, of reads at these times.
    init(after: [Double]) { counts = after.map { ($0, 0, 0) } }

    /// Adds trials of reads at the same times.
    mutating func add(_ other: PBSTrials) {
        writes += other.writes
        reads += other.reads
        for index in counts.indices {
            counts[index].reads += other.counts[index].reads
            counts[index].seen += other.counts[index].seen
        }
    }

    /// The share of reads at the `index`-th time that saw the write.
    func share(_ index: Int) -> Double {
        Double(counts[index].seen) / Double(max(1, counts[index].reads))
    }

    /// When so many of the reads see the write, between two of the times; `nil`: later than all.
    func time(at share: Double) -> Double? {
        guard self.share(0) < share else { return counts[0].after }
        for index in counts.indices.dropFirst() where self.share(index) >= share {
            let (low, high) = (self.share(index - 1), self.share(index))
            let (start, end) = (counts[index - 1].after, counts[index].after)
            return start + (end - start) * (share - low) / max(high - low, 1e-12)
        }
        return nil
    }
}

/// The WARS model itself (Bailis et al., 2012, section 4.1), drawn without any store: three replicas,
/// four independent delays each.
struct WARSModel {
    var fit: PBSFit
    var read: Int
    var write: Int

    /// So many trials, at each of the times after the commit in turn.
    func trials(_ count: Int, after: [Double], seed: UInt64) -> PBSTrials {
        var random = RandomStream(seed: seed, name: "WARS \(fit.name) \(read) \(write)")
        var result = PBSTrials(after: after)
        for trial in 0..<count { draw(trial % after.count, &result, &random) }
        return result
    }

    private func draw(_ place: Int, _ result: inout PBSTrials, _ random: inout RandomStream) {
        let writer = random.index(3)
        let reader = random.index(3)
        func far(_ replica: Int, _ from: Int) -> Double {
            replica == from ? 0 : fit.distance
        }
        var arrivals = [0.0, 0.0, 0.0]
        var acknowledged = [0.0, 0.0, 0.0]
        var answers: [(at: Double, asked: Double, replica: Int)] = []
        for replica in 0..<3 {
            arrivals[replica] = fit.write.draw(&random) + far(replica, writer)
            acknowledged[replica] =
                arrivals[replica] + fit.others.draw(&random) + far(replica, writer)
            let asked = fit.others.draw(&random) + far(replica, reader)
            let answered = asked + fit.others.draw(&random) + far(replica, reader)
            answers.append((answered, asked, replica))
        }
        let commit = acknowledged.sorted()[write - 1]
        answers.sort { $0.at < $1.at }
        let start = commit + result.counts[place].after
        let isSeen = answers.prefix(read).contains { arrivals[$0.replica] <= start + $0.asked }
        result.counts[place].reads += 1
        if isSeen { result.counts[place].seen += 1 }
        result.writes.append(commit)
        result.reads.append(answers[read - 1].at)
    }
}
