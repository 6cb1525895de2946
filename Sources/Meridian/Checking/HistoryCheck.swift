import Consistency
import Foundation
import Judgement
import Recording
import RegionCore
import Replication
import Scenarios

/// The check of a history against consistency models: of a record, or of a file of another system.
public struct HistoryCheck: Sendable {
    /// What kind of object the keys are; `nil`: the record says so, or the operations do.
    public var kind: ObjectKind?
    /// The models; with no bounds either: linearizability of operations on single keys, and strict serializability
    /// of transactions.
    public var models: [ConsistencyModel]
    /// How far it may be from a model.
    public var bounds: [ConsistencyBound]
    /// How much each check may spend.
    public var budget: CheckBudget

    /// A check of these models and bounds.
    public init(
        kind: ObjectKind? = nil, models: [ConsistencyModel] = [],
        bounds: [ConsistencyBound] = [], budget: CheckBudget = CheckBudget()
    ) {
        self.kind = kind
        self.models = models
        self.bounds = bounds
        self.budget = budget
    }

    /// Checks the history in the file or record at `path`; tells `watch` how far it is, from any
    /// thread. Throws ``RecordError`` if it cannot be read, ``HistoryCheckError`` if it
    /// does not say what it is a history of.
    public func run(
        path: String,
        watch: @escaping @Sendable (CheckProgress) -> Void = { _ in }
    ) throws -> HistoryVerdict {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists else { throw RecordError.missing(path: path) }
        let started = ContinuousClock.now
        let source = try isFolder.boolValue ? record(path) : file(path)
        let loaded = ContinuousClock.now
        var verdict = HistoryVerdict(
            path: path, format: source.format, operations: source.history.count,
            skipped: source.skipped, bytes: source.bytes)
        for (name, kind) in source.objects {
            var check = ModelCheck(
                source.history, dataType: name, kind: kind, sessions: source.sessions)
            check.budget = budget
            check.hasTimes = source.format == "record"
            check.keepsConcurrent = source.keepingConcurrent.contains(name)
            func note(_ name: String, _ isOfTransactions: Bool, _ result: CheckResult) {
                verdict.findings.append(
                    HistoryVerdict.Finding(
                        name: name, isOfTransactions: isOfTransactions, dataType: check.dataType,
                        kind: kind, result: result,
                        told: OperationsTold(source.history, result.violations).texts))
            }
            let isUnsaid = models.isEmpty && bounds.isEmpty
            for model in isUnsaid ? Self.models(of: source.history, name) : models {
                note(
                    model.rawValue, model.isOfTransactions,
                    check.result(of: model, loop: CheckProgress.loop(model.rawValue, watch)))
            }
            for bound in bounds {
                note(
                    "\(bound.name) (\(bound.text))", false,
                    check.result(of: bound, loop: CheckProgress.loop(bound.name, watch)))
            }
        }
        verdict.loading = loaded - started
        verdict.checking = .now - loaded
        return verdict
    }

    // MARK: Sources

    private struct Source {
        var history: History
        var objects: [(dataType: String, kind: ObjectKind)]
        /// The data types whose reads may show several values.
        var keepingConcurrent: Set<String> = []
        var format: String
        var sessions = SessionHistory.Sessions.processes
        var skipped = 0
        var bytes = 0
    }

    private func record(_ path: String) throws -> Source {
        let contents = try RecordFolder.open(at: path).read()
        let plan = try Plan(
            Scenario.decode(
                yaml: contents.plan, file: path + "/plan.yaml",
                strategies: strategies.descriptions))
        let names = contents.history.dataTypes.filter { !plan.serviceDataTypes.contains($0) }
        guard !names.isEmpty || contents.history.isEmpty else {
            throw HistoryCheckError.onlyServices(path: path)
        }
        let objects = names.compactMap {
            name -> (dataType: String, kind: ObjectKind)? in
            let group = plan.groups.first { $0.name == name }
            let type = group?.valueType ?? .register
            guard kind != nil || group?.spec.hasModel ?? true else { return nil }
            return (dataType: name, kind: kind ?? ObjectKind(type))
        }
        return Source(
            history: contents.history, objects: objects,
            keepingConcurrent: Set(plan.groups.filter(\.keepsConcurrent).map(\.name)),
            format: "record",
            sessions: plan.scenario.workload.isClosedLoop ? .clients : .processes)
    }

    private func file(_ path: String) throws -> Source {
        let file = try HistoryFile(path: path, isKeyed: kind == .multiRegister)
        let objects = try file.history.dataTypes.map { name in
            let functions = Self.functions(of: file.history, name).filter { $0 != .txn }
            // Of transactions their parts tell.
            if kind == nil, functions.isEmpty {
                return (dataType: name, kind: ObjectKind.listAppend)
            }
            guard let kind = kind ?? ObjectKind(functions: functions)
            else { throw HistoryCheckError.unknownKind(path: path) }
            return (dataType: name, kind: kind)
        }
        return Source(
            history: file.history, objects: objects, format: file.format.rawValue,
            skipped: file.skipped, bytes: file.bytes)
    }

    private static func models(
        of history: History, _ dataType: String
    ) -> [ConsistencyModel] {
        let functions = functions(of: history, dataType)
        let isMixed = functions.contains { $0 != .txn }
        guard functions.contains(.txn) else { return [.linearizable] }
        return isMixed ? [.linearizable, .strictSerializable] : [.strictSerializable]
    }

    /// What the operations on a data type do, each once.
    private static func functions(of history: History, _ dataType: String) -> [HistoryFunction] {
        var functions: [HistoryFunction] = []
        let wanted = history.number(of: dataType)
        for position in history.indices {
            let glance = history.glance(position)
            if glance.dataType == wanted, !functions.contains(glance.function) {
                functions.append(glance.function)
            }
        }
        return functions
    }
}

/// Why a history cannot be checked.
public enum HistoryCheckError: Error, CustomStringConvertible {
    /// Its operations do not tell what they work on.
    case unknownKind(path: String)
    /// It has requests of services alone, which are no operations on keys.
    case onlyServices(path: String)

    /// What was wrong, and what to do.
    public var description: String {
        switch self {
        case .unknownKind(let path):
            "\(path): the operations do not tell what they work on; name it with --model, one of "
                + ObjectKind.allCases.map(\.rawValue).joined(separator: ", ")
        case .onlyServices(let path):
            "\(path): all its operations are requests of services, which no model of keys is about; "
                + "'meridian report' has the figures of services"
        }
    }
}

/// The history at `path`: of a record, if it is a folder, otherwise of a file in any form that is
/// read. Throws ``RecordError`` if it cannot be read.
public func history(at path: String) throws -> History {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw RecordError.missing(path: path)
    }
    guard isFolder.boolValue else { return try HistoryFile(path: path).history }
    return try RecordFolder.open(at: path).read().history
}
