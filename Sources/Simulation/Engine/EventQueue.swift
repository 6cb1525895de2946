import Determinism

/// What is to happen when, in virtual time: a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan,
/// 1990), which rests on time never going back.
///
/// Events stand in chains by the highest bit in which their time differs from the time reached,
/// those of that very time in the first. When the first chain is used up, the time of the earliest
/// event of the next one is reached, and that chain's events go to chains before it. So an event
/// moves a few times on its way to the front, and is compared with hardly any other.
///
/// Events for the same instant come out in the order in which they went in: they always share a
/// chain, and chains keep their order. Events are moved into their slots and out of them, never
/// copied: counting references would cost more than the heap.
final class EventQueue<Event> {
    /// The place of an event in its chain; of a free slot, in the chain of those.
    private struct Link {
        var time: Int64
        /// The slot of the next one; negative: there is none.
        var next: Int32
    }

    /// The slots of the first and the last event of a chain that has any.
    private struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    /// Memory for ``capacity`` events. Those of the slots in chains are there.
    private var events: UnsafeMutablePointer<Event>
    /// As many links; those of the first ``slotCount`` slots are there.
    private var links: UnsafeMutablePointer<Link>
    private var capacity = 4096
    private var slotCount: Int32 = 0
    /// The first slot that is free again.
    private var free: Int32 = -1

    /// One for each number of bits from 0 to 63.
    private let chains: UnsafeMutablePointer<Chain>
    /// The bits of the chains that have events.
    private var occupied: UInt64 = 0
    /// The time reached, in nanoseconds.
    private var reached: Int64 = 0
    private(set) var count = 0

    init() {
        events = .allocate(capacity: capacity)
        links = .allocate(capacity: capacity)
        chains = .allocate(capacity: 64)
        chains.initialize(repeating: Chain(), count: 64)
    }

    deinit {
        while occupied != 0 {
            var slot = takeChain()
            while slot >= 0 {
                (events + Int(slot)).deinitialize(count: 1)
                slot = links[Int(slot)].next
            }
        }
        chains.deallocate()
        links.deallocate()
        events.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    /// The time reached; zero at first.
    var now: Instant { Instant(nanoseconds: reached) }

    /// Puts in an event that is due at `instant`; if that has passed, now: what a process that
    /// stood still does late does not happen before.
    func insert(_ event: consuming Event, at instant: Instant) {
        let slot = takeSlot()
        (events + Int(slot)).initialize(to: event)
        links[Int(slot)].time = max(instant.nanoseconds, reached)
        append(slot)
        count += 1
    }

    /// Goes on to the time of the first event, of which there must be one.
    func advance() {
        precondition(count > 0, "nothing is to happen")
        if occupied & 1 == 0 { openNextChain() }
    }

    /// Takes out the first event; the queue must have advanced to it.
    func removeFirst() -> Event {
        precondition(occupied & 1 != 0, "nothing happens now")
        let slot = chains[0].first
        let next = links[Int(slot)].next
        if next < 0 { occupied &= ~1 }
        chains[0].first = next
        links[Int(slot)].next = free
        free = slot
        count -= 1
        return (events + Int(slot)).move()
    }

    /// Reaches the time of the earliest event, all being later than the time reached.
    private func openNextChain() {
        let first = takeChain()
        var slot = first
        var earliest = Int64.max
        while slot >= 0 {
            earliest = min(earliest, links[Int(slot)].time)
            slot = links[Int(slot)].next
        }
        reached = earliest
        slot = first
        while slot >= 0 {
            let next = links[Int(slot)].next
            append(slot)
            slot = next
        }
    }

    /// Empties the chain nearest to the front and returns its first slot.
    private func takeChain() -> Int32 {
        let chain = occupied.trailingZeroBitCount
        occupied &= occupied - 1
        return chains[chain].first
    }

    /// Puts the event in `slot` at the end of its chain.
    @inline(__always)
    private func append(_ slot: Int32) {
        let chain = 64 - (links[Int(slot)].time ^ reached).leadingZeroBitCount
        links[Int(slot)].next = -1
        if occupied & 1 << chain == 0 {
            occupied |= 1 << chain
            chains[chain].first = slot
        } else {
            links[Int(chains[chain].last)].next = slot
        }
        chains[chain].last = slot
    }

    private func takeSlot() -> Int32 {
        if free >= 0 {
            let slot = free
            free = links[Int(slot)].next
            return slot
        }
        if slotCount == capacity { grow() }
        slotCount += 1
        return slotCount - 1
    }

    private func grow() {
        precondition(capacity < 1 << 30, "more events under way than the queue holds")
        events = Self.wider(events, capacity)
        links = Self.wider(links, capacity)
        capacity *= 2
    }

    private static func wider<Element>(
        _ memory: UnsafeMutablePointer<Element>, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        let wider = UnsafeMutablePointer<Element>.allocate(capacity: count * 2)
        wider.moveInitialize(from: memory, count: count)
        memory.deallocate()
        return wider
    }
}
