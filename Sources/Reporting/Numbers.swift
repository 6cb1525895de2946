/// `value` with `places` digits after the point, rounded half away from zero.
public func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded(.toNearestOrAwayFromZero)
    let whole = Int64(scaled)
    let unit = Int64(scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let rest = String(whole % unit)
    return "\(sign)\(whole / unit)." + String(repeating: "0", count: places - rest.count) + rest
}

/// A latency in milliseconds, as tables show it: more digits for small ones.
public func milliseconds(_ value: Double) -> String {
    decimal(value, places: value.magnitude < 100 ? 1 : 0)
}

/// A share as a percentage: `99.95%`.
public func percentage(_ share: Double) -> String {
    decimal(share * 100, places: share > 0.999 && share < 1 ? 3 : 1) + "%"
}

/// A whole number with its digits in groups of three: `51,234`.
public func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var index = digits.count - 3
    while index > 0 {
        digits.insert(",", at: index)
        index -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
}

/// A number of bytes with a decimal unit: `7.3 MB`.
public func bytes(_ count: Int) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    return decimal(value, places: unit == 0 || value >= 100 ? 0 : 1) + " " + units[unit]
}
