import Replication

/// What rows of a ``History`` refer to by number: names, and the few things that have no form of
/// a fixed size.
struct HistoryTables: Sendable {
    /// Texts that come again and again: regions, nodes, keys, errors. 0 stands for none.
    private var names: [String] = [""]
    // Looked up by text only; its order never shows.
    private var numbers: [String: UInt32] = [:]
    /// Names used most, found by comparing where hashing would take longer.
    private var common: [(name: String, number: UInt32)] = []
    private static let commonMax = 12

    /// Elements of lists and pairs, one after the other.
    private(set) var elements: ContiguousArray<Scalar> = []
    /// Whole numbers that no scalar has room for.
    private var wide: [Int64] = []
    private var wideNumbers: [Int64: Int] = [:]
    /// Values of any other form.
    private(set) var values: [HistoryValue] = []
    /// Causal versions.
    private(set) var versions: [Version] = []
    /// Contexts that are not empty. 0 stands for the empty one.
    private(set) var contexts: [VersionVector] = [VersionVector()]
    /// Operations with a number that their row has no room for.
    private(set) var outsized: [HistoryOperation] = []

    /// The number of a text of which there may be many.
    mutating func number(of name: String?) -> UInt32 {
        guard let name else { return 0 }
        if let number = numbers[name] { return number }
        let number = UInt32(names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    /// The number of a name of which there are few: a region's, node's or data type's.
    mutating func numberOfPlace(_ name: String?) -> UInt32 {
        guard let name else { return 0 }
        for (known, number) in common where known == name { return number }
        let number = number(of: name)
        if common.count < Self.commonMax { common.append((name, number)) }
        return number
    }

    /// The number of a text, if it has one.
    func knownNumber(of name: String) -> UInt32? { numbers[name] }

    /// The text with this number.
    func name(_ number: UInt32) -> String { names[Int(number)] }
    /// The text with this number; `nil` for 0.
    func optionalName(_ number: UInt32) -> String? { number == 0 ? nil : names[Int(number)] }

    mutating func add(_ value: HistoryValue) -> UInt64 {
        values.append(value)
        return UInt64(values.count - 1)
    }

    /// The scalar of a text.
    mutating func scalar(_ text: String) -> Scalar {
        if let token = ClientToken(text) { return Scalar(token) }
        return Scalar(text: number(of: text))
    }

    /// The scalar of a whole number.
    mutating func scalar(_ number: Int64) -> Scalar {
        if let scalar = Scalar(exactly: number) { return scalar }
        if let known = wideNumbers[number] { return Scalar(wide: known) }
        wideNumbers[number] = wide.count
        wide.append(number)
        return Scalar(wide: wide.count - 1)
    }

    /// The scalar of a value; `nil` for a collection.
    mutating func scalar(_ value: HistoryValue) -> Scalar? {
        switch value {
        case .null: .null
        case .text(let text): scalar(text)
        case .integer(let number): scalar(number)
        case .list, .pair, .transaction: nil
        }
    }

    /// The scalar of a value that was met before; `nil` for a collection, or another value.
    func knownScalar(of value: HistoryValue) -> Scalar? {
        switch value {
        case .null: return .null
        case .text(let text):
            if let token = ClientToken(text) { return Scalar(token) }
            return knownNumber(of: text).map(Scalar.init(text:))
        case .integer(let number):
            return Scalar(exactly: number) ?? wideNumbers[number].map(Scalar.init(wide:))
        case .list, .pair, .transaction: return nil
        }
    }

    /// Adds an element to the list that is being added.
    mutating func append(element: Scalar) { elements.append(element) }

    /// Adds the elements of a collection; `nil`, with some of them added, if they do not lie flat.
    mutating func append(elementsOf value: HistoryValue) -> StoredValue.Kind? {
        switch value {
        case .list(let elements): append(elements) ? .list : nil
        case .pair(let from, let to): append([from, to]) ? .pair : nil
        case .transaction(let parts): parts.allSatisfy { append($0) } ? .transaction : nil
        case .null, .text, .integer: nil
        }
    }

    private mutating func append(_ values: [HistoryValue]) -> Bool {
        for value in values {
            guard let scalar = scalar(value) else { return false }
            elements.append(scalar)
        }
        return true
    }

    private mutating func append(_ part: MicroOperation) -> Bool {
        let values: [HistoryValue]
        let isList: Bool
        if case .list(let elements) = part.value {
            (values, isList) = (elements, true)
        } else {
            (values, isList) = ([part.value], false)
        }
        append(header: MicroOperationHeader(part.function, isList: isList, count: values.count))
        elements.append(scalar(part.key))
        return append(values)
    }

    /// Adds what stands before a micro-operation's key.
    mutating func append(header: MicroOperationHeader) {
        elements.append(Scalar(bits: header.bits))
    }

    /// Puts another header in place of the one at `place`.
    mutating func replace(headerAt place: Int, by header: MicroOperationHeader) {
        elements[place] = Scalar(bits: header.bits)
    }

    /// The parts of the transaction whose elements are these.
    func microOperations(in range: Range<Int>) -> [MicroOperation] {
        var parts: [MicroOperation] = []
        var place = range.lowerBound
        while place < range.upperBound {
            let header = MicroOperationHeader(bits: elements[place].bits)
            let values = elements[place + 2..<place + 2 + header.count].map(value)
            parts.append(
                MicroOperation(
                    header.function, value(elements[place + 1]).keyText,
                    header.isList ? .list(values) : values.first ?? .null))
            place += 2 + header.count
        }
        return parts
    }

    /// Takes elements away again from `start` on.
    mutating func removeElements(from start: Int) { elements.removeSubrange(start...) }

    /// The value that a scalar stands for.
    func value(_ scalar: Scalar) -> HistoryValue {
        switch scalar.meaning {
        case .null: .null
        case .text(let number): .text(name(number))
        case .token(let token): .text(token.text)
        case .integer(let number): .integer(number)
        case .wide(let place): .integer(wide[place])
        }
    }

    mutating func add(_ version: Version) -> UInt64 {
        versions.append(version)
        return UInt64(versions.count - 1)
    }

    mutating func add(_ context: VersionVector) -> UInt32 {
        if context.entries.isEmpty { return 0 }
        contexts.append(context)
        return UInt32(contexts.count - 1)
    }

    mutating func modify(outsized number: Int, _ body: (inout HistoryOperation) -> Void) {
        body(&outsized[number])
    }

    mutating func add(_ operation: HistoryOperation) -> UInt64 {
        outsized.append(operation)
        return UInt64(outsized.count - 1)
    }
}
