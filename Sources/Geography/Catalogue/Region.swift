/// A place where a service runs: one region of a provider, or one that a scenario invents.
///
/// What is known of a region decides what can be asked of it: without a location it has no
/// distance to others, without a jurisdiction no law applies to it.
public struct Region: Hashable, Sendable, Codable {
    /// The provider's own name for it, such as `us-east-1` or `westeurope`: what scenarios say.
    public var name: String
    /// The name for people, such as `US East (N. Virginia)`.
    public var displayName: String
    /// The city that the region is in or nearest to.
    public var city: String?
    /// Where it is, to the city.
    public var location: GeographicPoint?
    /// The continent that it counts to.
    public var continent: Continent?
    /// The country, as a two-letter code of ISO 3166-1.
    public var country: String?
    /// Who runs it: `AWS`, `Azure`, `GCP`, or what a scenario says.
    public var provider: String?
    /// Whose data protection law applies: `EU` for the European Economic Area, otherwise a country
    /// code, or what a scenario says.
    public var jurisdiction: String?

    /// A region called `name`; what is not given is not known.
    public init(
        name: String, displayName: String? = nil, city: String? = nil,
        location: GeographicPoint? = nil, continent: Continent? = nil, country: String? = nil,
        provider: String? = nil, jurisdiction: String? = nil
    ) {
        self.name = name
        self.displayName = displayName ?? name
        self.city = city
        self.location = location
        self.continent = continent
        self.country = country
        self.provider = provider
        self.jurisdiction = jurisdiction
    }

    /// A row of a generated table.
    init(
        tabled name: String, _ displayName: String, _ city: String, _ latitude: Double,
        _ longitude: Double, _ continent: Continent, _ country: String, _ provider: String,
        _ jurisdiction: String
    ) {
        self.init(
            name: name, displayName: displayName, city: city,
            location: GeographicPoint(latitude: latitude, longitude: longitude),
            continent: continent, country: country, provider: provider, jurisdiction: jurisdiction)
    }
}

/// A continent, as selectors and tables name it.
public enum Continent: String, CaseIterable, Sendable, Codable {
    /// Africa.
    case africa = "Africa"
    /// Antarctica, for regions that a scenario invents.
    case antarctica = "Antarctica"
    /// Asia, with the Middle East.
    case asia = "Asia"
    /// Europe.
    case europe = "Europe"
    /// North America, with Central America.
    case northAmerica = "North America"
    /// Australia and the islands of the Pacific.
    case oceania = "Oceania"
    /// South America.
    case southAmerica = "South America"
}
