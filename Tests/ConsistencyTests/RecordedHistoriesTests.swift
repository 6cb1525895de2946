import Consistency
import Foundation
import Testing

/// Histories that others recorded, with known verdicts. They are not part of the project: the
/// environment variable `MERIDIAN_HISTORIES` names a folder with `verdicts.csv` (`file,model,
/// linearizable`), Jepsen logs of a register (`.log`) and EDN lines of a key-value store (`.txt`).
@Suite struct RecordedHistoriesTests {
    private static let folder = ProcessInfo.processInfo.environment["MERIDIAN_HISTORIES"]

    @Test(.enabled(if: folder != nil, "MERIDIAN_HISTORIES names no folder"))
    func everyVerdictIsTheKnownOne() throws {
        let folder = try #require(Self.folder)
        let table = try String(contentsOfFile: folder + "/verdicts.csv", encoding: .utf8)
        var checked = 0
        for row in table.split(separator: "\n").dropFirst() {
            let columns = row.split(separator: ",").map(String.init)
            let text = try String(contentsOfFile: folder + "/" + columns[0], encoding: .utf8)
            let isRegister = columns[1] == "cas-register"
            let verdict = try isRegister ? register(text) : keyValue(text)
            #expect(verdict == columns[2], "\(columns[0])")
            checked += 1
        }
        #expect(checked > 0)
    }

    private func verdict(_ outcome: SearchOutcome) -> String {
        switch outcome {
        case .found: "valid"
        case .none: "invalid"
        case .exhausted: "unknown"
        }
    }

    // MARK: Registers

    private struct RegisterModel: ObjectModel {
        enum Call: Hashable {
            case read(Int64)
            case write(Int64)
            case cas(Int64, Int64)
        }
        let initial: Int64 = -1
        func step(_ state: Int64, _ call: Call) -> Int64? {
            switch call {
            case .read(let value): value == state ? state : nil
            case .write(let value): value
            case .cas(let from, let to): from == state ? to : nil
            }
        }
        func isPure(_ call: Call) -> Bool {
            if case .read = call { return true }
            return false
        }
    }

    private func register(_ text: String) throws -> String {
        typealias Call = RegisterModel.Call
        var calls: [ObjectCall<Call>] = []
        var open: [Substring: (time: Int64, function: Substring, value: String)] = [:]
        func call(_ function: Substring, _ value: String) -> Call {
            let numbers = value.split { "[] ".contains($0) }.map { Int64($0) ?? -1 }
            switch function {
            case ":read": return .read(numbers[0])
            case ":write": return .write(numbers[0])
            case _: return .cas(numbers[0], numbers[1])
            }
        }
        var time: Int64 = 0
        for line in text.split(separator: "\n") {
            let words = line.split(omittingEmptySubsequences: true) { $0 == "\t" || $0 == " " }
            guard words.count >= 7, words[0] == "INFO", words[1] == "jepsen.util" else { continue }
            time += 1
            let (process, type, function) = (words[3], words[4], words[5])
            let value = words[6...].joined(separator: " ")
            if type == ":invoke" {
                open[process] = (time, function, value)
                continue
            }
            let invoked = open.removeValue(forKey: process)
            let start = try #require(invoked)
            if type == ":fail" { continue }
            if type == ":info", start.function == ":read" { continue }
            let shown = type == ":ok" ? value : start.value
            let made = call(start.function, shown)
            calls.append(
                ObjectCall(
                    identity: calls.count, invoked: start.time,
                    returned: type == ":ok" ? time : nil, call: made))
        }
        for (_, start) in open.sorted(by: { $0.value.time < $1.value.time }) {
            guard start.function != ":read" else { continue }
            let made = call(start.function, start.value)
            calls.append(
                ObjectCall(
                    identity: calls.count, invoked: start.time, returned: nil, call: made))
        }
        return verdict(Linearizability.search(RegisterModel(), calls).outcome)
    }

    // MARK: Key-value stores

    /// Texts that puts replace and appends extend; each text that occurs has a number.
    private struct TextModel: ObjectModel {
        enum Call: Hashable {
            case get(String)
            case put(String)
            case append(String)
        }
        let initial: Int64 = 0
        var texts: [String] = [""]
        var numbers: [String: Int64] = ["": 0]

        mutating func number(_ text: String) -> Int64 {
            if let known = numbers[text] { return known }
            numbers[text] = Int64(texts.count)
            texts.append(text)
            return Int64(texts.count - 1)
        }
        mutating func step(_ state: Int64, _ call: Call) -> Int64? {
            switch call {
            case .get(let text): texts[Int(state)] == text ? state : nil
            case .put(let text): number(text)
            case .append(let text): number(texts[Int(state)] + text)
            }
        }
        func isPure(_ call: Call) -> Bool {
            if case .get = call { return true }
            return false
        }
    }

    private func keyValue(_ text: String) throws -> String {
        func field(_ name: String, of line: Substring) throws -> String {
            let start = try #require(line.range(of: name + " ")?.upperBound)
            let rest = line[start...]
            if rest.hasPrefix("\"") {
                return String(rest.dropFirst().prefix { $0 != "\"" })
            }
            return String(rest.prefix { $0 != "," && $0 != "}" })
        }
        var calls: [String: [ObjectCall<TextModel.Call>]] = [:]
        var open: [String: (time: Int64, value: String)] = [:]
        var time: Int64 = 0
        for line in text.split(separator: "\n") where line.hasPrefix("{") {
            time += 1
            let process = try field(":process", of: line)
            let value = try field(":value", of: line)
            if try field(":type", of: line) == ":invoke" {
                open[process] = (time, value)
                continue
            }
            let invoked = open.removeValue(forKey: process)
            let start = try #require(invoked)
            let call: TextModel.Call
            switch try field(":f", of: line) {
            case ":get": call = .get(value == "nil" ? "" : value)
            case ":put": call = .put(value)
            case _: call = .append(value)
            }
            calls[try field(":key", of: line), default: []].append(
                ObjectCall(
                    identity: Int(time), invoked: start.time, returned: time, call: call))
        }
        #expect(!calls.isEmpty)
        let outcomes = calls.keys.sorted().map { key in
            verdict(Linearizability.search(TextModel(), calls[key] ?? []).outcome)
        }
        return outcomes.first { $0 == "invalid" } ?? outcomes.first { $0 == "unknown" } ?? "valid"
    }
}
