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
        guard let whole = Int64(whole) else { return nil }
        let product = whole.multipliedReportingOverflow(by: unit)
        if product.overflow { return nil }
        var digits = fraction
        while digits.last == "0" { digits = digits.dropLast() }
        guard !digits.isEmpty else { return product.partialValue }
        // With more digits no unit that there is makes it whole.
        guard digits.utf8.count <= 18, let part = UInt64(digits) else { return nil }
        let power = (0..<digits.utf8.count).reduce(UInt64(1)) { power, _ in power * 10 }
        let scaled = part.multipliedFullWidth(by: UInt64(unit))
        let (quotient, rest) = power.dividingFullWidth(scaled)
        guard rest == 0 else { return nil }
        let sum = product.partialValue.addingReportingOverflow(Int64(quotient))
        return sum.overflow ? nil : sum.partialValue
    }

    /// The nearest floating-point number to a hundredth of the number.
    var hundredth: Double? {
        let digits = String(repeating: "0", count: max(0, 2 - whole.utf8.count)) + whole
        return Double("0\(digits.dropLast(2)).\(digits.suffix(2))\(fraction)")
    }

    /// The shortest text for a hundred times a number, which ``hundredth`` reads back as the same.
    static func hundredfoldText(_ value: Double) -> String {
        let text = text(value)
        let point = text.firstIndex(of: ".") ?? text.endIndex
        var fraction = String(text[point...].dropFirst())
        fraction += String(repeating: "0", count: max(0, 2 - fraction.count))
        var whole = text[..<point] + fraction.prefix(2)
        while whole.count > 1, whole.first == "0" { whole = whole.dropFirst() }
        var rest = fraction.dropFirst(2)
        while rest.last == "0" { rest = rest.dropLast() }
        return rest.isEmpty ? String(whole) : "\(whole).\(rest)"
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
