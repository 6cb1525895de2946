import Consistency
import Judgement
import Recording
import Scenarios

/// What one strategy did in one run.
package struct ComparedRun: Sendable {
    /// The place of the strategy among those that are compared.
    package var strategy: Int
    /// The seed of the run.
    package var seed: UInt64
    /// What was measured and judged.
    package var report: Report
    /// Which models the history kept to.
    package var models: HeldModels
    private let values: [String: Double]

    /// A run of the strategy at that place.
    package init(strategy: Int, report: Report, models: HeldModels) {
        self.strategy = strategy
        seed = report.seed
        self.report = report
        self.models = models
        values = Dictionary(
            report.figures.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The figure of that name, if the run has it.
    package subscript(figure: String) -> Double? { values[figure] }
}

/// Strategies side by side: the same scenario under the same seeds.
package struct StrategyComparison: Sendable {
    /// The scenario.
    package var scenario: String
    /// What carried out the runs.
    package var engine: RunInformation.Engine
    /// The strategies as they were asked for; others are compared with the first.
    package var strategies: [String]
    /// All runs, by strategy and seed in order.
    package private(set) var runs: [ComparedRun]
    /// The names of all figures that any run has, in the order of the runs' own.
    package private(set) var figures: [String] = []

    /// A comparison of these runs.
    package init(
        scenario: String, engine: RunInformation.Engine, strategies: [String], runs: [ComparedRun]
    ) {
        self.scenario = scenario
        self.engine = engine
        self.strategies = strategies
        self.runs = runs.sorted { ($0.strategy, $0.seed) < ($1.strategy, $1.seed) }
        var seen: Set<String> = []
        for run in self.runs {
            for figure in run.report.figures where seen.insert(figure.name).inserted {
                figures.append(figure.name)
            }
        }
    }

    /// The runs of the strategy at that place, by seed.
    package func runs(of strategy: Int) -> [ComparedRun] {
        runs.filter { $0.strategy == strategy }
    }

    /// What the runs of a strategy say of a figure.
    package func estimate(_ figure: String, of strategy: Int) -> Estimate? {
        Estimate(runs(of: strategy).compactMap { $0[figure] })
    }

    /// How much more a strategy has of a figure than the first one: the mean of the differences
    /// under the same seeds, which have the same arrivals, keys and faults.
    package func difference(_ figure: String, of strategy: Int) -> Estimate? {
        let first = runs(of: 0)
        return Estimate(
            runs(of: strategy).compactMap { run in
                guard let value = run[figure],
                    let base = first.first(where: { $0.seed == run.seed })?[figure]
                else { return nil }
                return value - base
            })
    }

    /// The strongest model that every run of the strategy kept to.
    package func strongestModel(of strategy: Int) -> String {
        HeldModels.strongest(of: runs(of: strategy).map(\.models))
    }

    /// The models that some run of the strategy broke, and in how many runs.
    package func broken(of strategy: Int) -> [(model: ConsistencyModel, runs: Int)] {
        let mine = runs(of: strategy)
        let asked = mine.first?.models.verdicts.map(\.model) ?? []
        return asked.compactMap { model in
            let count = mine.count { $0.models[model] == .invalid }
            return count > 0 ? (model, count) : nil
        }
    }
}

extension StrategyComparison {
    /// One row for each figure of each run, with a heading: `strategy,seed,figure,value`.
    package var csv: String {
        var lines = ["strategy,seed,figure,value"]
        for run in runs {
            let name = strategies[run.strategy]
            func add(_ figure: String, _ value: String) {
                lines.append(CSVLine.text([name, "\(run.seed)", figure, value]))
            }
            add("verdict", run.report.verdict.rawValue)
            for verdict in run.models.verdicts {
                add("model.\(verdict.model.rawValue)", verdict.verdict.rawValue)
            }
            for figure in run.report.figures { add(figure.name, "\(figure.value)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// As JSON, `meridian.compare/1`.
    package var json: JSONValue {
        .members([
            "schema": .text("meridian.compare/1"), "scenario": .text(scenario),
            "engine": .text(engine.rawValue),
            "strategies": .list(
                strategies.indices.map { strategy in
                    .members([
                        "strategy": .text(strategies[strategy]),
                        "seeds": .list(runs(of: strategy).map { .count(Int($0.seed)) }),
                        "strongest_model": .text(strongestModel(of: strategy)),
                        "broken_models": .list(
                            broken(of: strategy).map {
                                .members([
                                    "model": .text($0.model.rawValue), "runs": .count($0.runs),
                                ])
                            }),
                        "verdicts": .list(
                            runs(of: strategy).map { .text($0.report.verdict.rawValue) }),
                        "figures": .list(figures.compactMap { json(of: $0, strategy) }),
                    ])
                }),
        ])
    }

    private func json(of figure: String, _ strategy: Int) -> JSONValue? {
        guard let estimate = estimate(figure, of: strategy) else { return nil }
        let difference = strategy == 0 ? nil : difference(figure, of: strategy)
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return .members([
            "figure": .text(figure), "mean": .number(estimate.mean),
            "half_width_95": number(estimate.halfWidth), "runs": .count(estimate.count),
            "difference": number(difference?.mean),
            "difference_half_width_95": number(difference?.halfWidth),
        ])
    }
}
