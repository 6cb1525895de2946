import Determinism

/// How a run with processes is carried out, apart from what its Plan says.
package struct RunSettings: Sendable {
    /// The `region-node` executable.
    package var executable: String
    /// Whether nodes' databases stay in the record.
    package var keepsData: Bool
    /// Whether nodes log every detail.
    package var isVerbose: Bool

    /// These settings.
    package init(executable: String, keepsData: Bool = false, isVerbose: Bool = false) {
        self.executable = executable
        self.keepsData = keepsData
        self.isVerbose = isVerbose
    }
}
