import Determinism

/// What is to happen when, in virtual time: a heap of four children per parent over the times,
/// with the events themselves in slots beside it, so that sorting moves 16 bytes at a time.
///
/// Events for the same instant come out in the order in which they went in. They are moved into
/// their slots and out of them, never copied: counting references would cost more than the heap.
final class EventQueue<Event> {
    private struct Entry {
        var time: Int64
        /// The order of coming in, in the upper 40 bits; the slot in the lower 24.
        var tag: UInt64

        var slot: Int { Int(tag & EventQueue.slotMask) }

        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : tag < other.tag
        }
    }

    private static var slotBits: UInt64 { 24 }
    private static var slotMask: UInt64 { 1 << slotBits - 1 }

    /// Memory for ``capacity`` entries, of which the first ``count`` are there.
    private var heap: UnsafeMutablePointer<Entry>
    /// Memory for as many events; those that the heap names are there.
    private var slots: UnsafeMutablePointer<Event>
    private var capacity = 4096
    private(set) var count = 0
    private var slotCount = 0
    private var freeSlots: ContiguousArray<Int32> = []
    private var inserted: UInt64 = 0

    init() {
        heap = .allocate(capacity: capacity)
        slots = .allocate(capacity: capacity)
    }

    deinit {
        for place in 0..<count { (slots + heap[place].slot).deinitialize(count: 1) }
        slots.deallocate()
        heap.deallocate()
    }

    var isEmpty: Bool { count == 0 }
    /// When the first event is due; never if there is none.
    var nextTime: Instant {
        count == 0 ? .distantFuture : Instant(nanoseconds: heap[0].time)
    }

    func insert(_ event: consuming Event, at instant: Instant) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
        } else {
            if slotCount == capacity { grow() }
            slot = slotCount
            slotCount += 1
        }
        (slots + slot).initialize(to: event)
        inserted += 1
        let entry = Entry(
            time: instant.nanoseconds, tag: inserted << Self.slotBits | UInt64(slot))
        count += 1
        siftUp(entry, from: count - 1)
    }

    /// Takes out the first event, of which there must be one.
    func removeFirst() -> Event {
        precondition(count > 0, "nothing is to happen")
        let first = heap[0]
        count -= 1
        if count > 0 { siftDown(heap[count]) }
        freeSlots.append(Int32(first.slot))
        return (slots + first.slot).move()
    }

    private func grow() {
        precondition(
            capacity < 1 << Self.slotBits, "more events under way than the queue holds")
        slots = Self.wider(slots, capacity)
        heap = Self.wider(heap, capacity)
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

    /// Puts `entry` in the place `start`, or further up.
    private func siftUp(_ entry: Entry, from start: Int) {
        let heap = heap
        var child = start
        while child > 0 {
            let parent = (child - 1) >> 2
            guard entry.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    /// Puts `entry` in the first place, or further down.
    private func siftDown(_ entry: Entry) {
        let heap = heap
        let count = count
        var parent = 0
        while true {
            let first = parent << 2 + 1
            if first >= count { break }
            var smallest = first
            let end = min(first + 4, count)
            var child = first + 1
            while child < end {
                if heap[child].precedes(heap[smallest]) { smallest = child }
                child += 1
            }
            guard heap[smallest].precedes(entry) else { break }
            heap[parent] = heap[smallest]
            parent = smallest
        }
        heap[parent] = entry
    }
}
