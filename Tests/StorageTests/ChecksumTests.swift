import Testing

@testable import Storage

@Suite struct ChecksumTests {
    @Test(arguments: [
        ("", UInt64(0), UInt64(0xEF46_DB37_51D8_E999)),
        ("a", 0, 0xD24E_C4F1_A98C_6E5B),
        ("abc", 0, 0x44BC_2CF5_AD77_0999),
        ("Nobody inspects the spammish repetition", 0, 0xFBCE_A83C_8A37_8BF1),
    ])
    func agreesWithPublishedVectors(text: String, seed: UInt64, expected: UInt64) {
        #expect(Checksum.of(Array(text.utf8), seed: seed) == expected)
    }

    @Test func everyBitAndTheSeedCount() {
        let bytes = (0..<100).map { UInt8($0) }
        let original = Checksum.of(bytes, seed: 7)
        #expect(Checksum.of(bytes, seed: 8) != original)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(Checksum.of(changed, seed: 7) != original)
            }
        }
    }
}
