/// A text that puts replace and appends lengthen. Absence is the empty text.
///
/// Knows dead ends where texts only grow any more: what must still be seen begins with what is
/// there.
struct TextModel: ObjectModel {
    enum Call: Hashable {
        /// Saw the text with this number.
        case get(Int64)
        /// Replaced it by the text with this number.
        case put(Int64)
        /// Lengthened it by the text with this number.
        case append(Int64)
        /// Saw something that is no text.
        case impossible
    }

    let initial: Int64 = 0
    private var states = StateTable<UInt8>()
    /// Texts that some operation must see, the shortest first, and how many not yet in the order.
    private var awaited: [Int64] = []
    private var readers: [Int64: Int] = [:]
    /// The shortest that is still awaited, by its place, or one before it.
    private var shortest = 0
    private var puts = 0

    /// The number of a text.
    mutating func number(of text: String) -> Int64 { states.number(Array(text.utf8)) }

    /// Makes ready for a search over `calls`.
    mutating func prepare(_ calls: [ObjectCall<Call>]) {
        for call in calls { count(call.call, isDefinite: call.returned != nil, by: 1) }
        awaited = readers.keys.sorted {
            (states.content($0).count, $0) < (states.content($1).count, $1)
        }
        places = Dictionary(
            uniqueKeysWithValues: awaited.enumerated().map { ($0.element, $0.offset) })
        shortest = 0
    }
    private var places: [Int64: Int] = [:]

    private mutating func count(_ call: Call, isDefinite: Bool, by amount: Int) {
        switch call {
        case .get(let text):
            guard isDefinite else { return }
            readers[text, default: 0] += amount
            if amount > 0, let place = places[text] { shortest = min(shortest, place) }
        case .put: puts += amount
        case .append, .impossible: break
        }
    }

    mutating func step(_ state: Int64, _ call: Call) -> Int64? {
        switch call {
        case .get(let text): return text == state ? state : nil
        case .put(let text): return text
        case .append(let text):
            let piece = states.content(text)
            return states.step(from: state, by: text) { $0 + piece }
        case .impossible: return nil
        }
    }

    func isPure(_ call: Call) -> Bool {
        switch call {
        case .get: true
        case .put, .append, .impossible: false
        }
    }

    mutating func enter(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: -1)
        while shortest < awaited.count, readers[awaited[shortest]] == 0 { shortest += 1 }
    }
    mutating func leave(_ call: Call, isDefinite: Bool) {
        count(call, isDefinite: isDefinite, by: 1)
    }

    func isDeadEnd(from state: Int64, to next: Int64) -> Bool {
        guard puts == 0, shortest < awaited.count else { return false }
        let text = states.content(next)
        let seen = states.content(awaited[shortest])
        return text.count > seen.count || !seen.starts(with: text)
    }
}
