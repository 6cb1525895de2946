import Determinism
import Geography
import Testing

/// A link that serves urgent frames first, with a clock of its own. It is 8 kbit/s wide, so a byte
/// takes a millisecond, and its way takes 10 ms.
private struct PriorityHarness {
    var link: Link
    var now = Instant.zero
    var released: [(ticket: LinkTicket, due: Instant)] = []
    var discarded: [LinkTicket] = []
    var resets = 0

    init(
        prioritises: Bool = true, bandwidth: UInt64? = 8000, queueBytesMax: Int = 1_000_000,
        loss: Double = 0, ordering: LinkOrdering = .fifo
    ) {
        link = Link(
            profile: LinkProfile(
                oneWay: .milliseconds(10), loss: loss, bandwidth: bandwidth,
                queueBytesMax: queueBytesMax, ordering: ordering,
                connectionTimeout: .seconds(600)),
            random: RandomStream(seed: 1, name: "link"), prioritises: prioritises)
        var outputs: [LinkOutput] = []
        link.start(now: now, into: &outputs)
        _ = link.connectionOpened(now: now, into: &outputs)
        now = .zero + .seconds(100)
    }

    mutating func offer(_ bytes: Int, _ priority: TrafficPriority) -> LinkVerdict {
        link.offer(bytes: bytes, kind: .other, priority: priority, now: now)
    }

    mutating func ticket(_ bytes: Int, _ priority: TrafficPriority) -> LinkTicket? {
        if case .held(let ticket) = offer(bytes, priority) { return ticket }
        return nil
    }

    mutating func set(_ conditions: LinkCondition...) {
        var outputs: [LinkOutput] = []
        link.setConditions(conditions, now: now, into: &outputs)
        take(outputs)
    }

    mutating func pass(_ span: TimeSpan) {
        now = now + span
        var outputs: [LinkOutput] = []
        link.advance(to: now, into: &outputs)
        take(outputs)
    }

    private mutating func take(_ outputs: [LinkOutput]) {
        for output in outputs {
            switch output {
            case .release(let ticket, let due): released.append((ticket, due))
            case .discard(let ticket): discarded.append(ticket)
            case .reset: resets += 1
            case .connect: break
            }
        }
    }

    /// When the frame under `ticket` arrives, counted in milliseconds from 100 s.
    func due(_ ticket: LinkTicket?) -> Double? {
        released.first { $0.ticket == ticket }.map {
            ($0.due - (.zero + .seconds(100))).milliseconds
        }
    }
}

@Suite struct LinkPriorityTests {
    @Test func anUrgentFrameOvertakesWhatWaits() throws {
        var link = PriorityHarness()
        #expect(link.offer(100, .low) == .due(.zero + .seconds(100) + .milliseconds(110)))
        let bulk = (0..<5).map { _ in link.ticket(100, .low) }
        let urgent = link.ticket(100, .high)
        link.pass(.seconds(10))
        #expect(link.due(urgent) == 210)
        #expect(bulk.map { link.due($0) } == [310, 410, 510, 610, 710])
    }

    @Test func withoutPrioritiesEverythingLeavesInTheOrderOfSending() {
        var link = PriorityHarness(prioritises: false)
        for number in 1...5 {
            let way = TimeSpan.milliseconds(Double(number) * 100 + 10)
            let due = link.now + way
            #expect(link.offer(100, number == 5 ? .high : .low) == .due(due))
        }
        #expect(link.link.nextWake == .distantFuture)
    }

    @Test func aWideLinkHasNoQueues() {
        var link = PriorityHarness(bandwidth: nil)
        for _ in 0..<5 {
            #expect(link.offer(100_000, .low) == .due(link.now + .milliseconds(10)))
        }
    }

    @Test func aLargeFrameIsOvertakenWithinIt() {
        var link = PriorityHarness()
        let bulk = link.ticket(15_000, .low)
        link.pass(.milliseconds(10))
        let urgent = link.ticket(100, .high)
        link.pass(.seconds(30))
        // The piece under way goes first, then the urgent frame, then the rest.
        #expect(link.due(urgent) == 1610)
        #expect(link.due(bulk) == 15_110)
    }

    @Test func framesOfOnePriorityKeepTheirOrder() {
        var link = PriorityHarness()
        var tickets: [TrafficPriority: [LinkTicket]] = [:]
        for number in 0..<200 {
            let priority = TrafficPriority.allCases[number % 3]
            if let ticket = link.ticket(10 + number * 31 % 2000, priority) {
                tickets[priority, default: []].append(ticket)
            }
            if number % 7 == 0 { link.pass(.milliseconds(50)) }
        }
        link.pass(.seconds(1000))
        for priority in TrafficPriority.allCases {
            let mine = Set(tickets[priority] ?? [])
            let order = link.released.map(\.ticket).filter(mine.contains)
            #expect(order == tickets[priority])
        }
        #expect(link.link.counters.framesStamped == 200)
        let dues = link.released.map(\.due)
        #expect(dues == dues.sorted(), "a connection delivers in the order of release")
    }

    @Test func nobodyIsStarved() throws {
        var link = PriorityHarness()
        for _ in 0..<3000 {
            _ = link.offer(100, .high)
            _ = link.offer(100, .normal)
            _ = link.offer(100, .low)
        }
        link.pass(.seconds(170))
        let counters = link.link.counters
        let bytes = TrafficPriority.allCases.map { Double(counters[$0].bytes) }
        let all = bytes.reduce(0, +)
        #expect((0.8...0.9).contains(bytes[0] / all))
        // An eighth of what is more urgent, and a sixteenth.
        #expect((0.11...0.13).contains(bytes[1] / bytes[0]))
        #expect((0.055...0.07).contains(bytes[2] / (bytes[0] + bytes[1])))
    }

    @Test func theLinkIsUsedWholly() {
        var link = PriorityHarness()
        for number in 0..<100 {
            link.pass(.milliseconds(1))
            _ = link.offer(10 + number * 37 % 3000, TrafficPriority.allCases[number % 3])
        }
        let sizes = (0..<100).map { 10 + $0 * 37 % 3000 }
        let bytes = sizes.reduce(0, +)
        link.pass(.seconds(1000))
        let last = link.released.map(\.due).max()
        let begin = Instant.zero + .seconds(100)
        #expect(last == begin + TimeSpan.milliseconds(Double(bytes) + 11))
    }

    @Test func eachPriorityHasABoundOfItsOwn() {
        var link = PriorityHarness(queueBytesMax: 1000)
        _ = link.offer(100, .low)
        for _ in 0..<10 { #expect(link.ticket(100, .low) != nil) }
        #expect(link.offer(100, .low) == .full)
        #expect(link.ticket(100, .high) != nil)
        #expect(link.link.counters.framesTurnedAway == 1)
    }

    @Test func aQueueHoldsWhatTheLinkCarriesInTheConnectionTimeout() {
        // 8 kbit/s for 600 s are 600 KB.
        var link = PriorityHarness(queueBytesMax: 10_000_000)
        #expect(link.ticket(700_000, .normal) != nil, "the first is taken however large it is")
        #expect(link.offer(100, .normal) == .full)
        for _ in 0..<60 { #expect(link.ticket(10_000, .low) != nil) }
        #expect(link.offer(10_000, .low) == .full)
    }

    @Test func aResetForgetsWhatWaits() {
        var link = PriorityHarness()
        _ = link.offer(100, .low)
        for _ in 0..<5 { _ = link.offer(100, .low) }
        var outputs: [LinkOutput] = []
        link.link.reset(now: link.now, into: &outputs)
        #expect(outputs == [.reset(.injected)])
        #expect(link.link.counters.framesLostInReset == 5)
        link.pass(.seconds(100))
        #expect(link.released.isEmpty)
        #expect(link.link.nextWake == .distantFuture)
    }

    @Test func whatWaitsLeavesWhenTheLinkIsWideAgain() {
        var link = PriorityHarness(bandwidth: nil)
        link.set(.bandwidth(8000))
        _ = link.offer(100, .low)
        let bulk = (0..<3).map { _ in link.ticket(1000, .low) }
        let urgent = link.ticket(100, .high)
        link.set()
        #expect(link.released.map(\.ticket) == [urgent] + bulk)
        #expect(link.released.allSatisfy { $0.due >= link.now + .milliseconds(10) })
        #expect(link.link.nextWake == .distantFuture)
    }

    @Test func aCutHoldsWhatWaitsAndItsOrderHoldsAfterTheHeal() throws {
        var link = PriorityHarness()
        _ = link.offer(100, .low)
        let before = (0..<3).map { _ in link.ticket(100, .low) }
        link.set(.held)
        link.pass(.seconds(2))
        #expect(link.released.isEmpty)
        #expect(link.link.counters.framesHeld == 1, "only what left was lost on the way")
        let during = (0..<3).map { _ in link.ticket(100, .low) }
        let urgent = link.ticket(100, .high)
        link.set()
        link.pass(.seconds(60))
        let order = link.released.map(\.ticket)
        #expect(order.filter { $0 != urgent } == (before + during).compactMap { $0 })
        #expect(order.first == urgent)
        #expect(order.count == 7)
    }

    @Test func silenceResetsAConnectionWhoseFramesWait() {
        var link = PriorityHarness()
        _ = link.offer(100, .low)
        for _ in 0..<3 { _ = link.offer(100, .low) }
        link.set(.held)
        link.pass(.seconds(601))
        #expect(link.resets == 1)
        #expect(link.link.counters.framesLostInReset == 3)
    }

    @Test func whatVanishesAtTheMessageLayerIsToldToTheHost() {
        var link = PriorityHarness()
        _ = link.offer(100, .low)
        let waiting = (0..<3).map { _ in link.ticket(100, .low) }
        link.set(.dropped)
        #expect(link.offer(100, .high) == .lost)
        link.pass(.seconds(10))
        #expect(link.discarded == waiting.compactMap { $0 })
        #expect(link.link.counters.framesDropped == 4)
        #expect(link.released.isEmpty)
    }

    @Test func aHostThatIsLateLosesNoBandwidth() {
        var prompt = PriorityHarness()
        var late = PriorityHarness()
        for number in 0..<40 {
            let priority = TrafficPriority.allCases[number % 3]
            _ = prompt.offer(700, priority)
            _ = late.offer(700, priority)
        }
        for _ in 0..<4000 { prompt.pass(.milliseconds(10)) }
        late.pass(.seconds(40))
        #expect(prompt.released.map(\.ticket) == late.released.map(\.ticket))
        #expect(prompt.released.map(\.due) == late.released.map(\.due))
    }

    @Test func nothingIsLostOrRepeatedUnderFaults() {
        var random = RandomStream(seed: 5, name: "faults")
        for round in 0..<60 {
            var link = PriorityHarness(
                loss: round % 2 == 0 ? 0 : 0.2, ordering: round % 3 == 0 ? .none : .fifo)
            var held: [LinkTicket] = []
            for _ in 0..<200 {
                switch random.below(12) {
                case 0: link.set(.held)
                case 1: link.set(.bandwidth(4000))
                case 2: link.set(.acknowledgementsLost(window: 3000))
                case 3, 4: link.set()
                case 5: link.pass(.milliseconds(Double(random.below(3000))))
                default:
                    let priority = TrafficPriority.allCases[Int(random.below(3))]
                    if let ticket = link.ticket(Int(random.below(4000)) + 1, priority) {
                        held.append(ticket)
                    }
                }
            }
            link.set()
            link.pass(.seconds(400))
            let released = link.released.map(\.ticket)
            if link.resets == 0 { #expect(released.sorted() == held) }
            #expect(Set(released).count == released.count)
        }
    }
}

@Suite struct TicketTableTests {
    @Test func ticketsComeOutInAnyOrderOnce() {
        var random = RandomStream(seed: 3, name: "table")
        var table = TicketTable<Int>()
        var kept: [Int] = []
        var next = 0
        for _ in 0..<20_000 {
            if kept.isEmpty || random.below(100) < 52 {
                table.insert(next, under: LinkTicket(rawValue: UInt64(next)))
                kept.append(next)
                next += 1
            } else {
                // Mostly a late one: the oldest stay.
                let index = kept.count - 1 - Int(random.below(UInt64(min(kept.count, 8))))
                let ticket = LinkTicket(rawValue: UInt64(kept[index]))
                #expect(table.remove(ticket) == kept.remove(at: index))
                #expect(table.remove(ticket) == nil)
            }
            #expect(table.count == kept.count)
        }
        for number in kept {
            #expect(table.remove(LinkTicket(rawValue: UInt64(number))) == number)
        }
        #expect(table.count == 0)
    }
}
