import Consistency
import Testing

/// Each session guarantee alone.
@Suite struct ValueGuaranteesTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var line: String
        var broken: Set<SessionGuarantee>
        var testDescription: String { line }
    }

    static let examples = [
        Example(line: "wx1 rx1 rx1", broken: []),
        Example(line: "wx1 rx0", broken: [.readYourWrites]),
        Example(line: "wx1 wx2 rx1", broken: [.readYourWrites]),
        Example(line: "rx2 wx1 rx2 | wx2", broken: [.readYourWrites]),
        // Another's write may have replaced one's own.
        Example(line: "wx1 rx2 | wx2", broken: []),
        Example(line: "wx1 | rx1 rx0", broken: [.monotonicReads]),
        Example(line: "wx1 | wx2 | rx1 rx2 rx1", broken: [.monotonicReads]),
        // Two sessions that see concurrent writes in different orders keep all.
        Example(line: "wx1 | wx2 | rx1 rx2 | rx2 rx1", broken: []),
        Example(line: "wx1 wx2 | rx2 rx1", broken: [.monotonicWrites]),
        Example(line: "wx1 wy1 | ry1 rx0", broken: [.monotonicWrites]),
        Example(line: "wx1 | rx1 wx2 | rx2 rx1", broken: [.writesFollowReads]),
        Example(line: "wx1 | rx1 wy1 | ry1 rx0", broken: [.writesFollowReads]),
        Example(line: "wx1 | rx1wx2 | rx2 rx1", broken: [.writesFollowReads]),
        // Nobody wrote it; or only later, in the same session.
        Example(line: "rx7", broken: Set(SessionGuarantee.allCases)),
        Example(line: "rx1 wx1", broken: Set(SessionGuarantee.allCases)),
    ]

    @Test(arguments: examples) func guarantees(example: Example) {
        let results = ValueGuarantees.check(sessions(example.line))
        for guarantee in SessionGuarantee.allCases {
            let expected: CheckVerdict = example.broken.contains(guarantee) ? .invalid : .valid
            #expect(results[guarantee]?.verdict == expected, "\(guarantee.rawValue)")
            #expect((results[guarantee]?.reason == nil) == (expected == .valid))
        }
    }

    @Test func repeatedValuesAreUnknown() {
        let results = ValueGuarantees.check(sessions("wx1 | wx1 | rx1"))
        for guarantee in SessionGuarantee.allCases {
            #expect(results[guarantee]?.verdict == .unknown)
        }
    }
}
