#if PlantedBugs
    import Recording
    import Replication

    /// What a search for a planted bug in one scenario came to.
    struct PlantedSearch {
        /// The scenario.
        let file: String
        /// How many seeds were tried, from 1.
        var tried = 0
        /// The seeds that failed, in order.
        private(set) var failing: [UInt64] = []
        private var counts: [String: Int] = [:]

        /// A search in `file` that has not begun.
        init(file: String) { self.file = file }

        /// Adds what a fuzz run came to. A verdict that is unknown finds nothing; `counting` it
        /// all the same shows where there should be none.
        mutating func add(_ summary: JSONValue, counting unknown: Bool) {
            for group in summary["failures"]?.elements ?? [] {
                guard let kind = group["kind"]?.text, unknown || !kind.hasPrefix("unknown") else {
                    continue
                }
                let seeds = (group["seeds"]?.elements ?? []).compactMap {
                    $0.text.flatMap(UInt64.init)
                }
                counts[kind, default: 0] += seeds.count
                failing = Array(Set(failing + seeds)).sorted()
            }
        }

        /// The share of seeds that failed.
        var share: Double { tried == 0 ? 0 : Double(failing.count) / Double(tried) }

        /// The checks that failed and how often, most frequent first.
        var kinds: [String] {
            counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { "\($0.key) (\($0.value))" }
        }

        /// How many seeds it takes to find it, in the median over all stretches: the seeds after a
        /// find (or from the first one on) up to the next are one, as good as any other.
        var median: UInt64? {
            let stretches = zip(failing, [0] + failing).map { $0 - $1 }.sorted()
            return stretches.isEmpty ? nil : stretches[(stretches.count - 1) / 2]
        }

        /// In a line.
        var text: String {
            let median = median.map { ", median \($0)" } ?? ""
            return "\(file): \(failing.count) of \(tried) seeds\(median); "
                + kinds.joined(separator: "; ")
        }
    }

    extension PlantedBug {
        /// All stock scenarios that mistakes are looked for in.
        static let allScenarios = [
            "fuzz.yaml", "fuzz-eventual.yaml", "fuzz-last-writer.yaml", "fuzz-transactions.yaml",
            "fuzz-quorum.yaml", "fuzz-merge.yaml", "fuzz-primary-backup.yaml", "sessions.yaml",
            "github-style-failover.yaml",
        ]

        /// The stock scenarios that can show it.
        var stockScenarios: [String] {
            switch self {
            case .acknowledgedBeforeSync, .tornRecordAccepted, .identityKeptWithoutDisk:
                ["fuzz.yaml", "fuzz-eventual.yaml", "fuzz-last-writer.yaml"]
            case .cachedSessionOutlivesRevocation: ["sessions.yaml"]
            case .transactionNotAtomic, .transactionPartlyApplied, .transactionReadAgain:
                ["fuzz-transactions.yaml"]
            case .writeBackSkipped, .tagFromOwnClock, .writeQuorumTooSmall, .completedFromOne,
                .writtenBackBeforeDurable:
                ["fuzz-quorum.yaml"]
            case .acknowledgedWithoutLease: ["github-style-failover.yaml"]
            case .promotedBeforeLeaseEnds, .promotedTooEarly, .oldestPromoted,
                .acknowledgedWithoutReplicas, .readWithoutLease, .sealedStillFollows,
                .replicaAcknowledgesEarly:
                ["fuzz-primary-backup.yaml"]
            case .addKeepsOldDot, .counterMergedByAddition, .listOrderByArrival:
                ["fuzz-merge.yaml"]
            case .lastWriterByWallClock, .replicationGivesUp, .orderOfArrivalDecides:
                ["fuzz-last-writer.yaml"]
            case .antiEntropySkipsSubtree, .dotLeftOutOfContext, .tombstoneCollectedEarly,
                .dotReused, .servesWhileIncomplete:
                ["fuzz-eventual.yaml"]
            case .voteNotPersisted, .twoVotesInATerm, .termNotPersisted,
                .electionRestrictionMissing, .earlierTermCommitted, .logMatchingUnchecked,
                .committedEntriesTruncated, .commitBeyondMatch, .ownDiskNotAwaited,
                .learnersCounted, .oldMajorityCounted, .membershipBeforeNoOp, .deposedLeaderReads,
                .heartbeatsCountedTwice, .readBeforeCatchingUp, .leaseFromReply,
                .leaseIgnoresDrift, .leaseAfterHandover, .leaseForgottenByVoter,
                .timeCachedAcrossPause, .snapshotWithoutSessions, .snapshotKeepsSuffix,
                .retryAppliedTwice, .expiredSessionReopened:
                ["fuzz.yaml"]
            }
        }
    }
#endif
