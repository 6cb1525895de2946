/// The Secure Hash Algorithm with 256 bits (FIPS 180-4), for naming what a run was made from.
public enum SHA256 {
    /// The digest of `bytes` as 64 hexadecimal digits.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        digest(bytes).map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt32] {
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c,
            0x1f83_d9ab, 0x5be0_cd19,
        ]
        var message = bytes + [0x80]
        while message.count % 64 != 56 { message.append(0) }
        let bitCount = UInt64(bytes.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift)))
        }
        var schedule = Array(repeating: UInt32(0), count: 64)
        for block in stride(from: 0, to: message.count, by: 64) {
            for index in 0..<16 {
                let start = block + 4 * index
                schedule[index] = message[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
            }
            for index in 16..<64 {
                let first = schedule[index - 15]
                let second = schedule[index - 2]
                let s0 = right(first, 7) ^ right(first, 18) ^ (first >> 3)
                let s1 = right(second, 17) ^ right(second, 19) ^ (second >> 10)
                schedule[index] = schedule[index - 16] &+ s0 &+ schedule[index - 7] &+ s1
            }
            compress(&state, schedule)
        }
        return state
    }

    private static func compress(_ state: inout [UInt32], _ schedule: [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ s1 &+ choice &+ constants[index] &+ schedule[index]
            let s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ s0 &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func right(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { UInt32(truncatingIfNeeded: cubeRoot(of: $0)) }
    }()

    /// The whole part of the cube root of `number` times 2 to the power of 32, by bisection.
    private static func cubeRoot(of number: UInt64) -> UInt64 {
        var low: UInt64 = 0
        var high: UInt64 = 1 << 35
        while high - low > 1 {
            let middle = (low + high) / 2
            // middle³ ≤ number · 2⁹⁶, in 128 bits: middle < 2³⁵, so middle³ < 2¹⁰⁵.
            let square = middle.multipliedFullWidth(by: middle)
            let lower = square.low.multipliedFullWidth(by: middle)
            let upper = square.high &* middle &+ lower.high
            let bound = number << 32
            if upper < bound || (upper == bound && lower.low == 0) {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }
}
