import Determinism
import Replication

/// Options in a configuration file: an object with one key that names the form, such as
/// `{"duration": 250000000}` (nanoseconds) or `{"automatic": true}`.
extension OptionValue: Codable {
    private enum Form: String, CodingKey, CaseIterable {
        case toggle, choice, duration, durationRange, integer, size, region, regions, automatic
        case unlimited
    }

    /// Reads an object with one known key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Form.self)
        guard let form = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "an option is one of "
                        + Form.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        switch form {
        case .toggle: self = .toggle(try container.decode(Bool.self, forKey: form))
        case .choice: self = .choice(try container.decode(String.self, forKey: form))
        case .duration: self = .duration(try container.decode(TimeSpan.self, forKey: form))
        case .durationRange:
            let bounds = try container.decode([TimeSpan].self, forKey: form)
            guard bounds.count == 2, bounds[0] <= bounds[1] else {
                throw DecodingError.dataCorruptedError(
                    forKey: form, in: container,
                    debugDescription: "a range is a lower and an upper bound")
            }
            self = .durationRange(bounds[0]...bounds[1])
        case .integer: self = .integer(try container.decode(Int.self, forKey: form))
        case .size: self = .size(try container.decode(Int.self, forKey: form))
        case .region: self = .region(try container.decode(RegionID.self, forKey: form))
        case .regions: self = .regions(try container.decode([RegionID].self, forKey: form))
        case .automatic: self = .automatic
        case .unlimited: self = .unlimited
        }
    }

    /// Writes an object with one key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Form.self)
        switch self {
        case .toggle(let value): try container.encode(value, forKey: .toggle)
        case .choice(let value): try container.encode(value, forKey: .choice)
        case .duration(let value): try container.encode(value, forKey: .duration)
        case .durationRange(let value):
            try container.encode([value.lowerBound, value.upperBound], forKey: .durationRange)
        case .integer(let value): try container.encode(value, forKey: .integer)
        case .size(let value): try container.encode(value, forKey: .size)
        case .region(let value): try container.encode(value, forKey: .region)
        case .regions(let value): try container.encode(value, forKey: .regions)
        case .automatic: try container.encode(true, forKey: .automatic)
        case .unlimited: try container.encode(true, forKey: .unlimited)
        }
    }
}
