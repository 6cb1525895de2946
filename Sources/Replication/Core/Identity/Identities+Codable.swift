// Part by part, so that people can read and write them in files.

extension NodeID: Codable {
    private enum CodingKeys: CodingKey {
        case region, zone, ordinal
    }

    /// Reads the parts.
    public init(from decoder: any Decoder) throws {
        let parts = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            region: try parts.decode(RegionID.self, forKey: .region),
            zone: try parts.decode(UInt8.self, forKey: .zone),
            ordinal: try parts.decode(UInt8.self, forKey: .ordinal))
    }

    /// Writes the parts.
    public func encode(to encoder: any Encoder) throws {
        var parts = encoder.container(keyedBy: CodingKeys.self)
        try parts.encode(region, forKey: .region)
        try parts.encode(zone, forKey: .zone)
        try parts.encode(ordinal, forKey: .ordinal)
    }
}

extension MemberID: Codable {
    private enum CodingKeys: CodingKey {
        case node, incarnation
    }

    /// Reads the parts.
    public init(from decoder: any Decoder) throws {
        let parts = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try parts.decode(NodeID.self, forKey: .node),
            incarnation: try parts.decode(UInt32.self, forKey: .incarnation))
    }

    /// Writes the parts.
    public func encode(to encoder: any Encoder) throws {
        var parts = encoder.container(keyedBy: CodingKeys.self)
        try parts.encode(node, forKey: .node)
        try parts.encode(incarnation, forKey: .incarnation)
    }
}
