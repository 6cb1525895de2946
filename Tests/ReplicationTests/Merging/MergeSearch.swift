import Determinism

@testable import Replication

/// A random run of a group whose members merge values, with what is wrong in the end: members that
/// do not agree, or a value that acknowledged updates cannot have made.
struct MergeSearch {
    var rule: MergeDescription
    var crashes = 0.06
    var steps = 120

    init(_ name: String, crashes: Double = 0.06) {
        rule =
            MergeRules.standard.all.first { $0.description.name == name }?.description
            ?? LastWriterRegister.merging
        self.crashes = crashes
    }

    static let keys = 2

    func findings(seed: UInt64) -> [String] {
        do { return try run(seed) } catch { return ["\(error)"] }
    }

    func firstFinding(upTo bound: UInt64) -> (seed: UInt64, what: String)? {
        for seed in 1...bound {
            if let first = findings(seed: seed).first { return (seed, first) }
        }
        return nil
    }

    private func run(_ seed: UInt64) throws -> [String] {
        var random = RandomStream(seed: seed, name: "merges")
        let cluster = try EventualCluster(
            3, seed: seed,
            options: StrategyOptions([
                "resolve": .choice("merge"), "merge": .choice(rule.name),
                "anti_entropy": .duration(.milliseconds(500)), "snapshot_at": .size(2_000),
            ]), valueType: rule.valueType)
        cluster.delay = .milliseconds(1)...TimeSpan.milliseconds(60)
        cluster.run(for: .milliseconds(300))
        cluster.loss = 0.1
        var asked: [(request: UInt64, key: Int, operation: Operation)] = []
        for step in 0..<steps {
            let index = random.index(3)
            if random.chance(0.06) { cluster.cut(index, random.index(3)) }
            if random.chance(0.05) { cluster.heal() }
            if random.chance(0.05) {
                cluster.nodes[index].clockOffset = random.span(in: -.seconds(20)...(.seconds(20)))
            }
            if random.chance(crashes), cluster.nodes.allSatisfy(\.isUp) { cluster.crash(index) }
            if let down = cluster.nodes.firstIndex(where: { !$0.isUp }), random.chance(0.3) {
                try cluster.restart(down)
            }
            let key = random.index(Self.keys)
            let operation = operation(step, &random)
            if cluster.nodes[index].isUp {
                asked.append((cluster.ask(index, "k\(key)", operation), key, operation))
            }
            cluster.run(for: random.span(in: .zero...(.milliseconds(60))))
        }
        for index in cluster.nodes.indices where !cluster.nodes[index].isUp {
            try cluster.restart(index)
        }
        cluster.heal()
        cluster.loss = 0
        guard cluster.run(atMost: .seconds(60), until: { cluster.hasConverged }) != nil else {
            return ["no convergence"]
        }
        var findings = cluster.violations
        for key in 0..<Self.keys {
            let value = cluster.nodes[0].replica.finalState()
                .first { $0.key == Key("k\(key)") }?.values.first?.value
            let known = asked.filter { $0.key == key }.map { ask in
                (ask.operation, cluster.replies[ask.request]?.outcome != nil)
            }
            if let problem = problem(value, known) { findings.append(problem) }
        }
        return findings
    }

    private func operation(_ step: Int, _ random: inout RandomStream) -> Operation {
        let bytes = Array("v\(step)".utf8)
        let few = Array("e\(random.index(3))".utf8)
        return switch rule.valueType {
        case .register: .write(bytes)
        case .counter: .increment(Int64(random.index(10)) - 3)
        case .list: .append(bytes)
        case .set: random.chance(0.6) ? .add(few) : .remove(few)
        case .map: random.chance(0.7) ? .put(field: few, content: bytes) : .remove(few)
        }
    }

    /// What contradicts the updates, each with whether it was acknowledged, as far as their order
    /// does not matter.
    private func problem(_ value: Value?, _ known: [(Operation, isSure: Bool)]) -> String? {
        switch (rule.valueType, value) {
        case (.counter, let value):
            let reading: Int64 = if case .integer(let number)? = value { number } else { 0 }
            var range: (Int64, Int64) = (0, 0)
            for (operation, isSure) in known {
                guard case .increment(let amount) = operation else { continue }
                range.0 += isSure ? amount : min(0, amount)
                range.1 += isSure ? amount : max(0, amount)
            }
            return reading >= range.0 && reading <= range.1
                ? nil : "the counter is \(reading), not \(range.0) to \(range.1)"
        case (.list, let value):
            var elements: [[UInt8]] = []
            if case .list(let list)? = value { elements = list }
            let isWhole = known.allSatisfy { operation, isSure in
                guard case .append(let element) = operation else { return true }
                return !isSure || elements.contains(element)
            }
            return isWhole && Set(elements).count == elements.count
                ? nil : "an element of the list is missing or there twice"
        case (.register, .bytes(let bytes)?):
            return known.contains { $0.0 == .write(bytes) } ? nil : "a value that nobody wrote"
        case (.register, _): return known.contains(where: \.isSure) ? "a register is empty" : nil
        case (.set, _), (.map, _): return nil
        }
    }
}
