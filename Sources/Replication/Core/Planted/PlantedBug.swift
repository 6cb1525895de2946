#if PlantedBugs
    /// A well-known mistake in a replicated system, to measure what the checks find.
    ///
    /// Nothing of it exists unless the package is built with the trait `PlantedBugs`. Then at most
    /// one is in force: the one that ``PlantedBug/choose(_:)`` chose when the process started. The
    /// place where a mistake is made asks ``PlantedBug/isPlanted(_:)``; each comment here says what
    /// is wrong and which check should find it. `docs/quality.md` has them as a table.
    package enum PlantedBug: String, CaseIterable, Sendable {
        // MARK: Raft: elections

        /// A vote is sent before it is on disk, and forgotten in a crash: two leaders in a term,
        /// so linearizability and loss.
        case voteNotPersisted = "vote-not-persisted"
        /// A member votes for whoever asks last: two leaders in a term, so linearizability.
        case twoVotesInATerm = "two-votes-in-a-term"
        /// A later term that was heard of is not on disk: after a crash a deposed leader is
        /// followed, so linearizability and loss.
        case termNotPersisted = "term-not-persisted"
        /// A vote is given to a candidate whose log lacks committed entries: loss.
        case electionRestrictionMissing = "election-restriction-missing"

        // MARK: Raft: the log

        /// An entry of an earlier term is committed by counting who has it: loss,
        /// linearizability.
        case earlierTermCommitted = "earlier-term-committed"
        /// Entries are taken after an entry of another term than the leader's: members differ, so
        /// convergence, and linearizability.
        case logMatchingUnchecked = "log-matching-unchecked"
        /// A late or repeated request cuts off entries that came after it: the note
        /// `member-lost-entries` though no disk was at fault, convergence, loss.
        case committedEntriesTruncated = "committed-entries-truncated"
        /// A follower applies what is committed up to its own log's end, whatever stands there:
        /// members differ, so convergence, and linearizability.
        case commitBeyondMatch = "commit-beyond-match"
        /// The leader counts itself before its disk has the entry: loss.
        case ownDiskNotAwaited = "own-disk-not-awaited"

        // MARK: Raft: membership

        /// A member that only listens counts towards a majority: loss.
        case learnersCounted = "learners-counted"
        /// However the group grows, the founding number of members decides: loss.
        case oldMajorityCounted = "old-majority-counted"
        /// The membership is changed before the leader has committed an entry of its term: two
        /// majorities without a member in common, so loss and linearizability.
        case membershipBeforeNoOp = "membership-before-no-op"

        // MARK: Raft: reads

        /// A leader reads without asking whether it still leads: stale reads, so linearizability.
        case deposedLeaderReads = "deposed-leader-reads"
        /// A member's confirmations of two rounds count as those of two members: stale reads, so
        /// linearizability.
        case heartbeatsCountedTwice = "heartbeats-counted-twice"
        /// A new leader reads before it has applied what its predecessor committed: stale reads,
        /// so linearizability.
        case readBeforeCatchingUp = "read-before-catching-up"
        /// A lease is counted from the answer to the heartbeat instead of its sending: stale
        /// reads, so linearizability, where answers are slow or the leader was paused.
        case leaseFromReply = "lease-from-reply"
        /// A lease takes all clocks to run alike: stale reads, so linearizability, where they
        /// drift.
        case leaseIgnoresDrift = "lease-ignores-drift"
        /// The lease is relied on while another takes over and afterwards: stale reads, so
        /// linearizability.
        case leaseAfterHandover = "lease-after-handover"
        /// A voter that was restarted votes although it may have granted a lease: stale reads, so
        /// linearizability.
        case leaseForgottenByVoter = "lease-forgotten-by-voter"
        /// The time is read once for all that waits to be handled, before a pause: a lease that
        /// is over is relied on, so linearizability.
        case timeCachedAcrossPause = "time-cached-across-pause"

        // MARK: Raft: snapshots and sessions

        /// A snapshot leaves out the clients' sessions: a retry is refused or takes effect twice
        /// where it was installed, so convergence, and linearizability.
        case snapshotWithoutSessions = "snapshot-without-sessions"
        /// A follower keeps and vouches for entries after a snapshot that contradicts them:
        /// members differ, so convergence, and linearizability.
        case snapshotKeepsSuffix = "snapshot-keeps-suffix"
        /// A repeated request takes effect again: linearizability.
        case retryAppliedTwice = "retry-applied-twice"
        /// A session that expired while its request was under way is opened anew, and the request
        /// takes effect again: linearizability.
        case expiredSessionReopened = "expired-session-reopened"

        // MARK: Raft: transactions

        /// What a transaction reads is read when it is proposed, and not when its entry is applied:
        /// others come between its reads and its writes, so serializability.
        case transactionNotAtomic = "transaction-not-atomic"
        /// What a transaction writes is gathered by key before it is applied, and of several
        /// elements that it appends to one list only the last is: serializability.
        case transactionPartlyApplied = "transaction-partly-applied"
        /// A session remembers that a transaction was done and not what it read, so that a repeat
        /// reads again, after its own writes and those of others: serializability.
        case transactionReadAgain = "transaction-read-again"

        // MARK: Eventual

        /// Comparison never looks into the last branch of a node of the tree: convergence.
        case antiEntropySkipsSubtree = "anti-entropy-skips-subtree"
        /// What a reader has seen does not name the writes it was shown: an overwritten value
        /// stays as a concurrent one, so conflicts where there were none.
        case dotLeftOutOfContext = "dot-left-out-of-context"
        /// A deletion is forgotten before all have heard of it: the value comes back, so stale
        /// reads and monotonic reads.
        case tombstoneCollectedEarly = "tombstone-collected-early"
        /// Writes are stamped with the wall clock as it is: after it went back a write loses to
        /// the one that it replaced, so loss and read-your-writes.
        case lastWriterByWallClock = "last-writer-by-wall-clock"
        /// A restarted member numbers its writes from the last checkpoint on: one name for two
        /// writes, so convergence and loss.
        case dotReused = "dot-reused"
        /// A message with writes that was lost is not sent again: convergence within a bound.
        case replicationGivesUp = "replication-gives-up"
        /// Of concurrent writes the one that arrives last stays: convergence.
        case orderOfArrivalDecides = "order-of-arrival-decides"
        /// A member that lost its disk serves before its state is complete: stale reads, loss.
        case servesWhileIncomplete = "serves-while-incomplete"

        // MARK: Merges

        /// An element that is added to a set again keeps its old name, so that a concurrent remove
        /// of the old one takes it away, too: remove wins where add should, so invariants and loss.
        case addKeepsOldDot = "add-keeps-old-dot"
        /// What members counted is added up when states merge, in place of the greater number: an
        /// increment counts again with each merge, so invariants and convergence.
        case counterMergedByAddition = "counter-merged-by-addition"
        /// Elements of a list that come from elsewhere go to its end: members show different
        /// orders, so convergence.
        case listOrderByArrival = "list-order-by-arrival"

        // MARK: Quorum

        /// A read answers with the latest of a read quorum though no write quorum holds it: a later
        /// read sees the old value, so linearizability.
        case writeBackSkipped = "write-back-skipped"
        /// A write does not ask for the latest tag first and takes its own clock's: it loses to an
        /// earlier write, so linearizability.
        case tagFromOwnClock = "tag-from-own-clock"
        /// A write is acknowledged with one member less than asked for: a read quorum misses it,
        /// so linearizability.
        case writeQuorumTooSmall = "write-quorum-too-small"
        /// A member that lost its disk completes its state from one other alone, which need not
        /// have every acknowledged write: linearizability.
        case completedFromOne = "completed-from-one"
        /// What a read writes back leaves before it is on disk here: after a crash one name is
        /// given to two writes, so invariants and linearizability.
        case writtenBackBeforeDurable = "written-back-before-durable"

        // MARK: Primary-backup

        /// The manager promotes while the old primary has its lease yet: two acknowledge, so loss
        /// and stale reads.
        case promotedBeforeLeaseEnds = "promoted-before-lease-ends"
        /// The manager promotes the newest of whoever answered first: none of them need have what
        /// semi-sync acknowledged, so loss.
        case promotedTooEarly = "promoted-too-early"
        /// Of those heard, whoever is first in order is promoted, however old its log: loss.
        case oldestPromoted = "oldest-promoted"
        /// The primary acknowledges what it alone has on disk, whatever the mode: loss.
        case acknowledgedWithoutReplicas = "acknowledged-without-replicas"
        /// A primary acknowledges after its lease has ended: loss under async.
        case acknowledgedWithoutLease = "acknowledged-without-lease"
        /// A primary reads after its lease has ended: stale reads, so linearizability.
        case readWithoutLease = "read-without-lease"
        /// A member that was sealed goes on to take the old primary's entries: what it confirms is
        /// not in the next primary's log, so loss.
        case sealedStillFollows = "sealed-still-follows"
        /// A replica confirms entries before they are on its disk: loss, after a crash.
        case replicaAcknowledgesEarly = "replica-acknowledges-early"

        // MARK: Sessions

        /// A session that was found in another region once is taken to hold without a look for its
        /// end: revoked sessions that validate.
        case cachedSessionOutlivesRevocation = "cached-session-outlives-revocation"

        // MARK: The host

        /// What should wait for the disk does not: loss, after a crash.
        case acknowledgedBeforeSync = "acknowledged-before-sync"
        /// A record whose checksum does not match is read back as if it did: convergence, loss,
        /// or a node that does not come back.
        case tornRecordAccepted = "torn-record-accepted"
        /// A node that lost its disk comes back under the identity that made promises: two
        /// leaders in a term, loss, dots given twice.
        case identityKeptWithoutDisk = "identity-kept-without-disk"
    }
#endif
