import Determinism
import Scenarios
import Testing

/// Damaged scenario files: each is refused with a place in the file, or it can be planned.
@Suite struct MutationTests {
    /// A text cut into words, blanks and marks.
    private static func tokens(_ bytes: [UInt8]) -> [[UInt8]] {
        func kind(_ byte: UInt8) -> Int {
            switch byte {
            case 0x20: return 0
            case 0x0A: return 1
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x25, 0x2E: return 2
            case _: return Int(byte) + 3
            }
        }
        var result: [[UInt8]] = []
        for byte in bytes {
            if let last = result.last?.last, kind(last) == kind(byte), kind(byte) < 3 {
                result[result.count - 1].append(byte)
            } else {
                result.append([byte])
            }
        }
        return result
    }

    private static let oddities: [String] = [
        "", "~", "null", "NO", "0", "-1", "1e999", "99999999999999999999", "[]", "{}", "[", "}",
        "&a", "*a", "!!int", "|", ">", "- -", "? ", ": ", "\t", "\u{FEFF}", "\u{1F600}", "\r", "#",
        "'", "\"", "%", "@", "---", "...", "<<", "us-east-1", "leader", "random", "minority", "x3",
        "1000d", "0s", "f99", "all", "on", "2s..1s",
    ]

    static func mutated(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
        var tokens = tokens(bytes)
        for _ in 0...random.index(3) {
            if tokens.isEmpty { break }
            let place = random.index(tokens.count)
            switch random.index(8) {
            case 0: tokens.remove(at: place)
            case 1: tokens.insert(tokens[place], at: place)
            case 2: tokens[place] = tokens[random.index(tokens.count)]
            case 3: tokens[place] = Array(oddities[random.index(oddities.count)].utf8)
            case 4: tokens.swapAt(place, random.index(tokens.count))
            case 5:
                // Other indentation.
                let blanks = tokens.indices.filter { tokens[$0].allSatisfy { $0 == 0x20 } }
                guard !blanks.isEmpty else { continue }
                let width = random.index(9)
                tokens[blanks[random.index(blanks.count)]] = Array(repeating: 0x20, count: width)
            case 6:
                let byte = UInt8(truncatingIfNeeded: random.next())
                tokens.insert([byte], at: place)
            case _:
                let end = min(tokens.count, place + 1 + random.index(20))
                tokens.removeSubrange(place..<end)
            }
        }
        return Array(tokens.joined())
    }

    @Test(arguments: 0..<400)
    func damagedFilesAreRefusedWithAPlaceOrPlanned(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "mutation")
        let file = Shipped.names[random.index(Shipped.names.count)]
        let bytes = Self.mutated(try Shipped.bytes(file), &random)
        do {
            let scenario = try Scenario.decode(
                bytes: bytes, file: file, strategies: Strategies.all)
            let plan: Plan
            do { plan = try Plan(scenario, seed: seed) } catch {
                // What was drawn leaves nothing whole: no single place of the file is to blame.
                #expect(!error.problems.isEmpty)
                return
            }
            let again = try Scenario.decode(yaml: plan.yaml, strategies: Strategies.all)
            #expect(try Plan(again) == plan, "\(String(decoding: bytes, as: UTF8.self))")
        } catch {
            #expect(!error.problems.isEmpty)
            let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).count
            for problem in error.problems {
                #expect(problem.file == file, "\(problem)")
                let location = try #require(problem.location, "\(problem)")
                // A carriage return ends a line too, so a few more lines are possible.
                #expect((1...(lines + 4)).contains(location.line), "\(problem)")
                #expect(location.column >= 1)
                #expect(!problem.found.isEmpty)
            }
        }
    }

    @Test(arguments: 0..<100)
    func noiseIsRefused(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "noise")
        let bytes = (0..<random.index(400)).map { _ in
            random.chance(0.5)
                ? UInt8(truncatingIfNeeded: random.next())
                : Array("[]{}:,-?*& \n".utf8)[random.index(12)]
        }
        #expect(throws: ScenarioError.self) {
            try Scenario.decode(bytes: bytes, file: "noise", strategies: Strategies.all)
        }
    }
}
