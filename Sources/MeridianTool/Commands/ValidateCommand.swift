import ArgumentParser
import Meridian
import Scenarios

/// `meridian validate`: scenario files, checked without running them.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks scenario files without running them.",
        discussion: """
            EXAMPLE
              meridian validate scenarios/*.yaml
            """)

    @Argument(help: "The scenario files.", completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    @Flag(help: "Print the resolved plan of each file.")
    var plan = false

    func run() throws {
        var hasFailed = false
        for file in files {
            do {
                let plans = try Meridian.plans(file: file)
                guard let resolved = plans.first, plans.count == 1 else {
                    print("\(file): valid (a matrix of \(plans.count) runs)")
                    continue
                }
                if plan {
                    print(resolved.yaml)
                } else {
                    let faults = resolved.faults.count
                    print(
                        "\(file): valid (\(resolved.nodes.count) nodes in "
                            + "\(resolved.regions.count) regions, \(faults) "
                            + "\(faults == 1 ? "fault" : "faults"), \(resolved.duration))")
                }
            } catch {
                complain("\(error)")
                hasFailed = true
            }
        }
        if hasFailed { throw ArgumentParser.ExitCode(65) }
    }
}
