import Determinism
import Testing

@testable import Replication

@Suite struct BytesTests {
    @Test func numbersAreBigEndian() throws {
        var writer = ByteWriter()
        writer.writeInteger(UInt32(0x0102_0304))
        writer.writeInteger(Int16(-2))
        #expect(writer.bytes == [1, 2, 3, 4, 0xFF, 0xFE])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.readInteger(UInt32.self) == 0x0102_0304)
        #expect(try reader.readInteger(Int16.self) == -2)
        #expect(reader.isAtEnd)
    }

    private static let sizes: [(number: UInt64, size: Int)] = [
        (0, 1), (1, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), (4_294_967_296, 5),
        (4_611_686_018_427_387_904, 9), (9_223_372_036_854_775_807, 9),
        (9_223_372_036_854_775_808, 10), (.max, 10),
    ]

    @Test(arguments: sizes)
    func varintsTakeTheirSize(_ number: UInt64, _ size: Int) throws {
        var writer = ByteWriter()
        writer.writeVarint(number)
        #expect(writer.bytes.count == size)
        #expect(ByteWriter.varintSize(number) == size)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.readVarint() == number)
        #expect(reader.isAtEnd)
        for length in 0..<size {
            var short = ByteReader(Array(writer.bytes.prefix(length)))
            #expect(throws: MalformedBytes.self) { try short.readVarint() }
        }
    }

    @Test func varintsAbove64BitsAreMalformed() {
        for bytes in [
            [UInt8](repeating: 0xFF, count: 11), [UInt8](repeating: 0xFF, count: 9) + [2],
            [UInt8](repeating: 0x80, count: 10) + [0],
        ] {
            var reader = ByteReader(bytes)
            #expect(throws: MalformedBytes.self) { try reader.readVarint() }
        }
    }

    @Test func lengthsAreCheckedBeforeAnythingIsTaken() {
        for declared in [5, 1 << 20, UInt64(Int64.max), .max] {
            var writer = ByteWriter()
            writer.writeVarint(declared)
            writer.writeRaw([1, 2, 3, 4])
            var reader = ByteReader(writer.bytes)
            #expect(throws: MalformedBytes.self) { try reader.readBytes() }
            var text = ByteReader(writer.bytes)
            #expect(throws: MalformedBytes.self) { try text.readString() }
        }
        var reader = ByteReader([3, 1, 2, 3])
        #expect(throws: MalformedBytes.self) { try reader.readBytes(limit: 2) }
        var raw = ByteReader([1, 2])
        #expect(throws: MalformedBytes.self) { try raw.readRaw(3) }
        #expect(throws: MalformedBytes.self) { try raw.readRaw(-1) }
        #expect(raw.remaining == 2)
    }

    @Test func flagsAndTextAreChecked() throws {
        var reader = ByteReader([0, 1, 2])
        #expect(try reader.readBool() == false)
        #expect(try reader.readBool() == true)
        #expect(throws: MalformedBytes.self) { try reader.readBool() }
        var text = ByteReader([2, 0xC3, 0x28])
        #expect(throws: MalformedBytes.self) { try text.readString() }
        var writer = ByteWriter()
        writer.writeString("Zürich – 東京")
        var good = ByteReader(writer.bytes)
        #expect(try good.readString() == "Zürich – 東京")
    }

    @Test func limitsFitEachOther() { #expect(Limits.check()) }
}
