import Determinism
import Geography

extension Notation where Value == Double {
    /// `0.1%`, from 0 % to 100 %, as a number from 0 to 1.
    static var share: Notation {
        Notation(
            expected: "a share such as 0.1%, from 0% to 100%",
            parse: { text in
                guard text.hasSuffix("%"), let share = Decimal.all(of: text.dropLast())?.hundredth,
                    share <= 1
                else { return nil }
                return share
            },
            format: { "\(Decimal.hundredfoldText($0))%" })
    }

    /// `50/s`: how many a second, above 0 up to a million.
    static var rate: Notation {
        Notation(
            expected: "a rate such as 50/s, above 0",
            parse: { text in
                guard text.hasSuffix("/s"), let rate = Decimal.all(of: text.dropLast(2))?.double,
                    rate > 0, rate <= 1_000_000
                else { return nil }
                return rate
            },
            format: { "\(Decimal.text($0))/s" })
    }

    /// `x3`: so many times as much, above 0 up to 1000.
    static var factor: Notation {
        Notation(
            expected: "a factor such as x3, above 0 up to 1000",
            parse: { text in
                guard text.hasPrefix("x"), let factor = Decimal.all(of: text.dropFirst())?.double,
                    factor > 0, factor <= 1000
                else { return nil }
                return factor
            },
            format: { "x\(Decimal.text($0))" })
    }

    /// `200ppm`, `-50ppm`: millionths, up to a tenth.
    static var partsPerMillion: Notation {
        Notation(
            expected: "a drift such as 200ppm or -50ppm",
            parse: { text in
                guard text.hasSuffix("ppm") else { return nil }
                var digits = text.dropLast(3)
                let isNegative = digits.first == "-"
                if isNegative || digits.first == "+" { digits = digits.dropFirst() }
                guard let value = Decimal.all(of: digits)?.double, value <= 100_000 else {
                    return nil
                }
                return isNegative ? -value : value
            },
            format: { $0 < 0 ? "-\(Decimal.text(-$0))ppm" : "\(Decimal.text($0))ppm" })
    }

    /// A percentile, above 0 up to 100.
    static var percentile: Notation {
        number.limited(to: "a percentile such as 99 or 99.9, above 0 up to 100") {
            $0 > 0 && $0 <= 100
        }
    }

    /// A number without a unit, at least 0.
    static var number: Notation {
        Notation(
            expected: "a number", parse: { Decimal.all(of: $0)?.double },
            format: { Decimal.text($0) })
    }

    /// Degrees, from `-bound` to `bound`.
    static func degrees(_ bound: Double) -> Notation {
        Notation(
            expected: "degrees from -\(Decimal.text(bound)) to \(Decimal.text(bound))",
            parse: { text in
                let isNegative = text.hasPrefix("-")
                guard
                    let value = Decimal.all(of: isNegative ? text.dropFirst() : text[...])?.double,
                    value <= bound
                else { return nil }
                return isNegative ? -value : value
            },
            format: { $0 < 0 ? "-\(Decimal.text(-$0))" : Decimal.text($0) })
    }
}

extension Notation where Value == DelayChange {
    /// `+200ms` or `x3`.
    static var delayChange: Notation {
        let difference = Notation<TimeSpan>.difference
        let factor = Notation<Double>.factor
        return Notation(
            expected: "a change such as +200ms or x3",
            parse: { text in
                difference.parse(text).flatMap { span in
                    let bound = DelayDistribution.sampleMax
                    return span >= -bound && span <= bound ? DelayChange.added(span) : nil
                }
                    ?? factor.parse(text).map(DelayChange.multiplied)
            },
            format: { change in
                switch change {
                case .added(let span): difference.format(span)
                case .multiplied(let value): factor.format(value)
                }
            })
    }
}

extension Notation where Value == Int {
    /// A whole number in `range`.
    static func integer(_ range: ClosedRange<Int>) -> Notation {
        let expected =
            range.upperBound == .max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return Notation(
            expected: expected,
            parse: { text in
                let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
                guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
                    let value = Int(text), range.contains(value)
                else { return nil }
                return value
            },
            format: { String($0) })
    }

    /// `64KB`, `64MB`, or a number of bytes. A KB is 1024 bytes.
    static var size: Notation {
        let units: [(String, Int64)] = [
            ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1),
        ]
        return Notation(
            expected: "a size such as 100, 64KB or 64MB",
            parse: { text in
                for (name, unit) in units where text.hasSuffix(name) {
                    return Decimal.all(of: text.dropLast(name.count))?.multiplied(by: unit)
                        .map { Int($0) }
                }
                return Decimal.all(of: text)?.multiplied(by: 1).map { Int($0) }
            },
            format: { value in
                for (name, unit) in units.dropLast() where value != 0 && value % Int(unit) == 0 {
                    return "\(value / Int(unit))\(name)"
                }
                return String(value)
            })
    }
}

extension Notation where Value == UInt64 {
    /// A seed: a whole number below 2^64.
    static var seed: Notation {
        Notation(
            expected: "a whole number from 0 to \(UInt64.max)",
            parse: { text in
                text.allSatisfy({ $0.isASCII && $0.isNumber }) ? UInt64(text) : nil
            },
            format: { String($0) })
    }

    /// `10mbps`: bits per second, above 0. A kbps is 1000 bits per second.
    static var bandwidth: Notation {
        let units: [(String, Int64)] = [
            ("gbps", 1_000_000_000), ("mbps", 1_000_000), ("kbps", 1_000), ("bps", 1),
        ]
        return Notation(
            expected: "a bandwidth such as 10mbps or 1gbps, above 0",
            parse: { text in
                for (name, unit) in units where text.hasSuffix(name) {
                    return Decimal.all(of: text.dropLast(name.count))?.multiplied(by: unit)
                        .flatMap { $0 > 0 ? UInt64($0) : nil }
                }
                return nil
            },
            format: { value in
                for (name, unit) in units where value % UInt64(unit) == 0 {
                    return "\(value / UInt64(unit))\(name)"
                }
                return "\(value)bps"
            })
    }
}

extension Notation where Value == Bool {
    /// `on` or `off`; `true` and `false` mean the same.
    static var toggle: Notation {
        Notation(
            expected: "on or off",
            parse: { text in
                switch text {
                case "on", "true": true
                case "off", "false": false
                case _: nil
                }
            },
            format: { $0 ? "on" : "off" }, words: ["on", "off"])
    }
}

extension Notation where Value == String {
    /// One of these words.
    static func choice(_ words: [String]) -> Notation {
        Notation(
            expected: listed(words), parse: { words.contains($0) ? $0 : nil }, format: { $0 },
            words: words)
    }

    /// Any text but an empty one.
    static var text: Notation {
        Notation(expected: "a text", parse: { $0.isEmpty ? nil : $0 }, format: { $0 })
    }

    /// A name: letters, digits and hyphens, at most 100.
    static var name: Notation {
        Notation(
            expected: "a name of at most 100 letters, digits and hyphens",
            parse: { text in
                let isName = text.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
                    default: false
                    }
                }
                return isName && !text.isEmpty && text.utf8.count <= 100 ? text : nil
            },
            format: { $0 })
    }
}

extension Notation where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words that name the cases.
    static var word: Notation {
        let words = Value.allCases.map(\.rawValue)
        return Notation(
            expected: listed(words), parse: { Value(rawValue: $0) }, format: { $0.rawValue },
            words: words)
    }
}

/// `a, b or c`.
func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
