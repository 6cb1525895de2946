/// How one type of value is written in a scenario: its reader, its writer and its description.
///
/// What ``format`` writes, ``parse`` reads back as the same value.
struct Notation<Value> {
    /// What is expected, for messages: `a duration such as 250ms`.
    let expected: String
    /// The value that a text means, or `nil`.
    let parse: (String) -> Value?
    /// The text for a value.
    let format: (Value) -> String
    /// The words that may have been meant by something that is none of them.
    var words: [String] = []

    /// The same with a further condition on values.
    func limited(to expected: String, where condition: @escaping (Value) -> Bool) -> Notation {
        Notation(
            expected: expected, parse: { parse($0).flatMap { condition($0) ? $0 : nil } },
            format: format, words: words)
    }
}

/// A decimal number without sign, exponent or special values, taken apart: `12.50` is 12 and
/// `50`.
struct Decimal {
    let whole: Substring
    let fraction: Substring

    /// The number at the start of `text`, and what follows it.
    static func prefix(of text: Substring) -> (number: Decimal, rest: Substring)? {
        let whole = text.prefix { $0.isASCII && $0.isNumber }
        guard !whole.isEmpty, whole.utf8.count <= 19 else { return nil }
        var rest = text[whole.endIndex...]
        guard rest.first == "." else {
            return (Decimal(whole: whole, fraction: ""), rest)
        }
        rest = rest.dropFirst()
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        // "1..20" is a range of whole numbers, "1." is not a number.
        guard !fraction.isEmpty else {
            return rest.first == "."
                ? (Decimal(whole: whole, fraction: ""), text[whole.endIndex...]) : nil
        }
        guard fraction.utf8.count <= 25 else { return nil }
        return (Decimal(whole: whole, fraction: fraction), rest[fraction.endIndex...])
    }

    /// The number that `text` is.
    static func all(of text: some StringProtocol) -> Decimal? {
        guard let (number, rest) = prefix(of: Substring(text)), rest.isEmpty else { return nil }
        return number
    }

    /// The nearest floating-point number.
    var double: Double? { Double(fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)") }

    /// The number times `unit`; `nil` if that is not a whole number or too large.
    func multiplied(by unit: Int64) -> Int64? {
        guard var result = Int64(whole) else { return nil }
        let product = result.multipliedReportingOverflow(by: unit)
        if product.overflow { return nil }
        result = product.partialValue
        var place = unit
        for digit in fraction {
            guard let value = digit.wholeNumberValue else { return nil }
            if value == 0, place % 10 != 0 || place == 0 { continue }
            guard place % 10 == 0 else { return nil }
            place /= 10
            let sum = result.addingReportingOverflow(Int64(value) * place)
            if sum.overflow { return nil }
            result = sum.partialValue
        }
        return result
    }

    /// The shortest text for a number of at least 0 that ``double`` reads back as the same.
    static func text(_ value: Double) -> String {
        if value == value.rounded(), value < 1e15 { return String(Int64(value)) }
        let shortest = "\(value)"
        guard let split = shortest.firstIndex(of: "e") else { return shortest }
        // Write out what Swift gives an exponent.
        var digits = shortest[..<split].filter { $0 != "." }
        let exponent = Int(shortest[shortest.index(after: split)...]) ?? 0
        let pointAfter =
            (shortest.firstIndex(of: ".").map {
                shortest.distance(from: shortest.startIndex, to: $0)
            } ?? digits.count) + exponent
        if pointAfter <= 0 { return "0." + String(repeating: "0", count: -pointAfter) + digits }
        if pointAfter >= digits.count {
            return digits + String(repeating: "0", count: pointAfter - digits.count)
        }
        digits.insert(".", at: digits.index(digits.startIndex, offsetBy: pointAfter))
        return digits
    }
}
