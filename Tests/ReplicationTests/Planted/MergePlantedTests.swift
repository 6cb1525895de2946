#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// Mistakes in the merging of values: each is found, and without it nothing is.
    @Suite struct MergePlantedTests {
        static let bugs: [PlantedBug] = [
            .addKeepsOldDot, .counterMergedByAddition, .listOrderByArrival,
        ]

        private static func rule(of bug: PlantedBug) -> String {
            switch bug {
            case .counterMergedByAddition: "sum"
            case .listOrderByArrival: "growable-array"
            default: "add-wins"
            }
        }

        private static func laws(of bug: PlantedBug) -> MergeCase? {
            MergeCase.all.first { $0.testDescription == rule(of: bug) }
        }

        @Test(arguments: bugs)
        func theLawsTellTheMistake(_ bug: PlantedBug) throws {
            let type = try #require(Self.laws(of: bug))
            #expect(PlantedBug.planting(nil) { type.exhaustive(3) } == [])
            let found = PlantedBug.planting(bug) { (1...4).flatMap { type.exhaustive($0) } }
            #expect(!found.isEmpty)
        }

        @Test(arguments: [PlantedBug.counterMergedByAddition, .listOrderByArrival])
        func aRandomRunTellsTheMistake(_ bug: PlantedBug) throws {
            let search = MergeSearch(Self.rule(of: bug))
            let found = try #require(
                PlantedBug.planting(bug) { search.firstFinding(upTo: 10) })
            for seed in 1...found.seed {
                #expect(PlantedBug.planting(nil) { search.findings(seed: seed) } == [])
            }
        }
    }
#endif
