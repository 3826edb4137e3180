// SPDX-License-Identifier: Apache-2.0

/// A rate of tax: a whole number of ten-thousandths of a percent. 19 % is 190,000; 8.875 % is 88,750.
public struct TaxRate: Hashable, Sendable, Comparable {
    /// Ten-thousandths of a percent, 0 to 1,000,000 (100 %).
    public let tenThousandthsOfPercent: Int64

    /// So many ten-thousandths of a percent.
    public init(tenThousandthsOfPercent: Int64) { self.tenThousandthsOfPercent = tenThousandthsOfPercent }
    /// So many whole percent.
    public init(percent: Int64) { tenThousandthsOfPercent = percent * 10_000 }

    /// What a rate of 100 % is.
    public static let denominator: Int64 = 1_000_000

    /// The percentage as a decimal text, e.g. `19` or `8.875`.
    public var percentText: String { fixedPointText(Int128(tenThousandthsOfPercent), scale: 4) }

    /// Reads a percentage such as `8.875`; nil beyond four decimals, below 0 or above 100.
    public init?(percent text: String) {
        guard let value = fixedPoint(text, scale: 4), (0...Self.denominator).contains(value) else {
            return nil
        }
        tenThousandthsOfPercent = value
    }

    /// Compares rates.
    public static func < (left: TaxRate, right: TaxRate) -> Bool {
        left.tenThousandthsOfPercent < right.tenThousandthsOfPercent
    }

    /// The tax on a net amount, rounded half up once (tariffs.md §4.3, rule 4).
    public func tax(onNet net: Money) -> Money {
        let product = Int128(net.minorUnits) * Int128(tenThousandthsOfPercent)
        return Money(
            minorUnits: Int64(divide(product, by: Int128(Self.denominator), rounding: .halfUp)),
            currency: net.currency)
    }

    /// The tax inside a gross amount, rounded half up once (tariffs.md §4.3, rule 6).
    public func tax(inGross gross: Money) -> Money {
        let product = Int128(gross.minorUnits) * Int128(tenThousandthsOfPercent)
        let divisor = Int128(Self.denominator + tenThousandthsOfPercent)
        return Money(
            minorUnits: Int64(divide(product, by: divisor, rounding: .halfUp)), currency: gross.currency)
    }
}

extension TaxRate: Codable {
    /// Reads ten-thousandths of a percent.
    public init(from decoder: any Decoder) throws {
        tenThousandthsOfPercent = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes ten-thousandths of a percent.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tenThousandthsOfPercent)
    }
}
