import ArgumentParser
import Meridian
import RegionCore
import Replication
import Reporting

/// `meridian strategies`: what the consistency strategies promise, support and take.
struct StrategiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strategies",
        abstract: "Lists the consistency strategies with their operations and options.",
        discussion: """
            Of one strategy, also the state transitions that its replicas count.

            EXAMPLE
              meridian strategies
              meridian strategies raft
            """)

    @Argument(help: "Only this strategy.")
    var name: String?

    func run() throws {
        let all = Meridian.strategies.descriptions
        let chosen = name.map { name in all.filter { $0.name == name } } ?? all
        guard !chosen.isEmpty else {
            let known = all.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no strategy '\(name ?? "")'; known: \(known)")
        }
        print(chosen.map(describe).joined(separator: "\n\n"))
    }

    private func describe(_ strategy: StrategyDescription) -> String {
        var lines = ["\(strategy.name): \(strategy.promise)", ""]
        var operations = TextTable(
            [.left("  VALUE")] + OperationKind.ofKeys.map { .left($0.rawValue) })
        for type in ValueType.allCases {
            operations.add(
                ["  " + type.rawValue]
                    + OperationKind.ofKeys.map { strategy.supports($0, on: type) ? "yes" : "–" })
        }
        lines.append(operations.text)
        lines.append("")
        if let merges = strategy.merges {
            var rules = TextTable([
                .left("  RESOLVE: MERGE"), .left("VALUE"), .left("OPERATIONS"),
                .left("WHAT BECOMES OF CONCURRENT UPDATES"),
            ])
            for rule in merges.all.map(\.description) {
                let kinds = OperationKind.allCases.filter(rule.operations.contains)
                rules.add([
                    "  " + rule.name, rule.valueType.rawValue,
                    kinds.map(\.rawValue).joined(separator: " "), rule.help,
                ])
            }
            lines.append(rules.text)
            lines.append("")
        }
        var options = TextTable([
            .left("  OPTION"), .left("TYPE"), .left("DEFAULT"), .left("WHAT IT DOES"),
        ])
        for option in strategy.options {
            options.add([
                "  " + option.name, option.type.notation,
                option.defaultValue?.notation ?? "none", option.help,
            ])
        }
        lines.append(options.text)
        if name != nil, !strategy.transitions.isEmpty {
            lines += ["", "  TRANSITIONS COUNTED"] + strategy.transitions.map { "  " + $0 }
        }
        return lines.joined(separator: "\n")
    }
}

extension OptionType {
    /// The values that the option takes, as a scenario file writes them.
    var notation: String {
        switch self {
        case .toggle: "on | off"
        case .choice(let words): words.joined(separator: " | ")
        case .duration: "duration"
        case .automaticDuration: "auto | duration"
        case .automaticDurationRange: "auto | duration | range"
        case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
        case .automaticInteger(let range): "auto | \(range.lowerBound)…\(range.upperBound)"
        case .size: "size"
        case .region: "region"
        case .regions: "[regions]"
        case .unlimitedDuration: "unlimited | duration"
        }
    }
}

extension OptionValue {
    /// The value as a scenario file writes it.
    var notation: String {
        switch self {
        case .toggle(let isOn): isOn ? "on" : "off"
        case .choice(let word): word
        case .duration(let span): "\(span)"
        case .durationRange(let range): "\(range.lowerBound)..\(range.upperBound)"
        case .integer(let number): "\(number)"
        case .size(let bytes):
            bytes % 1_000_000 == 0
                ? "\(bytes / 1_000_000)MB" : bytes % 1_000 == 0 ? "\(bytes / 1_000)KB" : "\(bytes)B"
        case .region(let region): "region \(region.index)"
        case .regions(let regions): "\(regions.count) regions"
        case .automatic: "auto"
        case .unlimited: "unlimited"
        }
    }
}
