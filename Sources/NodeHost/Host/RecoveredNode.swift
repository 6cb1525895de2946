import Determinism
import Logging
import NIOCore
import RegionCore
import Replication
import Storage

/// A machine with what its database held, or with nothing under a new identity.
struct RecoveredNode {
    var member: MemberID
    var node: RegionNode
    var journal: Journal
    /// The disk under the journal, if it is one that faults can be put on.
    var disk: NodeDisk?

    /// Opens the database and brings the machine up to it.
    ///
    /// A database that is damaged is moved aside, and the node comes back as a member that lost
    /// its memory: under its launch number as incarnation, which no life before it had. So does a
    /// node whose database is gone although this is not its first launch.
    static func recover(
        _ configuration: NodeConfiguration, registry: StrategyRegistry, logger: Logger
    ) throws(StartFailure) -> RecoveredNode {
        let fresh = MemberID.withoutMemory(configuration.node, life: configuration.launch)
        let disk = try disk(configuration)
        switch try open(configuration, as: fresh, on: disk, damages: configuration.damages) {
        case .opened(let journal, let content):
            if var result = try restore(configuration, registry, journal, content, logger) {
                result.disk = disk
                return result
            }
            journal.close()
            try moveAside(configuration, "a strategy cannot read it", logger)
        case .damaged(let reason): try moveAside(configuration, reason, logger)
        case .foreign(let reason): throw StartFailure(.foreignDatabase, reason)
        }
        guard
            case .opened(let journal, let content) = try open(
                configuration, as: fresh, on: disk, damages: 0),
            var result = try restore(configuration, registry, journal, content, logger)
        else {
            throw StartFailure(
                .inputOutput, "\(configuration.databasePath) cannot be made anew")
        }
        result.disk = disk
        return result
    }

    /// The disk that faults can be put on, under the conditions of the launch; `nil` if the
    /// configuration names another file system.
    private static func disk(
        _ configuration: NodeConfiguration
    ) throws(StartFailure) -> NodeDisk? {
        guard configuration.databaseVFS == NodeDisk.fileSystem else { return nil }
        guard let disk = NodeDisk(path: configuration.databasePath) else {
            throw StartFailure(
                .inputOutput, "SQLite does not take the file system '\(NodeDisk.fileSystem)'")
        }
        disk.set(configuration.condition?.disk ?? DiskCondition())
        return disk
    }

    private static func open(
        _ configuration: NodeConfiguration, as member: MemberID, on disk: NodeDisk?, damages: Int
    ) throws(StartFailure) -> JournalOpening {
        var settings = JournalConfiguration(
            path: configuration.databasePath, member: member, runToken: configuration.runToken,
            vfs: configuration.databaseVFS)
        settings.disk = disk
        settings.damages = damages
        do throws(JournalError) {
            return try Journal.open(settings)
        } catch {
            throw StartFailure(.inputOutput, error.description)
        }
    }

    /// The machine with the database's content, or `nil` if a strategy cannot read it.
    private static func restore(
        _ configuration: NodeConfiguration, _ registry: StrategyRegistry, _ journal: Journal,
        _ content: RecoveredJournal, _ logger: Logger
    ) throws(StartFailure) -> RecoveredNode? {
        let node: RegionNode
        do throws(InvalidOption) {
            node = try RegionNode(
                setup: configuration.setup(
                    member: content.member, isRejoining: content.member.incarnation > 0),
                registry: registry)
        } catch {
            throw StartFailure(.configuration, "option '\(error.option)': \(error)")
        }
        var records = 0
        for group in content.groups {
            guard node.groups.contains(group.group) else {
                throw StartFailure(
                    .configuration,
                    "the database holds group \(group.group.index), of which the configuration "
                        + "says that this node has no part in it")
            }
            do throws(MalformedBytes) {
                try node.recover(
                    group.group, checkpoint: group.checkpoint,
                    checkpointThrough: group.checkpointThrough, records: group.records)
            } catch {
                logger.error(
                    "a group's records cannot be read",
                    metadata: ["group": "\(group.group.index)", "reason": "\(error)"])
                return nil
            }
            records += group.records.count
        }
        logger.notice(
            content.isNew ? "a new database" : "recovered",
            metadata: [
                "member": "\(content.member)", "records": "\(records)",
                "closed": "\(content.wasClosed)",
            ])
        return RecoveredNode(member: content.member, node: node, journal: journal)
    }

    private static func moveAside(
        _ configuration: NodeConfiguration, _ reason: String, _ logger: Logger
    ) throws(StartFailure) {
        guard configuration.launch > 0 else {
            throw StartFailure(
                .damagedDatabase,
                "\(configuration.databasePath) is damaged (\(reason)), and launch 0 cannot come "
                    + "back under a new identity; raise 'launch' above every launch before")
        }
        do {
            let name = try DatabaseFiles.moveAside(configuration.databasePath)
            logger.error(
                "the database is damaged; the node comes back under a new identity",
                metadata: ["reason": "\(reason)", "kept": "\(name)"])
        } catch {
            throw StartFailure(.inputOutput, "the damaged database stays in the way: \(error)")
        }
    }
}

/// Why a node could not start.
package struct StartFailure: Error, Hashable, CustomStringConvertible {
    /// The kinds of failures; the number is the process's exit code.
    package enum Kind: Int32, Sendable {
        /// The configuration cannot be used.
        case configuration = 64
        /// The database is somebody else's.
        case foreignDatabase = 65
        /// The database is damaged and the node may not replace it.
        case damagedDatabase = 66
        /// The program itself is at fault.
        case software = 70
        /// The operating system refused: no permission, no space, a port in use.
        case inputOutput = 74
    }

    /// The kind.
    package var kind: Kind
    /// What is wrong and what to do.
    package var description: String

    /// A failure with these parts.
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension RegionHost {
    /// A host for the configured node, with what its database held. Reads the whole database:
    /// do not call it on an event loop that others use.
    package static func make(
        _ configuration: NodeConfiguration, registry: StrategyRegistry, logger: Logger,
        loop: any EventLoop
    ) throws(StartFailure) -> RegionHost {
        let recovered = try RecoveredNode.recover(
            configuration, registry: registry, logger: logger)
        return RegionHost(
            configuration: configuration, recovered: recovered, logger: logger, loop: loop)
    }
}
