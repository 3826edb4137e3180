// SPDX-License-Identifier: Apache-2.0

/// A share of a whole in ten-thousandths of a percent: 25 % is 250,000. Discounts, fees, the charge of a battery.
public struct Percentage: Hashable, Sendable, Comparable {
    /// Ten-thousandths of a percent, 0 to 1,000,000 (all of it).
    public let tenThousandths: Int64

    /// So many ten-thousandths of a percent.
    public init(tenThousandths: Int64) { self.tenThousandths = tenThousandths }
    /// So many whole percent.
    public init(percent: Int64) { tenThousandths = percent * 10_000 }

    /// What 100 % is.
    public static let whole: Int64 = 1_000_000

    /// The percentage as a decimal text, e.g. `25` or `2.5`.
    public var text: String { fixedPointText(Int128(tenThousandths), scale: 4) }

    /// Compares shares.
    public static func < (left: Percentage, right: Percentage) -> Bool {
        left.tenThousandths < right.tenThousandths
    }
}

extension Percentage: Codable {
    /// Reads ten-thousandths of a percent.
    public init(from decoder: any Decoder) throws {
        tenThousandths = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes ten-thousandths of a percent.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tenThousandths)
    }
}
