#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// A mistake of the strategy `eventual`, and the search that finds it.
    struct EventualPlant: Sendable, CustomTestStringConvertible {
        var bug: PlantedBug
        /// It is found with one of the seeds up to this.
        var seedsMax: UInt64
        var search: EventualSearch
        var testDescription: String { bug.rawValue }

        init(
            _ bug: PlantedBug, within seedsMax: UInt64, _ search: EventualSearch = EventualSearch()
        ) {
            self.bug = bug
            self.seedsMax = seedsMax
            self.search = search
        }

        static let all: [EventualPlant] = [
            // Only comparison brings what the log of a member that restarted no longer holds.
            EventualPlant(
                .antiEntropySkipsSubtree, within: 20,
                EventualSearch(
                    options: [
                        "anti_entropy": .duration(.milliseconds(500)),
                        "snapshot_at": .size(1000),
                    ], keys: 300, steps: 300, loss: 0.3, crashes: 0.2)),
            EventualPlant(
                .dotLeftOutOfContext, within: 10, EventualSearch(resolver: .siblings)),
            EventualPlant(
                .tombstoneCollectedEarly, within: 20,
                EventualSearch(
                    options: ["anti_entropy": .duration(.milliseconds(100))], steps: 300,
                    loss: 0.3, deletes: 0.5, cuts: 0.15)),
            EventualPlant(
                .lastWriterByWallClock, within: 10,
                EventualSearch(contexts: 0, clockJumps: 0.2)),
            EventualPlant(.dotReused, within: 10),
            // Comparison would heal what is lost; it is not meant to be the only thing that does.
            EventualPlant(
                .replicationGivesUp, within: 10,
                EventualSearch(options: ["anti_entropy": .duration(.seconds(3600))], crashes: 0)),
            EventualPlant(.orderOfArrivalDecides, within: 10),
            EventualPlant(
                .acknowledgedBeforeSync, within: 10,
                EventualSearch(crashes: 0.2, diskDelay: .milliseconds(40))),
            EventualPlant(
                .identityKeptWithoutDisk, within: 20,
                EventualSearch(steps: 200, crashes: 0.2, lostDisks: 0.5)),
        ]
    }

    /// Each mistake is found by a random search in few seeds, and without it the same search with
    /// the same seeds finds nothing.
    @Suite struct EventualPlantedTests {
        @Test(arguments: EventualPlant.all)
        func theMistakeIsFound(_ plant: EventualPlant) throws {
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

        @Test("A member without its disk answers before it has the others' state, or does not")
        func servesWhileIncomplete() throws {
            func answerAfterTheDiskIsGone() throws -> [String]? {
                let cluster = try EventualCluster(3)
                cluster.write(0, "k", "v")
                cluster.run(for: .seconds(1))
                #expect(cluster.hasConverged)
                cluster.crash(1)
                try cluster.restart(1, losingDisk: true)
                return cluster.values(1, "k")
            }
            let wrong = try PlantedBug.planting(.servesWhileIncomplete, answerAfterTheDiskIsGone)
            #expect(wrong == [])
            let right = try PlantedBug.planting(nil, answerAfterTheDiskIsGone)
            #expect(right == nil)
        }
    }
#endif
