import Consistency
import Determinism
import Foundation
import Recording

/// A small history as people write it down, with what models say of it:
///
///     stale-read: the read began after the write of 2 had returned
///     object: register
///     linearizable: invalid
///     A 1-2  write x 1
///     A 3-4  write x 2
///     B 5-6  read x 1
///
/// A line for each operation: its client, from when to when (`1-?`: the outcome is unknown,
/// `1-2!`: it failed), what it did, to which key, and with which value: a number, a word, `nothing`,
/// a list `[1 2]`, a set `{1 2}`, or `1 2` for a compare-and-set. A mutex has no value, and `txn`
/// has parts with commas in between: `txn r x [1], append y 2`. What the answer told besides comes
/// after an arrow: `increment c 2 -> 5`, or what a failed compare-and-set found.
///
/// `A2` is client A in another process. Each process is a session of its own, but for
/// `sessions: clients`.
struct NotedHistory: Sendable, CustomStringConvertible {
    var name: String
    var reason: String
    var object: ObjectKind?
    var sessions = SessionHistory.Sessions.processes
    /// What each model says, by its name.
    var verdicts: [(model: String, verdict: String)] = []
    var operations: [HistoryOperation] = []

    var description: String { name }

    /// All histories in `text`, with blank lines between them; lines that begin with `#` say
    /// nothing.
    static func all(in text: String) throws -> [NotedHistory] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.hasPrefix("#") }
        return try lines.split(separator: "").map { try NotedHistory(lines: Array($0)) }
    }

    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    init(lines: [String]) throws {
        guard let title = lines.first, let colon = title.firstIndex(of: ":") else {
            throw Problem(description: "'\(lines.first ?? "")' is no name with a reason")
        }
        name = String(title[..<colon])
        reason = title[title.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        for line in lines.dropFirst() {
            let words = line.split(separator: " ").map(String.init)
            if let first = words.first, first.hasSuffix(":"), words.count == 2 {
                let key = String(first.dropLast())
                if key == "object" {
                    guard let kind = ObjectKind(rawValue: words[1]) else {
                        throw Problem(description: "\(name): no object \(words[1])")
                    }
                    object = kind
                } else if key == "sessions", words[1] == "clients" {
                    sessions = .clients
                } else {
                    verdicts.append((key, words[1]))
                }
            } else if words.count == 3, words[1].hasSuffix(":") {
                // A bound: `versions 1: valid`.
                verdicts.append(("\(words[0]) \(words[1].dropLast())", words[2]))
            } else {
                operations.append(try operation(words))
            }
        }
        operations.sort { ($0.invoked ?? .zero, $0.index) < ($1.invoked ?? .zero, $1.index) }
        for index in operations.indices { operations[index].index = index }
    }

    private func operation(_ words: [String]) throws -> HistoryOperation {
        let problem = Problem(description: "\(name): '\(words.joined(separator: " "))'")
        guard words.count >= 3, let letter = words[0].unicodeScalars.first else { throw problem }
        let times = words[1].split(separator: "-").map(String.init)
        guard times.count == 2, let invoked = Int64(times[0]) else { throw problem }
        let function = HistoryFunction(name: words[2])
        let hasKey = function != .txn
        guard !hasKey || words.count >= 4 else { throw problem }
        let told = words.dropFirst(hasKey ? 4 : 3).split(separator: "->", maxSplits: 1)
        let rest = told.first?.joined(separator: " ") ?? ""
        var operation = HistoryOperation(
            index: operations.count,
            process: Int(letter.value) - 65 + 26 * (Int(words[0].dropFirst()) ?? 0),
            client: UInt64(letter.value), session: UInt64(letter.value), region: "r", attempts: 1,
            function: function, dataType: "default", key: hasKey ? words[3] : nil,
            value: function == .txn
                ? .transaction(try Self.parts(rest)) : Self.value(rest, of: function),
            planned: Instant(nanoseconds: invoked), invoked: Instant(nanoseconds: invoked))
        if told.count > 1 { operation.result = Self.value(told[1].joined(separator: " ")) }
        let end = times[1].hasSuffix("!") ? String(times[1].dropLast()) : times[1]
        operation.outcome = times[1] == "?" ? .info : times[1].hasSuffix("!") ? .fail : .ok
        if times[1] != "?" {
            guard let completed = Int64(end), completed >= invoked else { throw problem }
            operation.completed = Instant(nanoseconds: completed)
        }
        return operation
    }

    private static func scalar(_ word: String) -> HistoryValue {
        word == "nothing" || word.isEmpty
            ? .null : Int64(word).map(HistoryValue.integer) ?? .text(word)
    }

    private static func value(_ text: String, of function: HistoryFunction = .read) -> HistoryValue
    {
        if text.hasPrefix("[") || text.hasPrefix("{") {
            let inner = text.dropFirst().dropLast()
            return .list(inner.split(separator: " ").map { scalar(String($0)) })
        }
        let words = text.split(separator: " ").map(String.init)
        if function == .cas, words.count == 2 {
            return .pair(from: scalar(words[0]), to: scalar(words[1]))
        }
        return scalar(text)
    }

    private static func parts(_ text: String) throws -> [MicroOperation] {
        try text.split(separator: ",").map { part in
            let words = part.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count >= 2, let function = MicroOperation.Function(rawValue: words[0])
            else { throw Problem(description: "'\(part)' is no part of a transaction") }
            return MicroOperation(
                function, words[1], words.count > 2 ? value(words[2]) : .null)
        }
    }
}
