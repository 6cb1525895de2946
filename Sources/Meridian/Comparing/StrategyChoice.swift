/// A strategy with some of its options, as a command line names it: `quorum:read=1:write=1`.
package struct StrategyChoice: Hashable, Sendable {
    /// The text.
    package var text: String
    /// The strategy's name.
    package var name: String
    /// The options, as they would stand in a scenario file.
    package var options: [Option]

    /// An option with its value.
    package struct Option: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// The choice that `text` names; `nil` if it has another form.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.text = text
        self.name = name
        options = []
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { return nil }
            options.append(Option(name: sides[0], value: sides[1]))
        }
    }
}
