/// Versions that records carry.
public enum ToolVersion {
    /// The version of Meridian.
    public static let meridian = "0.1.0"

    /// The compiler that built it.
    public static var toolchain: String {
        #if compiler(>=6.4)
            "Swift 6.4 or later"
        #elseif compiler(>=6.3)
            "Swift 6.3"
        #elseif compiler(>=6.2)
            "Swift 6.2"
        #else
            "Swift before 6.2"
        #endif
    }
}
