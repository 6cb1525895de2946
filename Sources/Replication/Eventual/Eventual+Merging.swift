import Determinism

/// Requests for values that are merged.
extension Eventual {
    /// Why an operation does not suit the values, or `nil`.
    func misfit(of operation: Operation) -> String? {
        let supported: Set<OperationKind>
        if case .merge(let rule) = options.resolver {
            supported = rule.description.operations
        } else {
            supported = Self.strategy.operations[setup.valueType] ?? []
        }
        var isFit = supported.contains(operation.kind)
        // Elements are added to sets, and fields are put into maps.
        if case .put = operation, setup.valueType != .map { isFit = false }
        if case .add = operation, setup.valueType == .map { isFit = false }
        if isFit { return nil }
        let names = OperationKind.allCases.filter(supported.contains).map(\.rawValue)
        return "\(strategyName) does not support \(operation.kind.rawValue) on a "
            + "\(setup.valueType.rawValue) here; it supports \(names.joined(separator: ", "))"
    }

    /// Why what an operation brings is too large, or `nil`.
    static func excess(of operation: Operation) -> String? {
        let value: Int
        switch operation {
        case .write(let bytes), .append(let bytes), .add(let bytes), .remove(let bytes):
            value = bytes.count
        case .put(let field, let content):
            guard field.count <= Limits.keyBytesMax else {
                return "a field of \(field.count) bytes; at most \(Limits.keyBytesMax) are allowed"
            }
            value = content.count
        case .read, .delete, .compareAndSet, .increment, .transaction, .call: return nil
        }
        return value <= Limits.valueBytesMax
            ? nil : "a value of \(value) bytes; at most \(Limits.valueBytesMax) are allowed"
    }

    /// Why a merged value cannot grow any more, or `nil`: whatever the other members add meanwhile,
    /// the join of all states must fit into one message.
    func mergedOverflow(of held: VersionedEntry?, _ operation: Operation) -> String? {
        switch operation {
        case .append, .add, .remove, .put: break
        case .increment, .delete, .write, .read, .compareAndSet, .transaction, .call: return nil
        }
        let shares = max(1, members.rows.count)
        let bytes = held?.siblings.reduce(0) { $0 + ($1.value?.count ?? 0) } ?? 0
        // With what it is remembered by.
        let growth = operation.encodedSize + 64
        let bytesAllowed = Limits.mergedStateBytesMax / shares
        if bytes + growth > bytesAllowed {
            if shrinks(held, operation) { return nil }
            return "the value takes \(bytes) bytes with all that its merges need; with this update "
                + "it would take more than a member's share of \(bytesAllowed)"
        }
        // Only a state of so many bytes can show so many elements.
        let elementsAllowed = Limits.listElementsMax / shares
        guard bytes >= 3 * elementsAllowed, let held,
            let value = table.resolver.values(of: held).last?.value,
            value.elementCount >= elementsAllowed
        else { return nil }
        return "the value has \(value.elementCount) elements, a member's share of "
            + "\(Limits.listElementsMax)"
    }

    /// Whether a remove leaves less behind than it takes away.
    private func shrinks(_ held: VersionedEntry?, _ operation: Operation) -> Bool {
        guard case .remove = operation, case .merge(let rule) = options.resolver,
            let last = held?.siblings.last, let state = last.value
        else { return false }
        let update = MergeUpdate(
            dot: Dot(member: me, counter: counter + 1), timestamp: last.timestamp)
        return (rule.updated(state, by: operation, update)?.count ?? .max) <= state.count
    }

    /// What a read of a merged value answers.
    func shownMerged(_ entry: VersionedEntry) -> ClientReply {
        let shown = table.resolver.values(of: entry)
        return ClientReply(
            .values(shown.compactMap(\.value)), version: shown.last?.version,
            context: entry.context)
    }

    /// Takes in an update of a value that is merged. It follows all that is known here, and nothing
    /// else: what its client has read elsewhere and is not here yet cannot have shaped it.
    func takeInMerged(
        _ operation: Operation, _ key: Key, _ now: NodeTime, _ output: inout Output
    ) -> (dot: Dot, reply: ClientReply) {
        let held = table[key]
        let context = held?.context ?? VersionVector()
        counter += 1
        let update = Sibling(
            dot: Dot(member: me, counter: counter),
            timestamp: timestamp(for: held, superseding: context, now), context: context,
            value: operation.encoded)
        var met: [ConflictResolver.Meeting] = []
        let entry = table.resolver.add(update, to: held, met: &met)
        persist(.taken(key, update), &output)
        noteUnwritten(key, output)
        store(key, entry)
        output.replicated(key, update.version, bytes: update.value?.count ?? 0, from: me)
        known.insert(counter...counter, of: me)
        log.append(counter, key, due: now.monotonic + options.replicationDelay)
        var reading: Value?
        if case .increment = operation { reading = table.resolver.values(of: entry).last?.value }
        let reply = ClientReply(.done(reading), version: update.version, context: entry.context)
        return (update.dot, reply)
    }
}
