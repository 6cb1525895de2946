import Foundation

/// Three etcd processes on this host, for comparison.
///
/// Its data is kept beside our records, on the same disk, and removed at the end.
///
/// Its processes are started before it is handed to anybody and ended once.
final class EtcdCluster: @unchecked Sendable {
    /// What `etcd --version` says.
    let version: String
    private let folder: String
    private let endpoints: [String]
    private var processes: [Process] = []

    private init(version: String, folder: String, endpoints: [String]) {
        self.version = version
        self.folder = folder
        self.endpoints = endpoints
    }

    deinit { end() }

    /// Starts a cluster and waits until it serves; `nil` if etcd or etcdctl is not installed.
    static func start(in place: Workplace) async throws -> EtcdCluster? {
        guard let etcd = executable("etcd"), executable("etcdctl") != nil else { return nil }
        let version = try output(of: etcd, ["--version"]).text.split(separator: "\n").first
        let ports = try freePorts(6)
        let members = (0..<3).map { "m\($0)=http://127.0.0.1:\(ports[$0])" }
        let cluster = EtcdCluster(
            version: version.flatMap { $0.split(separator: " ").last.map(String.init) } ?? "",
            folder: place.newFolder("etcd"),
            endpoints: (3..<6).map { "http://127.0.0.1:\(ports[$0])" })
        try FileManager.default.createDirectory(
            atPath: cluster.folder, withIntermediateDirectories: true)
        for number in 0..<3 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: etcd)
            process.arguments = [
                "--name", "m\(number)", "--data-dir", "\(cluster.folder)/m\(number)",
                "--listen-peer-urls", "http://127.0.0.1:\(ports[number])",
                "--initial-advertise-peer-urls", "http://127.0.0.1:\(ports[number])",
                "--listen-client-urls", cluster.endpoints[number],
                "--advertise-client-urls", cluster.endpoints[number],
                "--initial-cluster", members.joined(separator: ","),
                "--initial-cluster-state", "new", "--log-level", "error",
            ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            cluster.processes.append(process)
        }
        try await cluster.awaitHealth()
        return cluster
    }

    /// The writes a second under the largest load of `etcdctl check perf` (1,000 clients, keys of
    /// 256 bytes, values of 1 KiB, a minute), and who counted them; ends the cluster.
    ///
    /// At its end etcdctl deletes what it wrote, and tells no figure if that takes too long. Then
    /// the log's growth from the 10th to the 50th second counts, an entry for each write.
    func measureThenEnd() async throws -> (rate: Double, source: String) {
        defer { end() }
        let before = try entries()
        async let answer = Self.inBackground { [self] in
            try etcdctl(["check", "perf", "--load=xl"]).text
        }
        try await Task.sleep(for: .seconds(10))
        let early = try entries()
        try await Task.sleep(for: .seconds(40))
        let late = try entries()
        // A throughput below etcd's own expectation is an exit code, not an error here.
        let text = try await answer
        for line in text.split(whereSeparator: \.isNewline) where line.contains("hroughput") {
            let words = line.split(separator: " ")
            if let unit = words.firstIndex(of: "writes/s"), unit > 0,
                let rate = Double(words[unit - 1])
            {
                return (rate, "etcdctl check perf --load=xl")
            }
        }
        guard early.count > before.count, late.count > early.count else {
            throw BenchFailure("etcdctl told no throughput: \(text.suffix(300))")
        }
        let seconds = (late.at - early.at) / .seconds(1)
        return (
            Double(late.count - early.count) / seconds,
            "entries of the log under etcdctl check perf --load=xl, which told no figure"
        )
    }

    /// How many entries the log has, by the member that knows of most.
    private func entries() throws -> (count: Int, at: ContinuousClock.Instant) {
        let answer = try etcdctl(["endpoint", "status"]).text
        let at = ContinuousClock.now
        let counts = answer.split(whereSeparator: \.isNewline).compactMap { line in
            // endpoint, id, version, size, leader, learner, term, index, …
            line.split(separator: ",").dropFirst(7).first
                .flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        }
        return (counts.max() ?? 0, at)
    }

    private static func inBackground<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Swift.Result { try work() })
            }
        }
    }

    private func awaitHealth() async throws {
        for _ in 0..<100 {
            if try etcdctl(["endpoint", "health"]).code == 0 { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw BenchFailure("etcd did not become healthy within 20 s")
    }

    private func end() {
        for process in processes where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        processes.removeAll()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func etcdctl(_ arguments: [String]) throws -> (text: String, code: Int32) {
        guard let path = Self.executable("etcdctl") else {
            throw BenchFailure("etcdctl is not installed")
        }
        return try Self.output(
            of: path, ["--endpoints", endpoints.joined(separator: ",")] + arguments)
    }

    private static func output(
        of path: String, _ arguments: [String]
    ) throws -> (text: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["ETCDCTL_API": "3"]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }

    private static func executable(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Ports of the loopback interface that nobody listens on.
    private static func freePorts(_ count: Int) throws -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let failed = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) != 0
                        || getsockname(descriptor, $0, &length) != 0
                }
            }
            if failed { throw BenchFailure("no free port: \(String(cString: strerror(errno)))") }
            return UInt16(bigEndian: address.sin_port)
        }
    }
}
