import Determinism
import Replication

/// The strategies that nodes can run, by name.
///
/// An executable of someone else's registers its own type and hands the registry to `NodeHost`;
/// the strategy then runs like the ones that come with Meridian.
public struct StrategyRegistry: Sendable {
    private struct Entry: Sendable {
        var description: StrategyDescription
        var make: @Sendable (GroupSetup, StrategyOptions) throws(InvalidOption) -> HostedGroup
    }

    private var entries: [Entry] = []
    /// The rules by which strategies merge values.
    package private(set) var merges = MergeRules.standard

    /// A registry without strategies.
    public init() {}

    /// Adds the strategy `type`, in place of one of the same name.
    public mutating func register<Strategy: Replica>(_ type: Strategy.Type) {
        var description = Strategy.strategy
        description.objection = { setup, options in
            do throws(InvalidOption) {
                _ = try Strategy(setup: setup, options: options.completed(by: Strategy.strategy))
                return nil
            } catch {
                return error
            }
        }
        let entry = Entry(description: description) {
            (setup, options) throws(InvalidOption) in
            let complete = options.completed(by: Strategy.strategy)
            return HostedReplica(
                try Strategy(setup: setup, options: complete), group: setup.group)
        }
        entries.removeAll { $0.description.name == entry.description.name }
        entries.append(entry)
    }

    /// Adds the rule by which values of `type` merge, for every strategy that merges, in place of
    /// one of the same name.
    public mutating func register<Merged: MergeableValue>(_ type: Merged.Type) {
        merges.register(type)
    }

    /// What the strategies say of themselves, in the order of registration.
    public var descriptions: [StrategyDescription] { entries.map(completed) }

    /// What the strategy `name` says of itself, or `nil`.
    public func description(of name: String) -> StrategyDescription? {
        entries.first { $0.description.name == name }.map(completed)
    }

    /// What a strategy says of itself, with the merges that are registered.
    private func completed(_ entry: Entry) -> StrategyDescription {
        var description = entry.description
        guard description.merges != nil else { return description }
        let merges = self.merges
        description.merges = merges
        for index in description.options.indices where description.options[index].name == "merge" {
            description.options[index].type = .choice(merges.names)
        }
        let objection = description.objection
        description.objection = { setup, options in
            var complete = setup
            complete.merges = merges
            return objection?(complete, options)
        }
        return description
    }

    /// A replica of the strategy `name`.
    func makeGroup(
        _ name: String, setup: GroupSetup, options: StrategyOptions
    ) throws(InvalidOption) -> HostedGroup {
        guard let entry = entries.first(where: { $0.description.name == name }) else {
            let known = entries.map(\.description.name).joined(separator: ", ")
            throw InvalidOption("strategy", "'\(name)' is not registered; known: \(known)")
        }
        var complete = setup
        complete.merges = merges
        return try entry.make(complete, options)
    }
}
