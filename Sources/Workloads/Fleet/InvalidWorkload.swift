/// A workload that clients cannot carry out on the groups there are.
package struct InvalidWorkload: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and what would be right.
    package var description: String

    /// The error with this explanation.
    package init(_ description: String) { self.description = description }
}
