import Determinism
import Geography

extension Notation where Value == TimeSpan {
    /// `250ms`, `1m30s`; not negative. Units: d, h, m, s, ms, us, ns, each at most once, from
    /// large to small.
    static var duration: Notation {
        Notation(
            expected: "a duration such as 250ms or 1m30s", parse: { parseDuration($0) },
            format: { $0.description })
    }

    /// A duration above zero.
    static var positiveDuration: Notation {
        duration.limited(to: "a duration above 0, such as 250ms or 1m30s") { $0 > .zero }
    }

    /// A delay of a link: a duration of at most an hour.
    static var delay: Notation {
        duration.limited(to: "a duration such as 80ms, at most 1h") {
            $0 <= DelayDistribution.sampleMax
        }
    }

    /// A difference: `+5s`, `-200ms`.
    static var difference: Notation {
        Notation(
            expected: "a difference such as +200ms or -5s",
            parse: { text in
                guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
                guard let span = parseDuration(text.dropFirst()) else { return nil }
                return sign == "-" ? -span : span
            },
            format: { $0 < .zero ? $0.description : "+\($0)" })
    }
}

extension TimeSpan {
    /// The duration that `text` is in the notation of scenario files, such as `1m30s`; `nil` if it
    /// is none.
    package init?(notation text: String) {
        guard let span = parseDuration(text) else { return nil }
        self = span
    }
}

private let durationUnits: [(name: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
]

/// The longest duration of a scenario, 10,000 days: sums of many such spans do not overflow.
private let durationMax: Int64 = 10_000 * 86_400_000_000_000

/// The duration that `text` is; `nil` for anything else, or what nanoseconds cannot tell exactly.
private func parseDuration(_ text: some StringProtocol) -> TimeSpan? {
    if text == "0" { return .zero }
    var rest = Substring(text)
    var total: Int64 = 0
    var next = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
        guard let (number, tail) = Decimal.prefix(of: rest) else { return nil }
        var name = String(tail.prefix { $0.isLetter })
        rest = tail.dropFirst(name.count)
        if name == "µs" || name == "μs" { name = "us" }
        guard let unit = durationUnits.firstIndex(where: { $0.name == name }), unit >= next,
            let part = number.multiplied(by: durationUnits[unit].nanoseconds)
        else { return nil }
        let sum = total.addingReportingOverflow(part)
        if sum.overflow || sum.partialValue > durationMax { return nil }
        total = sum.partialValue
        next = unit + 1
    }
    return TimeSpan(nanoseconds: total)
}

extension Notation where Value == ClosedRange<TimeSpan> {
    /// `2s..6s`; one duration alone is the range of just that.
    static var durationRange: Notation {
        Notation(
            expected: "a range of durations such as 2s..6s",
            parse: { text in
                guard let (low, high) = ends(of: text),
                    let lower = parseDuration(low), let upper = parseDuration(high), lower <= upper
                else { return nil }
                return lower...upper
            },
            format: { "\($0.lowerBound)..\($0.upperBound)" })
    }
}

extension Notation where Value == ClosedRange<Int> {
    /// `1..20`.
    static var integerRange: Notation {
        Notation(
            expected: "a range such as 1..20",
            parse: { text in
                guard let (low, high) = ends(of: text), let lower = Int(low), let upper = Int(high),
                    lower <= upper
                else { return nil }
                return lower...upper
            },
            format: { "\($0.lowerBound)..\($0.upperBound)" })
    }
}

/// The two sides of `..`.
private func ends(of text: String) -> (Substring, Substring)? {
    var index = text.startIndex
    while index < text.endIndex {
        if text[index...].hasPrefix("..") {
            let after = text.index(index, offsetBy: 2)
            return (text[..<index], text[after...])
        }
        index = text.index(after: index)
    }
    return nil
}

extension Notation where Value == WallTime {
    /// A time of RFC 3339, such as `2026-01-01T00:00:00Z`, from 1970 to 2261.
    static var time: Notation {
        Notation(
            expected: "a time such as 2026-01-01T00:00:00Z", parse: { parseTime($0) },
            format: { formatTime($0) })
    }
}

private func parseTime(_ text: String) -> WallTime? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
        guard range.upperBound <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[range] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
    func mark(_ index: Int, _ allowed: String) -> Bool {
        index < bytes.count && allowed.utf8.contains(bytes[index])
    }
    guard let year = number(0..<4), mark(4, "-"), let month = number(5..<7), mark(7, "-"),
        let day = number(8..<10), mark(10, "Tt "), let hour = number(11..<13), mark(13, ":"),
        let minute = number(14..<16), mark(16, ":"), let second = number(17..<19),
        (1970...2261).contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60,
        day >= 1, day <= daysIn(month, year)
    else { return nil }
    var index = 19
    var nanoseconds: Int64 = 0
    if mark(index, ".") {
        index += 1
        var place: Int64 = 100_000_000
        let start = index
        while let digit = number(index..<(index + 1)) {
            guard place > 0 else { return nil }
            nanoseconds += Int64(digit) * place
            place /= 10
            index += 1
        }
        if index == start { return nil }
    }
    var offsetMinutes = 0
    if mark(index, "Zz") {
        index += 1
    } else {
        guard mark(index, "+-"), let hours = number((index + 1)..<(index + 3)),
            mark(index + 3, ":"), let minutes = number((index + 4)..<(index + 6)), hours < 24,
            minutes < 60
        else { return nil }
        offsetMinutes = (hours * 60 + minutes) * (mark(index, "-") ? -1 : 1)
        index += 6
    }
    guard index == bytes.count else { return nil }
    let days = daysSince1970(year, month, day)
    let seconds = Int64(days * 86_400 + hour * 3_600 + (minute - offsetMinutes) * 60 + second)
    guard seconds >= 0 else { return nil }
    return WallTime(nanosecondsSince1970: seconds * 1_000_000_000 + nanoseconds)
}

private func formatTime(_ time: WallTime) -> String {
    let seconds = time.nanosecondsSince1970 / 1_000_000_000
    let fraction = time.nanosecondsSince1970 % 1_000_000_000
    var days = Int(seconds / 86_400)
    let rest = Int(seconds % 86_400)
    var year = 1970
    while days >= (isLeap(year) ? 366 : 365) {
        days -= isLeap(year) ? 366 : 365
        year += 1
    }
    var month = 1
    while days >= daysIn(month, year) {
        days -= daysIn(month, year)
        month += 1
    }
    func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(days + 1, 2))"
    text += "T\(padded(rest / 3_600, 2)):\(padded(rest / 60 % 60, 2)):\(padded(rest % 60, 2))"
    if fraction != 0 {
        var digits = padded(Int(fraction), 9)
        while digits.hasSuffix("0") { digits.removeLast() }
        text += ".\(digits)"
    }
    return text + "Z"
}

private func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

private func daysIn(_ month: Int, _ year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    case _: 31
    }
}

private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let earlier = year - 1
    let leapDays = earlier / 4 - earlier / 100 + earlier / 400 - 477
    let months = (1..<month).reduce(0) { $0 + daysIn($1, year) }
    return (year - 1970) * 365 + leapDays + months + day - 1
}
