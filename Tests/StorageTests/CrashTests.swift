import Determinism
import Foundation
import Replication
import Testing

@testable import Storage

/// A process that is killed in the middle of its commits leaves everything that it acknowledged.
@Suite struct CrashTests {
    /// Ends the process that calls it, at no moment of its choosing.
    private static func commitUntilKilled(
        directory: String, seed: UInt64, fileSystem: String?
    ) throws {
        var settings = configuration(directory + "/node.db")
        settings.vfs = fileSystem
        settings.logPagesMax = 30
        guard case .opened(let journal, let recovered) = try Journal.open(settings)
        else { return }
        let log = open(directory + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var writer = Writer(journal)
        for group in recovered.groups {
            writer.next[Int(group.group.index)] = group.last.rawValue + 1
            writer.reports.recovered(group.group, through: group.last.rawValue)
        }
        var random = RandomStream(seed: seed, name: "kill")
        let rounds = 5 + random.index(60)
        let spins = random.index(400_000)
        Thread.detachNewThread { [writer] in
            while writer.reports.commits < rounds {}
            var sum: UInt64 = 0
            for spin in 0..<spins { sum &+= UInt64(spin) }
            if sum != 1 { kill(getpid(), SIGKILL) }
        }
        while true {
            writer.write(0, 1 + random.index(8))
            if random.chance(0.3) { writer.write(1, 1) }
            if random.chance(0.1) { writer.checkpoint(0, bytes: 20_000) }
            guard writer.waitForAll() else { return }
            let line = "\(writer.next[0, default: 1] - 1) \(writer.next[1, default: 1] - 1)\n"
            _ = line.withCString { Foundation.write(log, $0, strlen($0)) }
        }
    }

    /// On the system's files a kill leaves what was written; on a node's disk only what was synced.
    @Test(arguments: [nil, NodeDisk.fileSystem])
    func everythingAcknowledgedIsThereAfterAKill(_ fileSystem: String?) async throws {
        let scratch = try Scratch()
        let directory = scratch.directory.path
        for seed in UInt64(1)...8 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    directory = directory as String, seed = seed as UInt64,
                    fileSystem = fileSystem as String?
                ] in
                try CrashTests.commitUntilKilled(
                    directory: directory, seed: seed, fileSystem: fileSystem)
            }
            let lines = try String(
                contentsOfFile: directory + "/acknowledged", encoding: .utf8
            ).split(separator: "\n")
            let last = try #require(lines.last).split(separator: " ").compactMap { UInt64($0) }
            guard
                case .opened(let journal, let recovered) = try Journal.open(
                    configuration(scratch.path))
            else {
                Issue.record("seed \(seed): the database did not open")
                return
            }
            journal.close()
            #expect(mismatch(recovered, checkpointBytes: 20_000) == nil, "seed \(seed)")
            for group in recovered.groups {
                #expect(
                    group.last.rawValue >= last[Int(group.group.index)], "seed \(seed)")
            }
        }
    }
}
