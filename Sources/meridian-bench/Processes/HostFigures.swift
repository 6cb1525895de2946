import Determinism
import Foundation

/// What the host under a benchmark is and does.
enum HostFigures {
    /// Processor time that this process has used, in user mode and in the kernel.
    static var ownProcessorTime: TimeSpan {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return .zero }
        func span(_ time: timeval) -> TimeSpan {
            TimeSpan.seconds(Int(time.tv_sec)) + .microseconds(Int(time.tv_usec))
        }
        return span(usage.ru_utime) + span(usage.ru_stime)
    }

    /// The most memory that this process has had at a time, in bytes.
    static var ownBytesMax: Int {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1024
    }

    /// A line that names the host and how busy it was.
    static var summary: String {
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        let recent = load.split(separator: " ").first.map(String.init) ?? "unknown"
        return "\(ProcessInfo.processInfo.activeProcessorCount) processors, load \(recent) "
            + "before the start"
    }

    /// The median time that an append of 4 KiB with its sync takes in `folder`: what a commit
    /// of a small write cannot be faster than.
    static func syncTime(in folder: String, samples: Int = 100) throws -> TimeSpan {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/sync-\(getpid())"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw BenchFailure("\(path): \(String(cString: strerror(errno)))")
        }
        defer {
            close(file)
            unlink(path)
        }
        let block = [UInt8](repeating: 0x5A, count: 4096)
        var times: [Double] = []
        for _ in 0..<samples {
            let start = DispatchTime.now().uptimeNanoseconds
            guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else {
                throw BenchFailure("\(path): \(String(cString: strerror(errno)))")
            }
            times.append(Double(DispatchTime.now().uptimeNanoseconds - start))
            usleep(5_000)
        }
        return TimeSpan(nanoseconds: Int64(quantile(times.sorted(), 0.5)))
    }
}
