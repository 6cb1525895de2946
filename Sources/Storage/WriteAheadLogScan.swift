import Foundation

/// Looks through SQLite's write-ahead log before SQLite does.
///
/// SQLite ends its reading of the log at the first frame whose checksum is wrong, which is right
/// after a crash in mid-write and wrong after damage: commits that were acknowledged behind that
/// frame would be forgotten without a word. The frames' checksums are chained, each starting from
/// the one stored before it; so a frame that is valid behind one that is not shows that more was
/// written once, and that the log is damaged rather than torn.
///
/// The format is that of SQLite's published file format, section "The Write-Ahead Log".
enum WriteAheadLogScan {
    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    /// Why the log at `path` must not be read, or `nil` if it may be: it is absent, whole, or
    /// torn at its very end.
    static func damage(inLogAt path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let log = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        return log.withUnsafeBytes { damage(in: $0) }
    }

    static func damage(in log: UnsafeRawBufferPointer) -> String? {
        guard log.count >= headerBytes else { return nil }
        let magic = bigEndian(log, 0)
        let pageBytes = Int(bigEndian(log, 8))
        let isBig = magic & 1 == 1
        guard magic & ~1 == 0x377F_0682, bigEndian(log, 4) == 3_007_000,
            (512...65_536).contains(pageBytes), pageBytes & (pageBytes - 1) == 0,
            sum(log, 0..<24, isBig, (0, 0)) == stored(log, 24)
        else {
            return log.count > headerBytes + frameHeaderBytes
                ? "the header of the write-ahead log is damaged" : nil
        }
        let salts = (bigEndian(log, 16), bigEndian(log, 20))
        var chain = stored(log, 24)
        var damagedFrame: Int?
        var frame = 0
        var start = headerBytes
        while start + frameHeaderBytes + pageBytes <= log.count {
            defer {
                frame += 1
                start += frameHeaderBytes + pageBytes
            }
            let hasSalts =
                bigEndian(log, start + 8) == salts.0
                && bigEndian(log, start + 12) == salts.1
            var isValid = hasSalts
            if isValid {
                let body = start + frameHeaderBytes
                let sum = sum(
                    log, body..<body + pageBytes, isBig,
                    sum(log, start..<start + 8, isBig, chain))
                isValid = sum == stored(log, start + 16)
            }
            chain = stored(log, start + 16)
            if !isValid {
                if damagedFrame == nil { damagedFrame = frame }
            } else if let damagedFrame, bigEndian(log, start + 4) != 0 {
                return "frame \(damagedFrame) of the write-ahead log is damaged, and frame "
                    + "\(frame) behind it holds a commit"
            }
        }
        return nil
    }

    private static func bigEndian(_ log: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: log.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func stored(
        _ log: UnsafeRawBufferPointer, _ offset: Int
    ) -> (UInt32, UInt32) {
        (bigEndian(log, offset), bigEndian(log, offset + 4))
    }

    /// The log's checksum: two sums over pairs of words, in the byte order that the magic names.
    private static func sum(
        _ log: UnsafeRawBufferPointer, _ range: Range<Int>, _ isBig: Bool,
        _ start: (UInt32, UInt32)
    ) -> (UInt32, UInt32) {
        var (first, second) = start
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound {
            let left = log.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            let right = log.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            first &+= (isBig ? left.bigEndian : left.littleEndian) &+ second
            second &+= (isBig ? right.bigEndian : right.littleEndian) &+ first
            offset += 8
        }
        return (first, second)
    }
}
