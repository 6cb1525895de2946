import Recording

/// Puts, appends and gets of texts.
extension KeyHistory {
    mutating func textCalls(_ model: inout TextModel) -> [ObjectCall<TextModel.Call>] {
        var seen: [[UInt8]] = []
        var calls: [(call: ObjectCall<TextModel.Call>, text: [UInt8])] = []
        for operation in operations {
            guard let call = textCall(operation, &model) else { continue }
            let text = Array((Self.text(of: operation.value) ?? "").utf8)
            calls.append((made(operation, call), text))
            if case .get = call { seen.append(text) }
        }
        if method == .general { return calls.map(\.call) }
        // An update with unknown outcome whose text is part of nothing that was seen is left out.
        let kept = calls.compactMap { call, text -> ObjectCall<TextModel.Call>? in
            guard call.returned == nil else { return call }
            if case .append = call.call, text.isEmpty { return nil }
            return seen.contains { Self.contains($0, text) } ? call : nil
        }
        model.prepare(kept)
        return kept
    }

    /// The text that a value is; `nil` for a collection.
    private static func text(of value: HistoryValue) -> String? {
        switch value {
        case .null: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .list, .pair, .transaction: nil
        }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { start in
            text[start] == first && text[start..<start + part.count].elementsEqual(part)
        }
    }

    private func textCall(
        _ operation: HistoryOperation, _ model: inout TextModel
    ) -> TextModel.Call? {
        guard operation.outcome != .fail else { return nil }
        let number = Self.text(of: operation.value).map { model.number(of: $0) }
        switch operation.function {
        case .read:
            guard operation.outcome == .ok else { return nil }
            return number.map(TextModel.Call.get) ?? .impossible
        case .write: return number.map(TextModel.Call.put)
        case .append: return number.map(TextModel.Call.append)
        case .delete: return .put(0)
        case .cas, .increment, .add, .remove, .enqueue, .dequeue, .acquire, .release, .txn,
            .service:
            return nil
        }
    }
}
