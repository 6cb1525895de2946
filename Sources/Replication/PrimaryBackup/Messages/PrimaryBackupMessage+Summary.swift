/// What messages of a primary-backup group say, for people who read a trace.
extension PrimaryBackupMessage {
    /// The message in the terms of the protocol: `append epoch 2, entries 5..7`.
    public var summary: String {
        switch body {
        case .manager(let message): "manager: \(message.summary)"
        case .beat(let beat):
            "beat epoch \(beat.epoch.rawValue)" + (beat.isPrimary ? ", primary" : "")
        case .decided(let decision):
            "decided: \(decision.configuration.summary)" + (decision.isLease ? ", lease" : "")
        case .seal(let epoch): "seal before epoch \(epoch.rawValue)"
        case .sealed(let epoch, let lastEpoch, let lastIndex):
            "seal before epoch \(epoch.rawValue) → log ends with "
                + "\(lastEpoch.rawValue).\(lastIndex.rawValue)"
        case .ask(let configuration): "where does the log end? \(configuration.summary)"
        case .position(let position):
            "epoch \(position.epoch.rawValue) → log ends with "
                + "\(position.history.lastEpoch.rawValue).\(position.lastIndex.rawValue), applied "
                + "\(position.applied.rawValue)"
        case .append(let request): request.summary
        case .appended(let epoch, let index):
            "append epoch \(epoch.rawValue) → durable up to \(index.rawValue)"
        case .copy(let piece):
            "copy epoch \(piece.epoch.rawValue) through \(piece.through.rawValue), bytes from "
                + "\(piece.offset), \(piece.bytes.count) of \(piece.totalBytes)"
        case .copied(let epoch, let through, let offset):
            "copy epoch \(epoch.rawValue) through \(through.rawValue) → go on from \(offset)"
        case .superseded(let configuration): "superseded: \(configuration.summary)"
        case .join: "asks for the state"
        case .admit(let member, let epoch): "admit \(member), epoch \(epoch.rawValue)"
        case .handOver(let member, let epoch):
            "hand over to \(member), epoch \(epoch.rawValue)"
        case .forward(let number, let request): "pass on #\(number % 10_000): \(request.summary)"
        case .forwardAdministration(let number, let command):
            "pass on #\(number % 10_000): \(command.summary)"
        case .forwardReply(let number, let reply): "pass on #\(number % 10_000) → \(reply.summary)"
        }
    }
}

extension Configuration {
    fileprivate var summary: String {
        "epoch \(epoch.rawValue), primary " + (primary.map { "\($0)" } ?? "to be chosen")
    }
}

extension Extension {
    fileprivate var summary: String {
        let range =
            entries.isEmpty
            ? "no entries"
            : "entries \(previousIndex.next.rawValue)..\((previousIndex + entries.count).rawValue)"
        return "append epoch \(epoch.rawValue) after "
            + "\(previousEpoch.rawValue).\(previousIndex.rawValue), \(range)"
    }
}
