#if PlantedBugs
    /// Which mistake is in force: chosen once for the process, or for the time of a test.
    extension PlantedBug {
        /// The environment variable by which the executables are told what to choose.
        package static let variable = "MERIDIAN_PLANTED_BUG"

        /// Written once, by ``choose(_:)``, before anything else of the process runs.
        nonisolated(unsafe) private static var ofProcess: PlantedBug?
        /// What ``planting(_:_:)`` says, which outdoes the choice of the process.
        @TaskLocal private static var ofTask: Choice?

        private struct Choice: Sendable {
            var bug: PlantedBug?
        }

        /// Whether `bug` is the one in force.
        package static func isPlanted(_ bug: PlantedBug) -> Bool { chosen == bug }

        /// The one in force, if any is.
        package static var chosen: PlantedBug? { ofTask.map(\.bug) ?? ofProcess }

        /// Chooses for the whole process; call it once, first of all. No name: none is chosen.
        /// Throws if there is none of that name.
        package static func choose(_ name: String?) throws(UnknownPlantedBug) {
            guard let name, !name.isEmpty else { return }
            guard let bug = PlantedBug(rawValue: name) else { throw UnknownPlantedBug(name) }
            ofProcess = bug
        }

        /// Does something, on this thread, with `bug` in force whatever the process chose; `nil`:
        /// with none.
        package static func planting<Result>(
            _ bug: PlantedBug?, _ action: () throws -> Result
        ) rethrows -> Result {
            try $ofTask.withValue(Choice(bug: bug)) { try action() }
        }
    }

    /// A name that no planted bug has.
    package struct UnknownPlantedBug: Error, CustomStringConvertible {
        /// What is wrong, with all names that there are.
        package let description: String

        init(_ name: String) {
            let all = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
            description = "\(PlantedBug.variable): there is no '\(name)'; there are: \(all)"
        }
    }
#endif
