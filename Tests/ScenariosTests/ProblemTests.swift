import Determinism
import Foundation
import Replication
import Testing

@testable import Scenarios

/// What is said of scenarios that are wrong: everything, and where.
@Suite struct ProblemTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var yaml: String
        var problems: [String]
        var testDescription: String { yaml }
    }

    static let script: [Case] = ProblemScript.text.components(separatedBy: "\n===\n").map { text in
        let sides = text.components(separatedBy: "\n---\n")
        return Case(
            yaml: sides[0].replacingOccurrences(of: "(regions)", with: ProblemScript.regions),
            problems: sides[sides.count - 1].components(separatedBy: "\n"))
    }

    @Test(arguments: script)
    func everyProblemIsToldWithItsPlace(_ wrong: Case) {
        #expect(problems(wrong.yaml).map(\.description) == wrong.problems)
    }

    @Test func theScriptIsNotEmpty() { #expect(Self.script.count > 90) }

    @Test func nothingIsNoScenario() {
        for text in ["", "\n\n", "# a comment\n", "---\n", "--- \n...\n", "~"] {
            let first = problems(text).first
            #expect(first?.location == SourceLocation(line: 1, column: 1), "\(text)")
        }
    }

    @Test func tabsAreNamed() {
        let found = problems("name: x\n\ttopology: 1\n")
        #expect(
            found.map(\.description) == ["2:1: a tab; expected spaces for indentation"])
    }

    @Test func controlCharactersAreNamed() {
        let found = problems("name: \u{7}x").map(\.description)
        #expect(found == ["1:7: the control character U+0007; expected printable text"])
        #expect(problems("name: x\u{FEFF}").first?.location == SourceLocation(line: 1, column: 8))
        #expect(problems("\u{FEFF}name: x").first?.found == "'topology' is missing")
    }

    @Test func bytesThatAreNoTextAreNamed() {
        for bytes in [
            [0x61, 0x0A, 0x62, 0xFF], [0x61, 0x0A, 0x62, 0xC3],
            [0x61, 0x0A, 0x62, 0xED, 0xA0, 0x80],
        ]
            as [[UInt8]]
        {
            do {
                _ = try Scenario.decode(bytes: bytes, file: "f", strategies: Strategies.all)
                Issue.record("\(bytes) was taken for a scenario")
            } catch {
                #expect(
                    error.description
                        == "f:2:2: bytes that are not UTF-8; expected a text file in UTF-8")
            }
        }
    }

    @Test func tooLargeAFileIsRefusedUnread() {
        let text = "name: x #" + String(repeating: "x", count: Limits.scenarioBytesMax)
        #expect(problems(text).first?.found == "the file has more than 1048576 bytes")
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
        String(repeating: "- ", count: 100_000),
        "name: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        "name: " + String(repeating: "{a: ", count: 900) + String(repeating: "}", count: 900),
        String(repeating: "? ", count: 900) + "a",
        (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func deepNestingIsRefused(_ text: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.location != nil)
    }

    @Test func aliasesAreFollowed() throws {
        let scenario = try decode(
            """
            name: aliases
            topology: {regions: [&home us-east-1, eu-west-1, ca-central-1]}
            replication: {strategy: raft, preferred_leader: *home}
            faults:
              - {at: 1s, isolate: *home, for: &long 5s}
              - {at: 9s, kill: *home, for: *long}
            """)
        #expect(scenario.faults[1].duration == .seconds(5))
    }

    /// Nine aliases each of the one before: a billion parts if written out.
    @Test func aliasesThatExplodeAreRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let parts = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(parts)]\n"
        }
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.found == "more than 100000 parts, aliases written out")
        for key in ["? *a9\n: x", "*a9 : x", "{*a9 : x}: y", "[*a9]: x", "? [*a9]\n: x"] {
            let found = problems(text + key)
            #expect(found.first?.found == "an alias in a key", "\(key)")
        }
    }

    @Test func aMissingFileIsNamed() {
        let path = "/nowhere/scenario.yaml"
        do {
            _ = try Scenario.load(path: path, strategies: Strategies.all)
            Issue.record("there is no \(path)")
        } catch {
            #expect(error.description.hasPrefix("\(path): the file cannot be read"))
        }
    }

    @Test func aFolderIsNoFile() {
        #expect(throws: ScenarioError.self) {
            try Scenario.load(path: "/", strategies: Strategies.all)
        }
    }

    @Test func allProblemsAreToldInTheOrderOfTheFile() {
        let found = problems(
            """
            name: x
            seed: many
            duration: long
            topology:
              regions: [us-east-1, us-east-9]
              ordering: lifo
            replication: {strategy: raft, preferred_leader: us-east-9, prevote: maybe}
            faults:
              - {at: soon, isolate: us-east-9, for: 10s}
              - {at: 1s, explode: us-east-1}
            expect: [linearizable, eternal]
            """)
        // What is said of the unknown region is said once, where it is introduced.
        #expect(found.map { $0.location?.line } == [2, 3, 5, 6, 7, 9, 10, 11])
    }

    @Test func scenariosMadeInCodeAreCheckedByPath() throws {
        var scenario = try decode(ProblemScript.regions)
        scenario.replication.strategy = "paxos"
        scenario.faults = [FaultSpec(at: .once(.seconds(-1)), .kill(.leader(nil), disk: .kept))]
        let found = scenario.problems(strategies: Strategies.all).map(\.description)
        #expect(
            found == [
                "replication.strategy: unknown strategy 'paxos'; expected raft, eventual, quorum or primary-backup",
                "faults[0].at: a fault at -1s; expected a time from 0 on",
            ])
    }
}
