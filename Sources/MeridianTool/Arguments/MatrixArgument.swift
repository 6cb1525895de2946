import ArgumentParser
import Geography

/// A latency matrix as an argument.
struct MatrixArgument: ExpressibleByArgument {
    var matrix: LatencyMatrix

    init?(argument: String) {
        guard let matrix = LatencyMatrix(rawValue: argument) else { return nil }
        self.matrix = matrix
    }

    static var allValueStrings: [String] { LatencyMatrix.allCases.map(\.rawValue) }
}
