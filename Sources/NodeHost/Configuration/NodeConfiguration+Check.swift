import Determinism
import Geography
import RegionCore
import Replication
import Storage
import Tokens

extension NodeConfiguration {
    /// Throws if the parts of the configuration do not fit each other or the limits.
    package func check() throws(InvalidConfiguration) {
        func require(
            _ condition: Bool, _ explanation: @autoclosure () -> String
        ) throws(InvalidConfiguration) {
            if !condition { throw InvalidConfiguration("the configuration: " + explanation()) }
        }
        let known = Set(nodes.map(\.node))
        try require(
            nodes.count <= Limits.nodesMax,
            "nodes: \(nodes.count), at most \(Limits.nodesMax) are allowed")
        try require(known.count == nodes.count, "nodes: a node is named twice")
        try require(known.contains(node), "node: it is not among nodes")
        try require(
            !runToken.isEmpty && runToken.utf8.count <= 256,
            "runToken: 1 to 256 bytes are needed")
        try require(
            !controlToken.isEmpty && controlToken.utf8.count <= 256,
            "controlToken: 1 to 256 bytes are needed")
        try require(runToken != controlToken, "controlToken: it must differ from runToken")
        try require((0...65_535).contains(port), "port: \(port) is not from 0 to 65535")
        try require(
            (0...Limits.regionsMax).contains(regionCount)
                && roundTrips.count == regionCount * regionCount,
            "roundTrips: \(roundTrips.count) given, regionCount squared needed")
        try require(
            roundTrips.allSatisfy { $0 >= .zero && $0 <= .seconds(3600) },
            "roundTrips: 0 to 1 hour are allowed")
        try require(
            !groups.isEmpty && groups.count <= Limits.groupsMax,
            "groups: \(groups.count), 1 to \(Limits.groupsMax) are allowed")
        for group in groups {
            let members = group.voters + group.learners
            try require(
                members.allSatisfy { known.contains($0.node) },
                "groups: '\(group.name)' has a member that is not among nodes")
            try require(
                Set(members.map(\.node)).count == members.count,
                "groups: '\(group.name)' names a node twice")
        }
        if let sessions = services?.sessions {
            try require(
                groups.indices.contains(Int(sessions.group.index)),
                "services: the sessions' group is not among groups")
            try require(
                sessions.policies.count == regionCount
                    && sessions.regionNames.count == regionCount,
                "services: a policy and a name for each region are needed")
            try require(
                sessions.policies.allSatisfy {
                    $0.duration > .zero && $0.access > .zero && $0.access <= $0.duration
                } && sessions.lookupTimeout > .zero,
                "services: durations must be positive, and an access token no longer than a session"
            )
            guard let tokens else {
                throw InvalidConfiguration("the configuration: tokens: sessions need keys")
            }
            if let objection = tokens.objection {
                throw InvalidConfiguration("the configuration: tokens: \(objection)")
            }
        }
        for link in links {
            try require(
                known.contains(link.target) && link.target != node,
                "links: a target must be another node of the run")
            if let objection = link.profile.objection ?? link.conditions.objection {
                throw InvalidConfiguration("the configuration: links: \(objection)")
            }
        }
        try require(
            Set(links.map(\.target)).count == links.count, "links: two links to one node")
        if let objection = condition?.objection {
            throw InvalidConfiguration("the configuration: condition: \(objection)")
        }
        try require(
            condition?.disk ?? DiskCondition() == DiskCondition()
                || databaseVFS == NodeDisk.fileSystem,
            "condition: troubles of the disk need databaseVFS '\(NodeDisk.fileSystem)'")
        try require(
            probeInterval >= .milliseconds(10) && probeInterval <= .seconds(3600),
            "probeInterval: 10 ms to 1 hour are allowed")
        try require(
            clockDriftMax >= 0 && clockDriftMax < 1, "clockDriftMax: a share below 1 is needed")
        try require(
            wallClockSkewMax >= .zero, "wallClockSkewMax: it must not be negative")
    }

    /// What the machine starts from, as `member`.
    package func setup(member: MemberID, isRejoining: Bool) -> NodeSetup {
        var setup = NodeSetup(
            member: member, launch: launch, groups: groups.map(\.placement),
            roundTrips: RoundTripTable(regionCount: regionCount, spans: roundTrips), seed: seed,
            clockDriftMax: clockDriftMax, wallClockSkewMax: wallClockSkewMax,
            isRejoining: isRejoining, services: services ?? ServicesSetup())
        setup.logsReplication = logsReplication ?? false
        return setup
    }
}

extension LinkProfile {
    /// What makes the profile impossible, or `nil`.
    package var objection: String? {
        if !(loss >= 0 && loss <= 1) { return "loss: a share from 0 to 1 is needed" }
        if queueBytesMax < 0 { return "queueBytesMax: it must not be negative" }
        if connectionTimeout <= .zero { return "connectionTimeout: it must be positive" }
        let bases = [delay.base, returnDelay] + delayByKind.map(\.delay.base)
        if bases.contains(where: { $0 < .zero || $0 > .seconds(3600) }) {
            return "delays: 0 to 1 hour are allowed"
        }
        return nil
    }
}

extension NodeCondition {
    /// What makes the condition impossible, or `nil`.
    package var objection: String? {
        if !(slowness >= 1 && slowness <= 1_000_000) {
            return "slowness: a factor from 1 to a million is needed"
        }
        if !(TimeSpan.zero...TimeSpan.seconds(3600)).contains(disk.extraSync) {
            return "extraSync: 0 to 1 hour are allowed"
        }
        if !(0...1000).contains(disk.corruptions) { return "corruptions: 0 to 1000 are allowed" }
        let years = TimeSpan.seconds(100 * 365 * 86_400)
        if !(TimeSpan.zero - years...years).contains(clock.offset) {
            return "offset: at most a hundred years are allowed"
        }
        if !(-500_000_000...500_000_000).contains(clock.driftPartsPerBillion) {
            return "driftPartsPerBillion: at most half of everything is allowed"
        }
        return nil
    }
}

extension [LinkCondition] {
    /// What makes a condition impossible, or `nil`.
    package var objection: String? {
        for condition in self {
            switch condition {
            case .held, .dropped, .connectionsRefused, .acknowledgementsLost, .extraDelay,
                .extraJitter, .bandwidth:
                continue
            case .delayFactor(let factor):
                if !factor.isFinite { return "delayFactor: a number is needed" }
            case .extraLoss(let share):
                if !share.isFinite { return "extraLoss: a share is needed" }
            }
        }
        return nil
    }
}

extension DecodingError {
    /// Where in a JSON file something is wrong, and what.
    var explanation: String {
        func path(_ context: Context) -> String {
            context.codingPath.isEmpty
                ? "" : context.codingPath.map(\.stringValue).joined(separator: ".") + ": "
        }
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return path(context) + context.debugDescription
        case .keyNotFound(let key, let context):
            return path(context) + "'\(key.stringValue)' is missing"
        @unknown default:
            return "it cannot be read"
        }
    }
}
