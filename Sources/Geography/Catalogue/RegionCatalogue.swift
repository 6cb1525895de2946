/// Regions by name: those of one matrix, all that are known, or those of a scenario.
public struct RegionCatalogue: Sendable {
    /// The regions, in the order of their matrix.
    public let regions: [Region]
    private let indexByName: [String: Int]

    /// A catalogue of `regions`. Of two with the same name the first is found.
    public init(_ regions: [Region]) {
        self.regions = regions
        var index: [String: Int] = [:]
        // Names go first: no display name may hide another region's name.
        for (position, region) in regions.enumerated() where index[region.name] == nil {
            index[region.name] = position
        }
        for (position, region) in regions.enumerated() {
            for key in [Self.folded(region.name), Self.folded(region.displayName)]
            where index[key] == nil {
                index[key] = position
            }
        }
        indexByName = index
    }

    /// The region that `name` means: its name as the provider writes it, or its display name;
    /// case does not matter, and hyphens or underscores may stand for spaces. `nil` if there is
    /// none.
    public func region(named name: String) -> Region? {
        (indexByName[name] ?? indexByName[Self.folded(name)]).map { regions[$0] }
    }

    /// Up to three names of regions that someone who wrote `name` may have meant, nearest first.
    public func suggestions(for name: String) -> [String] {
        let byName = closestMatches(to: name, in: regions.map(\.name))
        if !byName.isEmpty { return byName }
        let byDisplayName = closestMatches(to: name, in: regions.map(\.displayName))
        return byDisplayName.compactMap { region(named: $0)?.name }
    }

    private static func folded(_ name: String) -> String {
        String(name.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 })
    }

    /// The 18 regions of the matrix `aws`.
    public static let aws = RegionCatalogue(RegionTable.aws)
    /// The 54 regions of the matrix `azure`.
    public static let azure = RegionCatalogue(RegionTable.azure)
    /// The 20 regions of the matrix `gcp`.
    public static let gcp = RegionCatalogue(RegionTable.gcp)
    /// Every region that is known, of all providers.
    public static let all = RegionCatalogue(
        RegionTable.aws + RegionTable.azure + RegionTable.gcp)
}
