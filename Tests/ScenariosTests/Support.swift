import Determinism
import Replication

@testable import Scenarios

/// Strategies like those that come with the project, as far as scenarios speak of them.
enum Strategies {
    static let raft = StrategyDescription(
        name: "raft", promise: "One order of all writes, agreed on by a majority.",
        options: [
            OptionDescription("preferred_leader", .region, default: nil, help: "Who should lead."),
            OptionDescription(
                "election_timeout", .automaticDurationRange, default: .automatic, help: "Silence."),
            OptionDescription("heartbeat", .automaticDuration, default: .automatic, help: "Beat."),
            OptionDescription("prevote", .toggle, default: .toggle(true), help: "Ask first."),
            OptionDescription("check_quorum", .toggle, default: .toggle(true), help: "Heard?"),
            OptionDescription(
                "reads", .choice(["read-index", "lease", "local"]),
                default: .choice("read-index"), help: "How reads are served."),
            OptionDescription(
                "lease_drift_ppm", .integer(0...200_000), default: nil, help: "How wrong."),
            OptionDescription("snapshot_at", .size, default: .size(64 << 20), help: "When."),
            OptionDescription(
                "session_timeout", .duration, default: .duration(.seconds(3600)), help: "Idle."),
            OptionDescription("learners", .regions, default: nil, help: "Who only listens."),
        ],
        operations: [
            .register: [.read, .write, .delete, .cas, .txn],
            .counter: [.read, .increment, .delete],
            .list: [.read, .append, .delete, .txn],
        ],
        recognisesRepeats: true, needsSession: true, hasLeader: true, isLinearizable: true)

    static let eventual = StrategyDescription(
        name: "eventual", promise: "All replicas agree once they have heard of everything.",
        options: [
            OptionDescription(
                "resolve", .choice(["last-writer-wins", "version-vector", "siblings", "merge"]),
                default: .choice("last-writer-wins"), help: "Who wins."),
            OptionDescription(
                "merge", .choice(MergeRules.standard.names), default: nil, help: "How."),
            OptionDescription(
                "replication_delay", .duration, default: .duration(.zero), help: "Pause."),
            OptionDescription(
                "anti_entropy", .duration, default: .duration(.seconds(5)), help: "Period."),
            OptionDescription(
                "conflict_window", .unlimitedDuration, default: .unlimited, help: "Figures."),
            OptionDescription("snapshot_at", .size, default: .size(64 << 20), help: "When."),
            OptionDescription("fanout", .integer(1...9), default: nil, help: "How many."),
        ],
        operations: [
            .register: [.read, .write, .delete], .counter: [.read, .increment, .delete],
            .list: [.read, .append, .delete],
        ],
        recognisesRepeats: true, needsSession: false, hasLeader: false, isLinearizable: false,
        merges: .standard)

    static let all = [raft, eventual, Quorum.strategy, PrimaryBackup.strategy]
}

/// The scenario of `yaml`.
func decode(_ yaml: String) throws -> Scenario {
    try Scenario.decode(yaml: yaml, strategies: Strategies.all)
}

/// What is wrong with `yaml`.
func problems(_ yaml: String) -> [ScenarioProblem] {
    do {
        _ = try Scenario.decode(yaml: yaml, strategies: Strategies.all)
        return []
    } catch {
        return error.problems
    }
}
