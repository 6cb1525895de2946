#if PlantedBugs
    import Foundation
    import Testing

    @testable import Replication

    /// The list of planted bugs, and how one is chosen.
    @Suite struct PlantedBugTests {
        /// Proved by scripts: in ``RaftPlantedScripts``, in ``EventualPlantedTests``, and in the
        /// tests of the journal and of sessions.
        private static let scripted: Set<PlantedBug> = [
            .leaseIgnoresDrift, .leaseAfterHandover, .leaseForgottenByVoter,
            .membershipBeforeNoOp, .servesWhileIncomplete, .tornRecordAccepted,
            .cachedSessionOutlivesRevocation,
        ]

        @Test func everyMistakeIsProvedToBeOne() {
            let searched =
                RaftPlant.all.map(\.bug) + EventualPlant.all.map(\.bug)
                + TransactionPlantedTests.bugs + QuorumPlantedTests.bugs + MergePlantedTests.bugs
                + PrimaryBackupPlantedTests.bugs
            #expect(Set(searched).union(Self.scripted) == Set(PlantedBug.allCases))
            #expect(Set(searched).isDisjoint(with: Self.scripted))
        }

        @Test func anUnknownNameIsAnErrorThatNamesAll() throws {
            let error = try #require(throws: UnknownPlantedBug.self) {
                try PlantedBug.choose("vote-not-persited")
            }
            #expect(error.description.contains("'vote-not-persited'"))
            for bug in PlantedBug.allCases { #expect(error.description.contains(bug.rawValue)) }
        }

        @Test func withoutANameNothingIsChosen() throws {
            try PlantedBug.choose(nil)
            try PlantedBug.choose("")
            #expect(PlantedBug.chosen == nil)
        }

        @Test func oneIsInForceForTheTimeOfATest() {
            PlantedBug.planting(.dotReused) {
                #expect(PlantedBug.isPlanted(.dotReused))
                #expect(!PlantedBug.isPlanted(.voteNotPersisted))
                PlantedBug.planting(nil) { #expect(PlantedBug.chosen == nil) }
            }
            #expect(PlantedBug.chosen == nil)
        }

        @Test func theDocumentListsAll() throws {
            let page = try String(
                contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                    .appending(path: "../../../docs/quality.md"), encoding: .utf8)
            let listed = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
                .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
            #expect(listed == PlantedBug.allCases.map(\.rawValue))
        }
    }
#endif
