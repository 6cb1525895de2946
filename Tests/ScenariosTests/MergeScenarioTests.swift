import Replication
import Scenarios
import Testing

/// Values that are merged, as scenario files say it.
@Suite struct MergeScenarioTests {
    private static func yaml(_ dataTypes: String, _ workload: String, expect: String = "") -> String
    {
        """
        name: x
        topology: {regions: [us-east-1, eu-west-1, ca-central-1]}
        data_types:
        \(dataTypes)
        workload: {data_type: cart, \(workload)}
        expect: [\(expect)]
        """
    }

    private static let cart = "  cart: {strategy: quorum, resolve: merge, value: set}"

    private func texts(_ yaml: String) -> [String] { problems(yaml).map(\.description) }

    @Test func aSetIsMerged() throws {
        let scenario = try decode(
            Self.yaml(Self.cart, "operations: {read: 50%, add: 40%, remove: 10%}"))
        #expect(scenario.groups.first?.value == .set)
        #expect(scenario.groups.first?.replication.options["resolve"] == .choice("merge"))
        #expect(scenario.operationKinds == [.read, .add, .remove])
    }

    @Test func aDataTypeHasOperationsOfItsOwn() throws {
        let yaml = Self.yaml(
            "  cart: {strategy: quorum, resolve: merge, value: set, operations: {read: 50%, add: 50%}}\n"
                + "  stock: {strategy: quorum, resolve: merge, value: counter, operations: {increment: 100%}}",
            "keys: {count: 3}"
        ).replacing("data_type: cart", with: "data_type: {cart: 50%, stock: 50%}")
        let scenario = try decode(yaml)
        #expect(scenario.operationKinds(on: GroupID(index: 0)) == [.read, .add])
        #expect(scenario.operationKinds(on: GroupID(index: 1)) == [.increment])
        #expect(scenario.operationKinds == [.read, .increment, .add])
        let plan = try Plan(scenario)
        #expect(try Plan(decode(plan.yaml)) == plan)
    }

    @Test(arguments: [
        (
            "  cart: {strategy: quorum, value: set}", "operations: {read: 100%}", "",
            "a set needs resolve: merge"
        ),
        (
            "  cart: {strategy: quorum, resolve: merge, merge: max, value: set}",
            "operations: {read: 100%}", "",
            "max does not merge values of type set; expected add-wins, remove-wins"
        ),
        (
            "  cart: {strategy: quorum, merge: max}", "operations: {read: 100%}", "",
            "how to merge, beside resolve: last-writer-wins"
        ),
        (
            "  cart: {strategy: quorum, resolve: merge, write_back: on}",
            "operations: {read: 100%}", "", "keeps what write_back orders"
        ),
        (
            cart, "operations: {read: 50%, increment: 50%}", "",
            "increment on 'cart', which the strategy quorum does not support for values of type set"
        ),
        (
            "  cart: {strategy: quorum, resolve: merge, value: set, operations: {write: 100%}}",
            "keys: {count: 3}", "", "write on 'cart'"
        ),
        (
            "  cart: {strategy: quorum, resolve: merge, merge: max}",
            "operations: {write: 50%, delete: 50%}", "", "delete on 'cart'"
        ),
        (
            cart, "operations: {read: 50%, add: 40%, remove: 10%}", "set-full",
            "elements are removed from 'cart'"
        ),
        (
            "  cart: {strategy: quorum, resolve: merge, value: map}",
            "operations: {read: 50%, add: 50%}", "not: linearizable", "no checker knows"
        ),
    ])
    func whatDoesNotSuitIsAnErrorWithItsPlace(
        _ dataTypes: String, _ workload: String, _ expect: String, _ message: String
    ) {
        var yaml = Self.yaml(dataTypes, workload, expect: expect)
        if expect.hasPrefix("not") { yaml = yaml.replacing("[\(expect)]", with: "[{\(expect)}]") }
        let found = Self.found(in: yaml)
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    /// What is said of a scenario, by the strategy's own word too.
    private static func found(in yaml: String) -> [String] {
        var quorum = Quorum.strategy
        quorum.objection = { setup, options in
            do throws(InvalidOption) {
                _ = try Quorum(setup: setup, options: options.completed(by: Quorum.strategy))
                return nil
            } catch { return error }
        }
        do {
            _ = try Scenario.decode(yaml: yaml, strategies: [quorum, Strategies.raft])
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func elementsOfASetThatGrowsCanBeLookedFor() {
        let yaml = Self.yaml(Self.cart, "operations: {read: 50%, add: 50%}", expect: "set-full")
        #expect(texts(yaml) == [])
    }

    @Test func aSwarmAboutMergesDrawsThem() throws {
        let base = try decode(
            """
            name: x
            topology: {regions: [us-east-1, eu-west-1, ca-central-1]}
            replication: {strategy: quorum, resolve: merge}
            """)
        var types: Set<ValueType> = []
        for seed in 1...60 as ClosedRange<UInt64> {
            let drawn = Swarm.draw(from: base, seed: seed, strategies: Strategies.all)
            #expect(drawn.problems(strategies: Strategies.all).isEmpty, "seed \(seed)")
            let options = try #require(drawn.groups.first).replication.options
            #expect(options["resolve"] == .choice("merge"))
            types.insert(try #require(drawn.groups.first).value)
        }
        #expect(types == Set(ValueType.allCases))
    }
}
