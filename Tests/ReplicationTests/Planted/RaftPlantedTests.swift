#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// A mistake of the strategy `raft`, and the search that finds it.
    struct RaftPlant: Sendable, CustomTestStringConvertible {
        var bug: PlantedBug
        /// It is found with one of the seeds up to this.
        var seedsMax: UInt64
        var search: RaftSearch
        var testDescription: String { bug.rawValue }

        init(_ bug: PlantedBug, within seedsMax: UInt64, _ search: RaftSearch = RaftSearch()) {
            self.bug = bug
            self.seedsMax = seedsMax
            self.search = search
        }

        private typealias Fault = RaftSearch.Fault
        private static let noPreVote: [String: OptionValue] = ["prevote": .toggle(false)]
        private static let noCheckQuorum: [String: OptionValue] = [
            "check_quorum": .toggle(false)
        ]
        private static let neither: [String: OptionValue] = [
            "prevote": .toggle(false), "check_quorum": .toggle(false),
        ]
        private static let lease: [String: OptionValue] = ["reads": .choice("lease")]

        static let all: [RaftPlant] = [
            RaftPlant(
                .voteNotPersisted, within: 10,
                RaftSearch(
                    options: noPreVote,
                    faults: [.isolateLeader, .regroup, .bounceAll, .bounceFollower, .heal],
                    rounds: 40, pace: .milliseconds(50)...TimeSpan.milliseconds(800))),
            RaftPlant(
                .twoVotesInATerm, within: 10,
                RaftSearch(
                    options: noPreVote, voters: 5, roundTrip: 40...80,
                    faults: [.isolateLeader, .heal, .bounceLeader, .heal], rounds: 30)),
            RaftPlant(
                .termNotPersisted, within: 40,
                RaftSearch(
                    options: neither, voters: 5, lost: 0.2, strays: 6,
                    faults: [.isolateLeader, .regroupRestarting], rounds: 40,
                    pace: .milliseconds(100)...TimeSpan.seconds(1))),
            RaftPlant(.electionRestrictionMissing, within: 10),
            RaftPlant(
                .earlierTermCommitted, within: 80,
                RaftSearch(
                    voters: 5, roundTrip: 50...100, lost: 0.3, faults: [.topple], rounds: 60,
                    pace: .milliseconds(10)...TimeSpan.milliseconds(900))),
            RaftPlant(
                .logMatchingUnchecked, within: 20,
                RaftSearch(
                    strays: 8,
                    faults: [.isolateLeader, .isolateLeader, .regroup, .heal, .bounceLeader],
                    rounds: 24)),
            RaftPlant(
                .committedEntriesTruncated, within: 10,
                RaftSearch(
                    repeated: 0.1, isOrdered: false,
                    faults: Fault.common + [.bounceLeader, .bounceFollower])),
            RaftPlant(.commitBeyondMatch, within: 10),
            RaftPlant(
                .ownDiskNotAwaited, within: 20,
                RaftSearch(
                    voters: 3, writeDelay: .milliseconds(400), lost: 0.1,
                    faults: [.bounceLeader, .bounceLeader, .regroup, .heal], rounds: 24)),
            RaftPlant(
                .learnersCounted, within: 20,
                RaftSearch(
                    voters: 3, learners: 2, faults: [.partition, .isolateLeader, .heal, .cut])),
            RaftPlant(
                .oldMajorityCounted, within: 10,
                RaftSearch(
                    voters: 3,
                    faults: [
                        .addMember, .addMember, .addMember, .addMember, .partition, .heal,
                        .isolateLeader,
                    ], rounds: 24)),
            RaftPlant(.deposedLeaderReads, within: 30),
            RaftPlant(
                .heartbeatsCountedTwice, within: 10,
                RaftSearch(
                    options: noCheckQuorum, voters: 5,
                    faults: [.regroup, .regroup, .heal, .isolateLeader], rounds: 24)),
            RaftPlant(
                .readBeforeCatchingUp, within: 10,
                RaftSearch(faults: Fault.common + [.bounceLeader, .bounceLeader])),
            RaftPlant(
                .leaseFromReply, within: 10,
                RaftSearch(
                    options: lease, roundTrip: 4...10,
                    faults: [.delayLeader, .muteLeader, .muteLeader, .heal], rounds: 30)),
            RaftPlant(
                .timeCachedAcrossPause, within: 10,
                RaftSearch(options: lease, faults: [.stunLeader, .heal], rounds: 24)),
            RaftPlant(
                .snapshotWithoutSessions, within: 10,
                RaftSearch(options: ["snapshot_at": .size(4000)])),
            RaftPlant(
                .snapshotKeepsSuffix, within: 20,
                RaftSearch(
                    options: ["snapshot_at": .size(1500)], voters: 3, clients: 8, strays: 200,
                    faults: [.isolateLeader, .heal], rounds: 14,
                    pace: .seconds(1)...TimeSpan.seconds(4))),
            RaftPlant(.retryAppliedTwice, within: 10),
            RaftPlant(
                .expiredSessionReopened, within: 10,
                RaftSearch(options: ["session_timeout": .duration(.milliseconds(700))])),
            RaftPlant(
                .acknowledgedBeforeSync, within: 10,
                RaftSearch(
                    voters: 3, writeDelay: .milliseconds(300),
                    faults: [.bounceAll, .bounceLeader, .heal, .partition])),
            RaftPlant(
                .identityKeptWithoutDisk, within: 20,
                RaftSearch(
                    faults: [.loseDisk, .loseDisk, .heal, .isolateLeader, .bounceLeader])),
        ]
    }

    /// Each mistake is found by a random search in few seeds, and without it the same search with
    /// the same seeds finds nothing.
    @Suite struct RaftPlantedTests {
        @Test(arguments: RaftPlant.all)
        func theMistakeIsFound(_ plant: RaftPlant) throws {
            let found = try #require(
                PlantedBug.planting(plant.bug) {
                    plant.search.firstFinding(upTo: plant.seedsMax)
                })
            print("planted \(plant.bug.rawValue): seed \(found.seed), \(found.what)")
            for seed in 1...found.seed {
                let findings = PlantedBug.planting(nil) { plant.search.findings(seed: seed) }
                #expect(findings == [], "seed \(seed)")
            }
        }
    }
#endif
