import ArgumentParser
import Exploration
import Foundation
import Meridian
import Recording
import Reporting

/// `meridian shrink`: the smallest plan that still fails like a recorded run.
struct ShrinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink",
        abstract: "Reduces a failing run to the smallest scenario that fails the same way.",
        discussion: """
            Takes away faults, regions, clients, time, options and whatever else, as long as one \
            of the expectations that failed in the record still fails; of safety ones, if any of \
            those failed. Each attempt is a run in virtual time. Prints a scenario file. Exits \
            with 0, also if nothing can be made smaller, and with 3 if the record did not fail \
            or its plan does not fail any more.

            EXAMPLE
              meridian shrink runs/mine --out smallest.yaml
              meridian simulate smallest.yaml
              meridian shrink runs/mine --keep lost_updates
            """)

    @Argument(help: "The folder of a record.", completion: .directory)
    var record: String

    @Option(help: "The most runs.")
    var budget = 400

    @Option(
        name: .customLong("out"),
        help: "The file for the scenario; by default it is printed on standard output.",
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Keep this failure, an expectation by name, such as lost_updates. By default any.",
            valueName: "name"))
    var keep: String?

    func validate() throws {
        if budget < 1 { throw ValidationError("budget: at least 1") }
    }

    func run() async throws {
        let view = ShrinkView()
        let result: ShrinkResult
        do {
            result = try await Meridian.shrink(
                folder: record, keeping: keep, budget: budget
            ) { view.show($0) }
        } catch let error as ShrinkError {
            view.finish()
            complain("\(record): \(error)")
            throw ArgumentParser.ExitCode(3)
        } catch {
            view.finish()
            throw userError(error)
        }
        view.finish()
        let report = ShrinkReport(result, file: file ?? "shrunk.yaml")
        guard let file else {
            complain(report.text)
            print(report.yaml, terminator: "")
            return
        }
        do {
            try Data(report.yaml.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw userError(
                RecordError.inaccessible(path: file, reason: error.localizedDescription))
        }
        print(report.text)
        print("scenario: \(file)")
    }
}

/// What `meridian shrink` starts for each run; not for people.
struct ShrinkWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink-worker", abstract: "One of the runs of 'meridian shrink'.",
        shouldDisplay: false)

    @Option var parent: Int32

    func run() throws {
        try Meridian.endWithParent(parent)
        let input = try FileHandle.standardInput.readToEnd() ?? Data()
        let trial = try reportingErrors {
            try Meridian.workOnShrink(String(decoding: input, as: UTF8.self))
        }
        print(trial.line)
    }
}
