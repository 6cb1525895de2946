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

    /// The choice that `text` names.
    ///
    /// - Throws: ``Malformed`` if it has another form, or says something twice.
    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else {
            throw Malformed("'\(text)' is not NAME or NAME:option=value:…")
        }
        self.text = text
        self.name = name
        options = []
        for part in parts.dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else {
                throw Malformed("'\(text)' is not NAME or NAME:option=value:…")
            }
            if Self.kept.contains(sides[0]) {
                throw Malformed(
                    "'\(text)': '\(sides[0])' is no option of a strategy; it stands in the scenario"
                )
            }
            if options.contains(where: { $0.name == sides[0] }) {
                throw Malformed("'\(text)': '\(sides[0])' stands there twice")
            }
            options.append(Option(name: sides[0], value: sides[1]))
        }
    }

    /// What a strategy's place says besides its options, and a choice does not exchange.
    private static let kept = ["strategy", "regions", "value", "priority", "operations"]

    /// The choices in a list with commas between; those in brackets are of a list of an option.
    package static func list(_ text: String) throws(Malformed) -> [StrategyChoice] {
        var texts = [""]
        var depth = 0
        for character in text {
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if character == ",", depth == 0 {
                texts.append("")
            } else {
                texts[texts.count - 1].append(character)
            }
        }
        var choices: [StrategyChoice] = []
        for text in texts {
            let choice = try StrategyChoice(text)
            if choices.contains(where: { $0.text == text }) {
                throw Malformed("'\(text)' stands there twice")
            }
            choices.append(choice)
        }
        return choices
    }

    /// What is wrong with the text of a choice.
    package struct Malformed: Error, CustomStringConvertible {
        /// What is wrong, in a sentence.
        package var description: String

        init(_ description: String) { self.description = description }
    }
}
