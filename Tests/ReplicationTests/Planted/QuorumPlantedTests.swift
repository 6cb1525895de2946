#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// Mistakes of the strategy `quorum`, each shown by a short script: what goes wrong with the
    /// mistake, and goes right without it.
    @Suite struct QuorumPlantedTests {
        static let bugs: [PlantedBug] = [
            .writeBackSkipped, .tagFromOwnClock, .writeQuorumTooSmall, .completedFromOne,
            .writtenBackBeforeDurable,
        ]

        @Test(arguments: bugs)
        func aScriptTellsTheMistake(_ bug: PlantedBug) throws {
            #expect(try Self.isRight(bug))
            let isRight = try PlantedBug.planting(bug) { try Self.isRight(bug) }
            #expect(!isRight)
        }

        private static func isRight(_ bug: PlantedBug) throws -> Bool {
            let group = try QuorumGroup(
                options: ["write_back": .toggle(true), "read_repair": .toggle(false)])
            let cluster = group.cluster
            let members = group.members
            switch bug {
            case .writeBackSkipped:
                _ = try group.write(0, "old")
                cluster.run(for: .seconds(1))
                cluster.filter = { message, _, _ in
                    if case .writes = message.body { false } else { true }
                }
                _ = group.begin(0, .write(Array("new".utf8)))
                cluster.run(for: .milliseconds(100))
                cluster.cutBoth(members[1], members[2])
                guard try group.read(1) == ["new"] else { return false }
                cluster.isolate(members[0])
                cluster.heal(members[1], members[2])
                return try group.read(2) == ["new"]
            case .tagFromOwnClock:
                cluster.nodes[members[0]]?.wallOffset = .seconds(30)
                cluster.cutBoth(members[0], members[1])
                _ = try group.write(0, "first")
                _ = try group.write(1, "second")
                return try group.read(2) == ["second"]
            case .writeQuorumTooSmall:
                cluster.filter = { message, _, _ in
                    if case .writes = message.body { false } else { true }
                }
                let reply = try group.write(0, "lonely")
                guard reply.outcome == .done(nil) else { return true }
                cluster.isolate(members[0])
                return try group.read(1) == ["lonely"]
            case .completedFromOne:
                cluster.isolate(members[2])
                _ = try group.write(0, "kept")
                // Member 2 can reach who comes back, and nobody else.
                let reborn = try group.loseDisk(0)
                cluster.cutBoth(reborn, members[1])
                cluster.run(for: .seconds(10))
                guard cluster.replica(reborn)?.view.isReady == true else { return true }
                return try group.read(2) == ["kept"]
            case .writtenBackBeforeDurable:
                cluster.nodes[members[0]]?.writeDelay = .seconds(1)
                _ = group.begin(0, .write(Array("lost".utf8)))
                cluster.run(for: .milliseconds(100))
                _ = group.begin(0, .read)
                cluster.run(for: .milliseconds(100))
                cluster.crash(members[0])
                let held = [1, 2].compactMap {
                    cluster.replica(members[$0])?.store.table[Key("k")]
                }
                return held.isEmpty
            case _:
                Issue.record("no script for \(bug)")
                return true
            }
        }
    }
#endif
