#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// Mistakes of the strategy `primary-backup`, each shown by a short script: what goes wrong with
    /// the mistake, and goes right without it.
    @Suite struct PrimaryBackupPlantedTests {
        static let bugs: [PlantedBug] = [
            .promotedBeforeLeaseEnds, .promotedTooEarly, .oldestPromoted,
            .acknowledgedWithoutReplicas, .acknowledgedWithoutLease, .readWithoutLease,
            .sealedStillFollows, .replicaAcknowledgesEarly,
        ]

        @Test(arguments: bugs)
        func aScriptTellsTheMistake(_ bug: PlantedBug) throws {
            #expect(try Self.isRight(bug))
            let isRight = try PlantedBug.planting(bug) { try Self.isRight(bug) }
            #expect(!isRight)
        }

        private static func isRight(_ bug: PlantedBug) throws -> Bool {
            var options: [String: OptionValue] = ["mode": .choice("semi-sync")]
            switch bug {
            case .promotedBeforeLeaseEnds, .acknowledgedWithoutLease:
                options["mode"] = .choice("async")
            case .promotedTooEarly: options["manager"] = .regions([RegionID(index: 1)])
            case _: break
            }
            if bug == .promotedBeforeLeaseEnds {
                // So that what is noticed is noticed before a lease has ended.
                options["lease"] = .duration(.seconds(2))
            }
            let group = try PrimaryGroup(options: options)
            let cluster = group.cluster
            let members = group.members
            switch bug {
            case .promotedBeforeLeaseEnds:
                // The manager that acts is not with the primary, whose beats go unheard while its
                // own lease has just been renewed.
                cluster.filter = { message, source, _ in
                    if case .beat = message.body, source == members[0] { false } else { true }
                }
                cluster.run(for: .milliseconds(1500))
                cluster.isolate(members[0])
                return try !bothAcknowledge(group)
            case .acknowledgedWithoutLease:
                cluster.isolate(members[0])
                return try !bothAcknowledge(group)
            case .promotedTooEarly:
                cluster.cutBoth(members[0], members[1])
                guard try group.write(0, "kept") else { return false }
                // The manager is left alone with a member that lacks the write.
                cluster.crash(members[0])
                cluster.crash(members[2])
                cluster.run(for: .seconds(20))
                try cluster.start(members[2])
                group.settle(.seconds(60))
                return try group.read(1) == "kept"
            case .oldestPromoted:
                cluster.cutBoth(members[0], members[1])
                guard try group.write(0, "kept") else { return false }
                cluster.crash(members[0])
                cluster.run(until: { !group.primaries.isEmpty }, within: .seconds(30))
                return try group.read(1) == "kept"
            case .acknowledgedWithoutReplicas:
                cluster.isolate(members[0])
                return try !group.write(0, "alone")
            case .readWithoutLease:
                guard try group.write(0, "old") else { return false }
                cluster.isolate(members[0])
                cluster.run(
                    until: { group.primaries.contains { $0 != 0 } }, within: .seconds(20))
                guard try group.write(1, "new") else { return false }
                return try group.read(0) != "old"
            case .sealedStillFollows:
                // The manager cannot be heard by the primary, and replicas can.
                cluster.filter = { message, source, target in
                    switch message.body {
                    case .append, .appended, .forward, .forwardReply: true
                    case _: source != members[0] && target != members[0]
                    }
                }
                cluster.run(
                    until: {
                        (try? group.replica(1))?.sealed ?? .zero > Term(1)
                            && (try? group.replica(2))?.sealed ?? .zero > Term(1)
                    }, within: .seconds(20))
                let before = try group.replica(1).lastIndex
                cluster.input(
                    .message(
                        PrimaryBackupMessage(
                            .append(
                                Extension(
                                    epoch: Term(1), previousIndex: before,
                                    previousEpoch: Term(1),
                                    entries: [
                                        LogEntry(
                                            term: Term(1), time: 1,
                                            payload: LogEntry.Payload.noOperation.encoded)
                                    ]))), from: members[0]), to: members[1])
                return try group.replica(1).log.term(at: before.next) != Term(1)
            case .replicaAcknowledgesEarly:
                cluster.nodes[members[1]]?.writeDelay = .seconds(5)
                cluster.nodes[members[2]]?.writeDelay = .seconds(5)
                let request = group.begin(0, .write([1]))
                cluster.run(for: .milliseconds(300))
                return cluster.replies[request]?.reply.outcome != .done(nil)
            case _:
                Issue.record("no script for \(bug)")
                return true
            }
        }

        /// Whether, while the first member is cut off, it and a later primary acknowledge at a time.
        private static func bothAcknowledge(_ group: PrimaryGroup) throws -> Bool {
            var lastOld = Instant.zero
            var firstNew = Instant.distantFuture
            for _ in 0..<500 {
                let old = group.begin(0, .write([1]), key: "old")
                let new = group.begin(1, .write([2]), key: "new")
                group.cluster.run(for: .milliseconds(20))
                if let reply = group.cluster.replies[old], reply.reply.outcome == .done(nil) {
                    lastOld = max(lastOld, reply.at)
                }
                if let reply = group.cluster.replies[new], reply.reply.outcome == .done(nil) {
                    firstNew = min(firstNew, reply.at)
                }
            }
            return lastOld > firstNew
        }
    }
#endif
