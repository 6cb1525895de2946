import Determinism
import Replication
import Scenarios
import Testing

@testable import Conduct

@Suite struct TimelineTests {
    @Test func healsComeBeforeStrikesAndStrikesBeforeActionsOfTheSameMoment() throws {
        let plan = try Plan(
            scenario(
                faults: [
                    fault(2, .isolate(at(0)), for: 1), fault(3, .isolate(at(1)), for: 1),
                    fault(1, .isolate(at(2)), for: 2), fault(5, .kill(at(0), disk: .kept)),
                ], actions: [ActionSpec(at: s(3), .stop(at(1)))]))
        var timeline = Timeline(plan)
        var items: [Timeline.Item] = []
        #expect(timeline.take(at: s(0.5)) == nil)
        #expect(timeline.nextTime == s(1))
        while let entry = timeline.take(at: s(100)) { items.append(entry.item) }
        #expect(
            items == [
                .strike(fault: 2), .strike(fault: 0), .heal(fault: 0), .heal(fault: 2),
                .strike(fault: 1), .action(0), .heal(fault: 1), .strike(fault: 3),
            ])
        #expect(timeline.isOver)
        #expect(timeline.nextTime == nil)
    }

    @Test func nothingIsTakenBeforeItsTime() throws {
        let plan = try Plan(scenario(faults: [fault(2, .isolate(at(0)), for: 1)]))
        var timeline = Timeline(plan)
        #expect(timeline.take(at: s(1.999)) == nil)
        #expect(timeline.take(at: s(2))?.item == .strike(fault: 0))
        #expect(timeline.take(at: s(2.5)) == nil)
        #expect(!timeline.isOver)
    }
}
