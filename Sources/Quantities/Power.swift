// SPDX-License-Identifier: Apache-2.0

/// Electrical power: a whole number of milliwatts (a millionth of a kilowatt).
public struct Power: Hashable, Sendable, Comparable {
    /// Milliwatts; 1 kW is 1,000,000.
    public let milliwatts: Int64

    /// So many milliwatts.
    public init(milliwatts: Int64) { self.milliwatts = milliwatts }
    /// So many whole watts.
    public init(watts: Int64) { milliwatts = watts * 1000 }

    /// Whole watts, rounded half up once; what the API calls `power_w`.
    public var watts: Int64 { Int64(divide(Int128(milliwatts), by: 1000, rounding: .halfUp)) }

    /// Compares powers.
    public static func < (left: Power, right: Power) -> Bool { left.milliwatts < right.milliwatts }
}

extension Power: Codable {
    /// Reads milliwatts.
    public init(from decoder: any Decoder) throws {
        milliwatts = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes milliwatts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliwatts)
    }
}
