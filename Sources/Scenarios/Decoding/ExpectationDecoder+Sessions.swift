import Determinism

extension ExpectationDecoder {
    static func sessionExample(_ name: String) -> String {
        switch name {
        case "session_hits": "session_hits: {at_least: 90%}"
        case "session_spread", "revocation_spread": "\(name): {percentile: 99, at_most: 1s}"
        case _: "\(name): 0"
        }
    }

    func decodeSessions(_ name: String, _ reader: Reader) -> Expectation? {
        switch name {
        case "session_hits":
            return reader.mapping(expected: "a mapping, as in '\(Self.sessionExample(name))'") {
                map in
                map.required("at_least", expected: "a share")?.value(.share)
                    .map { .sessions(.hits(atLeast: $0)) }
            }
        case "session_spread", "revocation_spread":
            return reader.mapping(expected: "a mapping, as in '\(Self.sessionExample(name))'") {
                map in
                let percentile: Double? = map.required("percentile", expected: "a percentile")?
                    .value(.percentile)
                let span: TimeSpan? = map.required("at_most", expected: "a duration")?
                    .value(.positiveDuration)
                guard let percentile, let span else { return nil }
                return name == "session_spread"
                    ? .sessions(.spread(percentile: percentile, atMost: span))
                    : .sessions(.revocationSpread(percentile: percentile, atMost: span))
            }
        case _:
            let notation = Notation<Int>.integer(0...Int.max)
            let count: Int? =
                reader.isMapping
                ? reader.mapping(expected: "a mapping") { map in
                    map.required("at_most", expected: "a number")?.value(notation)
                } : reader.value(notation)
            guard let count else { return nil }
            switch name {
            case "sessions_lost": return .sessions(.lost(atMost: count))
            case "revoked_validations": return .sessions(.revokedValidations(atMost: count))
            case _: return .sessions(.expiredValidations(atMost: count))
            }
        }
    }
}
