import Consistency
import Determinism
import Foundation
import Recording
import Replication
import Testing

/// Histories of sessions, one operation a line: client, node, times, what it does.
///
///     c1 A 0..10 write a      c1 A 20..30 read a      c2 B 5..15 read a b     c2 B 40..50 read -
///     c1 A 0.. write a        (its outcome is unknown)
@Suite struct SessionGuaranteeTests {
    private func check(
        _ script: String, keepsConcurrent: Bool = false
    ) -> [SessionGuarantee: CheckResult] {
        var operations: [HistoryOperation] = []
        for line in script.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let times = words[2].split(separator: ".").compactMap { Int64($0) }
            let tokens = words.dropFirst(4).filter { $0 != "-" }
            let value: HistoryValue =
                tokens.isEmpty
                ? .null : tokens.count == 1 ? .text(tokens[0]) : .list(tokens: tokens)
            var operation = HistoryOperation(
                index: operations.count, process: operations.count,
                client: UInt64(words[0].dropFirst()) ?? 0, region: "r",
                function: HistoryFunction(name: words[3]), dataType: "default", key: "k",
                value: value, planned: Instant(nanoseconds: times[0]),
                invoked: Instant(nanoseconds: times[0]))
            operation.servedBy = words[1]
            if times.count > 1 {
                operation.outcome = .ok
                operation.completed = Instant(nanoseconds: times[1])
            }
            operation.context[MemberID(NodeID(region: RegionID(index: 0)))] = 1
            operations.append(operation)
        }
        return SessionGuarantees.check(
            History(operations), dataType: "default", valueType: .register,
            keepsConcurrent: keepsConcurrent)
    }

    private func broken(_ script: String, keepsConcurrent: Bool = false) -> Set<SessionGuarantee> {
        Set(
            check(script, keepsConcurrent: keepsConcurrent).filter { $0.value.verdict == .invalid }
                .keys)
    }

    @Test func whatIsInOrderBreaksNothing() {
        let script = """
            c1 A 0..10 write a
            c1 A 20..30 read a
            c2 B 20..30 read a
            c2 B 40..50 write b
            c1 A 60..70 read b
            c1 A 80..90 delete
            c1 A 100..110 read -
            """
        #expect(broken(script).isEmpty)
        #expect(check(script)[.readYourWrites]?.checked == 7)
    }

    @Test func anOwnWriteThatIsNotThereIsMissed() {
        let script = """
            c1 A 0..10 write a
            c1 A 20..30 write b
            c1 A 40..50 read a
            """
        #expect(broken(script) == [.readYourWrites])
        let result = check(script)[.readYourWrites]
        #expect(result?.violations.first?.operations == [2, 1])
        #expect(
            result?.violations.first?.reason
                == "key k: operation 2 (read of a at A) does not reflect operation 1 that its "
                + "client had made")
    }

    @Test func aConcurrentWriteMayHaveReplacedTheOwnOne() {
        #expect(
            broken(
                """
                c2 B 0..10 write b
                c1 A 0..10 write a
                c1 A 20..30 read b
                """
            ).isEmpty)
    }

    @Test func nothingIsReadOfAnOwnWriteOnlyAfterADelete() {
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c1 A 20..30 read -
                """) == [.readYourWrites])
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c2 B 0.. delete
                c1 A 20..30 read -
                """
            ).isEmpty)
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c2 B 40..50 delete
                c1 A 20..30 read -
                """) == [.readYourWrites])
    }

    @Test func aWriteOfUnknownOutcomePromisesNothing() {
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c1 A 20.. write b
                c1 A 40..50 read a
                c1 A 60..70 read b
                """
            ).isEmpty)
    }

    @Test func whatWasReadIsNotUnread() {
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c1 A 20..30 write b
                c2 B 40..50 read b
                c2 B 60..70 read a
                """) == [.monotonicReads, .monotonicWrites])
    }

    @Test func whatIsGoneDoesNotComeBack() {
        let script = """
            c1 A 0..10 write a
            c2 B 20..30 read a
            c3 C 20..30 delete
            c2 B 40..50 read -
            c2 B 60..70 read a
            """
        #expect(broken(script) == [.monotonicReads])
        // Another client may see it for the first time.
        #expect(
            broken(script.replacingOccurrences(of: "c2 B 60..70", with: "c4 D 60..70")).isEmpty)
    }

    @Test func aDeletedValueDoesNotComeBackToWhoDeletedIt() {
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c2 B 20..30 read a
                c2 B 40..50 delete
                c2 B 60..70 read a
                """) == [.readYourWrites])
    }

    @Test func whatAWriteFollowsIsNotSeenAfterIt() {
        let script = """
            c1 A 0..10 write a
            c2 B 20..30 read a
            c2 B 40..50 write b
            c3 C 60..70 read b
            c4 C 80..90 read a
            """
        #expect(broken(script) == [.writesFollowReads])
        // Another node may not have heard of b yet.
        #expect(broken(script.replacingOccurrences(of: "c4 C", with: "c4 D")).isEmpty)
    }

    @Test func replacedAndConcurrentAreTwoThings() {
        let blind = """
            c1 A 0..10 write a
            c2 B 20..30 write b
            c3 C 40..50 read a b
            """
        #expect(broken(blind, keepsConcurrent: true).isEmpty)
        let replacing = """
            c1 A 0..10 write a
            c2 B 12..18 read a
            c2 B 20..30 write b
            c3 C 40..50 read a b
            """
        #expect(broken(replacing, keepsConcurrent: true) == [.writesFollowReads])
    }

    @Test func twoBlindWritesOfAClientStayBesideEachOther() {
        let script = """
            c1 A 0..10 write a
            c1 A 20..30 write b
            c1 A 40..50 read a b
            c1 A 60..70 write c
            c1 A 80..90 read c
            """
        #expect(broken(script, keepsConcurrent: true).isEmpty)
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c1 A 20..30 write b
                c1 A 40..50 read a
                """, keepsConcurrent: true) == [.readYourWrites])
    }

    @Test func aDeleteMayHideBesideAConcurrentValue() {
        #expect(
            broken(
                """
                c1 A 0..10 write a
                c2 A 0..10 write b
                c3 A 12..14 read a b
                c2 A 20..30 delete
                c3 A 40..50 read b
                """, keepsConcurrent: true
            ).isEmpty)
    }

    @Test func countersAreNotJudged() {
        var builder = HistoryBuilder()
        builder.add(.increment, .integer(1), from: 0, to: 10)
        let results = SessionGuarantees.check(
            History(builder.operations), dataType: "default", valueType: .counter)
        #expect(results.values.allSatisfy { $0.verdict == .unknown })
    }
}
