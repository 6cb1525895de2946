import Scenarios

extension FaultKind {
    /// Whom the fault strikes, where it strikes nodes by one selector.
    var selector: NodeSelector? {
        switch self {
        case .isolate(let selector), .refuse(let selector), .kill(let selector, _),
            .pause(let selector), .clock(let selector, _), .disk(let selector, _),
            .slow(let selector, _), .surge(let selector, _):
            selector
        case .cut(.around(let selector), _), .degrade(.around(let selector), _),
            .reset(.around(let selector)):
            selector
        case .partition, .cut, .degrade, .reset, .random: nil
        }
    }

    /// The fault with another selector in the place of its own; `nil` if it is to have none. A
    /// fault without a selector stays as it is.
    func replacingSelector(_ change: (NodeSelector) -> NodeSelector?) -> FaultKind? {
        switch self {
        case .isolate(let selector): change(selector).map { .isolate($0) }
        case .refuse(let selector): change(selector).map { .refuse($0) }
        case .kill(let selector, let disk): change(selector).map { .kill($0, disk: disk) }
        case .pause(let selector): change(selector).map { .pause($0) }
        case .clock(let selector, let error): change(selector).map { .clock($0, error) }
        case .disk(let selector, let trouble): change(selector).map { .disk($0, trouble) }
        case .slow(let selector, let factor): change(selector).map { .slow($0, factor: factor) }
        case .surge(let selector, let factor): change(selector).map { .surge($0, factor: factor) }
        case .cut(.around(let selector), let layer):
            change(selector).map { .cut(.around($0), layer: layer) }
        case .degrade(.around(let selector), let degradation):
            change(selector).map { .degrade(.around($0), degradation) }
        case .reset(.around(let selector)): change(selector).map { .reset(.around($0)) }
        case .partition, .cut, .degrade, .reset, .random: self
        }
    }
}
