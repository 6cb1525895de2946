import ArgumentParser
import Foundation
import Judgement
import Meridian
import Recording
import Reporting
import Scenarios

/// The scenario in the file at `path`; what is wrong with it is told, and exits with 65.
func loadScenario(_ path: String) throws -> Scenario {
    try reportingErrors { try Meridian.scenario(file: path) }
}

/// Refuses a scenario that is of several runs.
func requireOneRun(_ scenario: Scenario, _ path: String) throws {
    guard scenario.sweep.isEmpty else {
        throw userError(
            ScenarioError([
                ScenarioProblem(
                    file: path, path: ScenarioPath([.key("matrix")]),
                    found: "a matrix, which is of several runs",
                    expected: "'meridian sweep', which makes them")
            ]))
    }
}

/// Runs `body`; an error of a user's making is told, and exits with its code.
func reportingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch {
        throw userError(error)
    }
}

/// Tells what was wrong and gives the exit code that goes with it.
func userError(_ error: any Error) -> any Error {
    switch error {
    case is ArgumentParser.ExitCode, is ValidationError: return error
    case let failure as RunFailure:
        complain(failure.message)
        return ArgumentParser.ExitCode(failure.isInterrupted ? 130 : 70)
    case let error as HistoryCheckError: return ValidationError("\(error)")
    case is ScenarioError, is RecordError:
        complain("\(error)")
        return ArgumentParser.ExitCode(65)
    default:
        complain("meridian: \(error)")
        return ArgumentParser.ExitCode(70)
    }
}

/// Writes a line to standard error.
func complain(_ message: String) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
}

/// Prints a report and ends with its exit code.
func present(
    _ report: Report, folder: String, asJSON: Bool, failure: RunFailure?
) throws {
    if asJSON {
        print(report.json.indented)
    } else {
        print(TerminalReport(report).text)
        print("record: \(folder)")
    }
    if let failure {
        complain(failure.message)
        throw ArgumentParser.ExitCode(failure.isInterrupted ? 130 : 70)
    }
    let code = report.exitCode.rawValue
    if code != 0 { throw ArgumentParser.ExitCode(code) }
}
