import Foundation
import Scenarios
import Testing

/// The examples in the documentation of the format are valid scenarios.
@Suite struct DocumentationTests {
    static let examples: [String] = {
        let file = Shipped.folder.deletingLastPathComponent()
            .appendingPathComponent("docs/scenario-format.md")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```yaml\n").dropFirst().map { part in
            part.components(separatedBy: "```").first ?? ""
        }
    }()

    @Test func thereAreExamples() { #expect(Self.examples.count >= 5) }

    @Test(arguments: examples)
    func everyExampleIsAValidScenario(_ example: String) throws {
        let scenario = try decode(example)
        #expect(try Plan(scenario).scenario.name == scenario.name)
    }
}
