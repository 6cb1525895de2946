#if PlantedBugs
    import Determinism
    import Testing

    @testable import Replication

    /// Mistakes that take a rare order of events: the shortest script that leads to the wrong
    /// outcome. Without the mistake the same script ends well.
    @Suite struct RaftPlantedScripts {
        private static let lease: [String: OptionValue] = ["reads": .choice("lease")]

        /// Whether the script ends badly with the mistake, and well without.
        private func expectOnlyWith(
            _ bug: PlantedBug, _ endsBadly: () throws -> Bool
        ) rethrows {
            #expect(try PlantedBug.planting(bug) { try endsBadly() })
            #expect(try PlantedBug.planting(nil) { try endsBadly() } == false)
        }

        /// Whether `old`, which is cut off and has not been told that another leads, answers a
        /// read with what was overwritten by then. `false` as well if nobody else comes to lead.
        private func readsWhatWasOverwritten(
            at old: MemberID, _ group: RaftCluster, within span: TimeSpan
        ) throws -> Bool {
            let cluster = group.cluster
            let isReplaced = cluster.run(
                until: { group.leader.map { $0 != old } ?? false }, within: span)
            guard isReplaced, let leader = group.leader else { return false }
            let write = group.submit(leader, .write(bytes("new")))
            cluster.run(until: { cluster.replies[write] != nil }, within: .milliseconds(100))
            guard cluster.replies[write]?.reply.isDone ?? false else { return false }
            let read = group.submit(old, .read)
            cluster.run(for: .milliseconds(1))
            return cluster.replies[read]?.reply.outcome == .values([.bytes(bytes("old"))])
        }

        /// A group with one value, read once so that its leader has a lease.
        private func leased(
            options: [String: OptionValue], rates: [Double] = [1, 1, 1]
        ) throws -> (RaftCluster, leader: MemberID) {
            let group = try RaftCluster(
                3, roundTrip: .milliseconds(4), options: options, start: false)
            group.cluster.jitter = .zero
            for (member, rate) in zip(group.members, rates) {
                group.cluster.nodes[member]?.clockRate = rate
            }
            try group.cluster.startAll()
            let leader = try group.awaitLeader()
            #expect(leader == group.members[0])
            #expect(try group.ask(leader, .write(bytes("old"))).isDone)
            group.cluster.run(for: .seconds(1))
            return (group, leader)
        }

        @Test("A slow leader and fast followers: by its clock the lease lasts, by theirs not")
        func leaseIgnoresDrift() throws {
            try expectOnlyWith(.leaseIgnoresDrift) {
                var options = Self.lease
                options["election_timeout"] = .durationRange(
                    .seconds(60)...TimeSpan.milliseconds(60_020))
                options["heartbeat"] = .duration(.seconds(1))
                let (group, leader) = try leased(options: options, rates: [0.999, 1.001, 1.001])
                group.cluster.isolate(leader)
                return try readsWhatWasOverwritten(at: leader, group, within: .seconds(70))
            }
        }

        @Test("The leader hands over, is answered late, and takes the transfer for failed")
        func leaseAfterHandover() throws {
            try expectOnlyWith(.leaseAfterHandover) {
                let (group, leader) = try leased(options: Self.lease)
                let cluster = group.cluster
                let heir = group.members[1]
                cluster.delay = { _, target in .milliseconds(target == heir ? 402 : 2) }
                cluster.run(for: .seconds(2))
                cluster.administer(leader, .transferLeader(to: heir.node.region))
                cluster.run(for: .milliseconds(395))
                cluster.delay = { _, target in .milliseconds(target == leader ? 152 : 2) }
                return try readsWhatWasOverwritten(at: leader, group, within: .seconds(1))
            }
        }

        @Test("The voter that granted the lease restarts and votes for another at once")
        func leaseForgottenByVoter() throws {
            try expectOnlyWith(.leaseForgottenByVoter) {
                let (group, leader) = try leased(options: Self.lease)
                let cluster = group.cluster
                let (voter, rival) = (group.members[1], group.members[2])
                cluster.cutBoth(leader, rival)
                cluster.run(for: .seconds(2))
                #expect(group.leader == leader)
                let due = try group.raft(rival).electionDeadline
                cluster.run(for: due - cluster.now - .milliseconds(2))
                cluster.crash(voter)
                cluster.cutBoth(leader, voter)
                try cluster.start(voter)
                return try readsWhatWasOverwritten(at: leader, group, within: .milliseconds(200))
            }
        }

        @Test("Two leaders change the membership; the majorities have no member in common")
        func membershipBeforeNoOp() {
            expectOnlyWith(.membershipBeforeNoOp) {
                !Findings.of { try changeMembershipTwice() }.isEmpty
            }
        }

        private func changeMembershipTwice() throws {
            let group = try RaftCluster(4, roundTrip: .milliseconds(4))
            let cluster = group.cluster
            let (first, second, third, fourth) = (
                group.members[0], group.members[1], group.members[2], group.members[3]
            )
            try group.awaitLeader { $0 == first }
            let fifth = testMember(4)
            cluster.add(group.setup(fifth))
            try cluster.start(fifth)
            #expect(try group.administer(first, .addLearner(fifth)).isDone)
            cluster.run(for: .seconds(1))
            // The first leader makes the fifth a voter, which only these two know.
            cluster.partition([[first, fifth], [second, third, fourth]])
            cluster.administer(first, .promote(fifth))
            // The next one removes the first, before it has committed anything of its own term,
            // and tells only one more.
            func rival() -> MemberID? { group.leaders.first { $0 != first } }
            cluster.run(until: { rival() != nil }, within: .seconds(20))
            let next = try #require(rival())
            let others = [second, third, fourth].filter { $0 != next }
            cluster.cutBoth(next, others[1])
            cluster.cutBoth(others[0], others[1])
            cluster.administer(next, .remove(first))
            cluster.run(for: .seconds(1))
            // The one that was not told goes along with the first and the fifth.
            cluster.healAll()
            cluster.partition([[first, fifth, others[1]], [next, others[0]]])
            cluster.run(for: .seconds(10))
        }
    }
#endif
