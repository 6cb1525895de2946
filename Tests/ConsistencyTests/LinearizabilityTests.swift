import Consistency
import Determinism
import Recording
import Replication
import Testing

@Suite struct LinearizabilityTests {
    private func verdict(
        _ type: ValueType = .register, _ build: (inout HistoryBuilder) -> Void
    ) -> CheckResult {
        var builder = HistoryBuilder()
        build(&builder)
        return Linearizability.check(
            builder.operations, dataType: "default", kind: ObjectKind(type))
    }

    @Test func anEmptyHistoryIsValid() {
        let result = verdict { _ in }
        #expect(result.verdict == .valid)
        #expect(result.checked == 0)
    }

    @Test func aStaleReadIsFoundAndNamed() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: 10)
            history.add(.write, .text("b"), from: 20, to: 30)
            history.add(.read, .text("a"), from: 40, to: 50)
        }
        #expect(result.verdict == .invalid)
        #expect(result.violations.count == 1)
        #expect(result.violations.first?.key == "k")
        #expect(result.violations.first?.operations == [2, 1, 0])
        #expect(
            result.violations.first?.reason
                == "key k held one value from operation 0 (write a) to operation 2 (read of a), "
                + "and yet operation 1 (write b) took effect in between")
    }

    @Test func whatOnlyASearchFindsIsNamedToo() {
        let result = verdict(.counter) { history in
            history.add(.increment, .integer(1), from: 0, to: 10)
            history.add(.read, .integer(1), from: 20, to: 30)
            history.add(.increment, .integer(2), from: 40, to: 50)
            history.add(.read, .integer(1), from: 60, to: 70)
            history.add(.increment, .integer(4), from: 65, to: 80)
        }
        #expect(result.verdict == .invalid)
        #expect(result.violations.first?.prefix == [0, 1, 2, 4])
        #expect(result.violations.first?.operations == [3])
        #expect(
            result.violations.first?.reason
                == "no order explains key k: operation 3 (read of 1) had to take effect before it "
                + "returned; the best order found has operation 4 (increment 4) as the last update "
                + "before it")
    }

    @Test func aReadMaySeeEitherSideOfAConcurrentWrite() {
        for seen in ["a", "b"] {
            let result = verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.write, .text("b"), from: 20, to: 60)
                history.add(.read, .text(seen), from: 30, to: 40)
            }
            #expect(result.verdict == .valid)
        }
    }

    @Test func twoReadsMayNotGoBackInTime() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: 10)
            history.add(.write, .text("b"), from: 20, to: 90)
            history.add(.read, .text("b"), from: 30, to: 40)
            history.add(.read, .text("a"), from: 50, to: 60)
        }
        #expect(result.verdict == .invalid)
    }

    @Test func anUnknownWriteMayTakeEffectMuchLaterOrNever() {
        for seen in ["a", "b"] {
            let result = verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.write, .text("b"), from: 20, to: nil, .info)
                history.add(.read, .text("a"), from: 30, to: 40)
                history.add(.read, .text(seen), from: 500, to: 600)
            }
            #expect(result.verdict == .valid)
        }
    }

    @Test func anUnknownWriteTakesEffectOnlyOnce() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: 10)
            history.add(.write, .text("b"), from: 20, to: nil, .info)
            history.add(.read, .text("b"), from: 30, to: 40)
            history.add(.write, .text("c"), from: 50, to: 60)
            history.add(.read, .text("b"), from: 70, to: 80)
        }
        #expect(result.verdict == .invalid)
    }

    @Test func aFailedWriteMustNotBeSeen() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: 10, .fail)
            history.add(.read, .text("a"), from: 20, to: 30)
        }
        #expect(result.verdict == .invalid)
    }

    @Test func aWriteSeenBeforeItWasInvokedIsFound() {
        let result = verdict { history in
            history.add(.read, .text("a"), from: 0, to: 10)
            history.add(.write, .text("a"), from: 20, to: nil, .info)
        }
        #expect(result.verdict == .invalid)
    }

    @Test func compareAndSetSeesAndReplaces() {
        #expect(
            verdict { history in
                history.add(.cas, .pair(from: nil, to: "a"), from: 0, to: 10)
                history.add(.cas, .pair(from: "a", to: "b"), from: 20, to: 30)
                history.add(.read, .text("b"), from: 40, to: 50)
            }.verdict == .valid)
        #expect(
            verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.cas, .pair(from: "a", to: "b"), from: 20, to: 30)
                history.add(.cas, .pair(from: "a", to: "c"), from: 40, to: 50)
            }.verdict == .invalid)
    }

    @Test func aMismatchIsAnObservation() {
        func history(_ found: HistoryValue) -> CheckVerdict {
            verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.write, .text("b"), from: 20, to: 30)
                history.add(
                    .cas, .pair(from: "x", to: "c"), from: 40, to: 50, .fail, result: found)
            }.verdict
        }
        #expect(history(.text("b")) == .valid)
        #expect(history(.text("a")) == .invalid)
        #expect(history(.text("x")) == .invalid)
    }

    @Test func aChainOfUnknownCompareAndSetsCanExplainARead() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: nil, .info)
            history.add(.cas, .pair(from: "a", to: "b"), from: 5, to: nil, .info)
            history.add(.read, .text("b"), from: 20, to: 30)
            history.add(.read, .text("a"), from: 40, to: 50)
        }
        #expect(result.verdict == .invalid)
        #expect(
            verdict { history in
                history.add(.write, .text("a"), from: 0, to: nil, .info)
                history.add(.cas, .pair(from: "a", to: "b"), from: 5, to: nil, .info)
                history.add(.read, .text("a"), from: 20, to: 30)
                history.add(.read, .text("b"), from: 40, to: 50)
            }.verdict == .valid)
    }

    @Test func deletesBringAbsenceBack() {
        #expect(
            verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.delete, .null, from: 20, to: 30)
                history.add(.read, .null, from: 40, to: 50)
            }.verdict == .valid)
        #expect(
            verdict { history in
                history.add(.write, .text("a"), from: 0, to: 10)
                history.add(.read, .null, from: 40, to: 50)
            }.verdict == .invalid)
    }

    @Test func severalConcurrentValuesAreNoRegister() {
        let result = verdict { history in
            history.add(.write, .text("a"), from: 0, to: 10)
            history.add(.write, .text("b"), from: 0, to: 10)
            history.add(.read, .list(["a", "b"]), from: 20, to: 30)
        }
        #expect(result.verdict == .invalid)
    }

    @Test func countersCount() {
        #expect(
            verdict(.counter) { history in
                history.add(.increment, .integer(1), from: 0, to: 10)
                history.add(.increment, .integer(2), from: 0, to: nil, .info)
                history.add(.read, .integer(1), from: 20, to: 30)
                history.add(.read, .integer(3), from: 40, to: 50)
            }.verdict == .valid)
        #expect(
            verdict(.counter) { history in
                history.add(.increment, .integer(1), from: 0, to: 10)
                history.add(.increment, .integer(1), from: 0, to: 10)
                history.add(.read, .integer(1), from: 20, to: 30)
            }.verdict == .invalid)
        #expect(
            verdict(.counter) { history in
                history.add(.increment, .integer(1), from: 0, to: 10, result: .integer(2))
                history.add(.increment, .integer(1), from: 0, to: 10, result: .integer(2))
            }.verdict == .invalid)
    }

    @Test func listsKeepTheirOrder() {
        #expect(
            verdict(.list) { history in
                history.add(.append, .text("a"), from: 0, to: 10)
                history.add(.append, .text("b"), from: 0, to: nil, .info)
                history.add(.append, .text("c"), from: 20, to: 30)
                history.add(.read, .list(["a", "c"]), from: 40, to: 50)
                history.add(.read, .list(["a", "c", "b"]), from: 60, to: 70)
            }.verdict == .valid)
        #expect(
            verdict(.list) { history in
                history.add(.append, .text("a"), from: 0, to: 10)
                history.add(.append, .text("b"), from: 20, to: 30)
                history.add(.read, .list(["b", "a"]), from: 40, to: 50)
            }.verdict == .invalid)
        #expect(
            verdict(.list) { history in
                history.add(.append, .text("a"), from: 0, to: 50)
                history.add(.append, .text("b"), from: 0, to: 50)
                history.add(.read, .list(["a"]), from: 10, to: 20)
                history.add(.read, .list(["b"]), from: 10, to: 20)
            }.verdict == .invalid)
    }

    @Test func keysAreCheckedApart() {
        let result = verdict { history in
            history.add(.write, .text("a"), key: "x", from: 0, to: 10)
            history.add(.read, .null, key: "y", from: 20, to: 30)
            history.add(.read, .null, key: "x", from: 20, to: 30)
        }
        #expect(result.violations.map(\.key) == ["x"])
        #expect(result.checked == 3)
    }

    @Test func anOperationThatTheTypeDoesNotHaveMakesTheVerdictUnknown() {
        let result = verdict { history in
            history.add(.append, .text("a"), from: 0, to: 10)
        }
        #expect(result.verdict == .unknown)
    }

    @Test func aSearchThatIsTooLongGivesUp() {
        var builder = HistoryBuilder()
        for index in 0..<14 {
            builder.add(.increment, .integer(1 << Int64(index)), from: 0, to: 100)
        }
        builder.add(.read, .integer(-1), from: 0, to: 100)
        let small = Linearizability.check(
            builder.operations, dataType: "default", kind: .counter,
            budget: CheckBudget(statesMax: 1000))
        #expect(small.verdict == .unknown)
        let large = Linearizability.check(
            builder.operations, dataType: "default", kind: .counter)
        #expect(large.verdict == .invalid)
    }

    @Test func aViolationOutweighsWhatIsUnknown() {
        var builder = HistoryBuilder()
        for index in 0..<14 {
            builder.add(.increment, .integer(1 << Int64(index)), key: "a", from: 0, to: 100)
        }
        builder.add(.read, .integer(-1), key: "a", from: 0, to: 100)
        builder.add(.read, .integer(7), key: "b", from: 0, to: 100)
        let result = Linearizability.check(
            builder.operations, dataType: "default", kind: .counter,
            budget: CheckBudget(statesMax: 1000))
        #expect(result.verdict == .invalid)
        #expect(result.violations.map(\.key) == ["b"])
        #expect(result.reason != nil)
    }
}
