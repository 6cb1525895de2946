import ArgumentParser
import Judgement
import Meridian

/// `meridian report`: the report of a record, made again from the record alone.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Judges a record again and shows its report.",
        discussion: """
            Reads nothing but the folder, and writes report.json and junit.xml in it anew. Of a run \
            that did not come to its end the verdict is unknown, or fail.

            EXAMPLE
              meridian report runs/first-outage-20260101T000000Z
              meridian report runs/first-outage-20260101T000000Z --json
            """)

    @Argument(help: "The folder of a record.", completion: .directory)
    var record: String

    @Flag(help: "Print the report as JSON, and nothing else.")
    var json = false

    @Flag(help: "Print the expectations as JUnit XML, and nothing else.")
    var junit = false

    func validate() throws {
        if json && junit { throw ValidationError("--json and --junit exclude each other") }
    }

    func run() throws {
        let view = CheckView(isQuiet: json || junit)
        let result = try reportingErrors {
            try Meridian.judge(folder: record) { view.show($0) }
        }
        view.clear()
        if junit {
            print(result.junit)
            throw ArgumentParser.ExitCode(result.report.exitCode.rawValue)
        }
        // That the run failed stands in the report; judging it did not.
        try present(result.report, folder: result.folder, asJSON: json, failure: nil)
    }
}
