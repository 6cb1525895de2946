import Consistency
import Determinism
import Foundation
import Recording
import Testing

/// Small histories with the verdicts that they must get, each with the reason.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .path

    /// The histories that docs/consistency.md explains the models by.
    static let documented: [NotedHistory] = {
        let path = folder + "/../../../docs/consistency.md"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let blocks = text.split(separator: "```history\n").dropFirst().compactMap {
            $0.split(separator: "```", omittingEmptySubsequences: false).first
        }
        do {
            return try blocks.flatMap { try NotedHistory.all(in: String($0)) }
        } catch {
            Issue.record("\(error)")
            return []
        }
    }()

    static let histories: [NotedHistory] = {
        let folder = Self.folder + "/Histories"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().flatMap { name in
            let text = (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)) ?? ""
            do {
                return try NotedHistory.all(in: text)
            } catch {
                Issue.record("\(name): \(error)")
                return []
            }
        }
    }()

    @Test(arguments: histories + documented)
    func everyVerdictIsTheNotedOne(_ noted: NotedHistory) throws {
        #expect(!noted.verdicts.isEmpty && !noted.operations.isEmpty)
        for (model, expected) in noted.verdicts {
            let verdict = try #require(Self.verdict(of: noted, model), "no model \(model)")
            #expect(verdict.rawValue == expected, "\(noted.name): \(model): \(noted.reason)")
        }
    }

    @Test func thereAreManyAndNoneTwice() {
        #expect(Self.histories.count >= 200)
        #expect(Self.documented.count > 15)
        #expect(Set(Self.histories.map(\.name)).count == Self.histories.count)
        #expect(Self.histories.allSatisfy { !$0.reason.isEmpty })
    }

    private static func verdict(of noted: NotedHistory, _ model: String) -> CheckVerdict? {
        let kind =
            noted.object ?? ObjectKind(functions: noted.operations.map(\.function)) ?? .register
        switch model {
        case "linearizable":
            return Linearizability.check(noted.operations, dataType: "default", kind: kind)
                .verdict
        case "set-full":
            let history = History(noted.operations)
            return SetFull(HistorySelection(history, Array(history.indices))).verdict
        case "sequential" where kind != .register && kind != .casRegister:
            return SequentialConsistency.check(
                History(noted.operations), dataType: "default", kind: kind,
                sessions: noted.sessions
            ).verdict
        case _: return boundVerdict(of: noted, model) ?? weakerVerdict(of: noted, model)
        }
    }

    /// Of `staleness 4`, `versions 1` or `delta 2`: bounds in the notation's own time.
    private static func boundVerdict(of noted: NotedHistory, _ model: String) -> CheckVerdict? {
        let words = model.split(separator: " ")
        guard words.count == 2, let bound = Int64(words[1]) else { return nil }
        let history = History(noted.operations)
        let span = TimeSpan(nanoseconds: bound)
        switch words[0] {
        case "staleness":
            return BoundedStaleness.check(
                history, dataType: "default", age: span, versions: nil
            ).verdict
        case "versions":
            return BoundedStaleness.check(
                history, dataType: "default", age: nil, versions: Int(bound)
            ).verdict
        case "delta":
            return DeltaAtomicity.check(history, dataType: "default", atMost: span).verdict
        case _: return nil
        }
    }

    private static func weakerVerdict(of noted: NotedHistory, _ model: String) -> CheckVerdict? {
        let history = History(noted.operations)
        if let model = TransactionModel(name: model) {
            let (transactions, names) = TransactionHistory.read(history, dataType: "default")
            let options = TransactionCheckOptions(model: model, names: names)
            return TransactionConsistency.check(transactions, options: options).verdict
        }
        let sessions = SessionHistory(
            history, dataType: "default", sessions: noted.sessions)
        if let model = CausalModel(rawValue: model) {
            return CausalConsistency.check(sessions, model).verdict
        }
        if let guarantee = SessionGuarantee(rawValue: model) {
            return ValueGuarantees.check(sessions)[guarantee]?.verdict
        }
        return model == "sequential" ? SequentialConsistency.check(sessions).verdict : nil
    }
}
