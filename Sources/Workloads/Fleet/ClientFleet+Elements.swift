import Replication

/// Which elements clients add to sets and remove from them, and which fields they put into maps.
extension ClientFleet {
    /// How many fields clients use of a map.
    private static let fieldsMax: Int64 = 8

    /// An addition: of a new element or, where elements are removed too, one time in four of one
    /// that was added of late; of a map, new content for one of its fields.
    func addition(_ planned: PlannedOperation, _ client: Int) -> Operation {
        let group = planned.group
        if groups[group].valueType == .map {
            return .put(field: Self.field(planned.amount), content: clients[client].takeToken())
        }
        let isRepeat =
            planned.amount % 4 == 0
            && groups[group].operationKinds(in: setup.workload).contains(.remove)
        let known =
            isRepeat
            ? recentElements.element(planned.amount / 4, group: group, key: planned.key) : nil
        if let known { return .add(known) }
        let element = clients[client].takeToken()
        recentElements.note(element, group: group, key: planned.key)
        return .add(element)
    }

    /// A removal: of an element that was added of late, by whichever client; if there is none, of
    /// one that nobody added. Of a map, of one of its fields.
    func removal(_ planned: PlannedOperation, _ client: Int) -> Operation {
        if groups[planned.group].valueType == .map { return .remove(Self.field(planned.amount)) }
        let known = recentElements.element(
            planned.amount, group: planned.group, key: planned.key)
        return .remove(known ?? clients[client].takeToken())
    }

    private static func field(_ choice: Int64) -> [UInt8] {
        [UInt8(ascii: "f"), UInt8(ascii: "0") + UInt8(choice % fieldsMax)]
    }
}
