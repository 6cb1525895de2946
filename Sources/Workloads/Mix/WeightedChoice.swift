import Determinism
import Scenarios

/// Draws items by their weights.
package struct WeightedChoice<Item: Sendable>: Sendable {
    private let items: [Item]
    private let upTo: [Double]

    /// A choice among the items whose weight is above 0; `nil` if there is none, or if a weight
    /// is negative or not a number.
    package init?(_ weighted: [(item: Item, weight: Double)]) {
        var items: [Item] = []
        var upTo: [Double] = []
        var sum = 0.0
        for (item, weight) in weighted {
            guard weight >= 0, weight.isFinite else { return nil }
            if weight == 0 { continue }
            sum += weight
            items.append(item)
            upTo.append(sum)
        }
        if items.isEmpty { return nil }
        self.items = items
        self.upTo = upTo
    }

    /// Draws an item. A choice of one draws no random number.
    package func next(_ random: inout RandomStream) -> Item {
        let last = items.count - 1
        if last == 0 { return items[0] }
        let point = random.unit() * upTo[last]
        for index in 0..<last where point < upTo[index] { return items[index] }
        return items[last]
    }
}
