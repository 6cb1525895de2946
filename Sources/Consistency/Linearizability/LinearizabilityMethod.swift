/// How linearizability is decided. The verdict is the same; tests compare them.
package enum LinearizabilityMethod: CaseIterable, Hashable, Sendable {
    /// With all that makes it fast: what cannot matter is left out, what must have happened is
    /// bounded in time, times alone decide what they can, and hints and dead ends guide a search.
    case fast
    /// A search over every operation as it stands, which knows only what a step does.
    case general
}

/// A model that says no more than what a step does.
struct PlainModel<Model: ObjectModel>: ObjectModel {
    var model: Model

    var initial: Int64 { model.initial }
    mutating func step(_ state: Int64, _ call: Model.Call) -> Int64? { model.step(state, call) }
    func isPure(_ call: Model.Call) -> Bool { false }
}
