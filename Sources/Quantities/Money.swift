// SPDX-License-Identifier: Apache-2.0

/// An amount of money: a whole number of minor units (cents, yen, fils) of one currency.
///
/// Sums trap on overflow and on mixed currencies: both are mistakes of the program, never of its input.
/// Amounts are shared by ``allocated(by:)`` and never by dividing.
public struct Money: Hashable, Sendable {
    /// Minor units of ``currency``; negative for a credit.
    public let minorUnits: Int64
    /// What the minor units are of.
    public let currency: Currency

    /// An amount of `minorUnits` in `currency`.
    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Nothing, in `currency`.
    public static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency: currency) }
    /// An amount in euro cents.
    public static func eur(_ cents: Int64) -> Money { Money(minorUnits: cents, currency: .eur) }

    /// Whether nothing is owed either way.
    public var isZero: Bool { minorUnits == 0 }
    /// Whether the amount is greater than zero.
    public var isPositive: Bool { minorUnits > 0 }
    /// Whether the amount is below zero.
    public var isNegative: Bool { minorUnits < 0 }
}

extension Money {
    /// The sum; traps on mixed currencies and on overflow.
    public static func + (left: Money, right: Money) -> Money {
        Money(minorUnits: left.minorUnits + right.matching(left), currency: left.currency)
    }

    /// The difference; traps on mixed currencies and on overflow.
    public static func - (left: Money, right: Money) -> Money {
        Money(minorUnits: left.minorUnits - right.matching(left), currency: left.currency)
    }

    /// The same amount in the other direction.
    public static prefix func - (amount: Money) -> Money {
        Money(minorUnits: -amount.minorUnits, currency: amount.currency)
    }

    /// Adds in place; traps on mixed currencies and on overflow.
    public static func += (left: inout Money, right: Money) { left = left + right }
    /// Subtracts in place; traps on mixed currencies and on overflow.
    public static func -= (left: inout Money, right: Money) { left = left - right }

    private func matching(_ other: Money) -> Int64 {
        precondition(currency == other.currency, "\(other.currency) and \(currency) do not mix")
        return minorUnits
    }
}

extension Money {
    /// How many whole percent of another amount this is, rounded down; 0 of nothing. For bars and pictures, never a price.
    public func percent(of whole: Money) -> Int64 {
        guard whole.minorUnits > 0 else { return 0 }
        return Int64(divide(Int128(matching(whole)) * 100, by: Int128(whole.minorUnits), rounding: .down))
    }

    /// So many percent of this amount, rounded once: 80 % of 40.00 is 32.00.
    public func percent(_ count: Int64, rounding: Rounding) -> Money {
        let share = divide(Int128(minorUnits) * Int128(count), by: 100, rounding: rounding)
        return Money(minorUnits: Int64(share), currency: currency)
    }
}

extension Money {
    /// How many parts of one major unit the amount is, e.g. 5.00 EUR of 1,000 parts each are 5,000.
    ///
    /// - Parameter parts: how many make one major unit; a multiple of 1,000, so that every currency divides it.
    public func fraction(of parts: Int128) -> Int128 {
        precondition(parts.isMultiple(of: 1000), "an amount is exact in parts that every currency divides")
        return Int128(minorUnits) * (parts / Int128(currency.minorUnitsPerMajor))
    }
}

extension Money: Comparable {
    /// Compares amounts of one currency; traps on mixed ones.
    public static func < (left: Money, right: Money) -> Bool { left.minorUnits < right.matching(left) }
}

extension Sequence where Element == Money {
    /// The sum of the amounts, or zero of `currency` when there are none.
    public func sum(in currency: Currency) -> Money { reduce(.zero(currency), +) }
}

extension Money: CustomStringConvertible {
    /// The amount with the currency's digits and code, e.g. `18.37 EUR`.
    public var description: String { "\(decimal) \(currency.code)" }

    /// The amount with the currency's digits and without its code, e.g. `-0.05`; made from integers.
    public var decimal: String {
        let digits = String(minorUnits.magnitude)
        let exponent = currency.exponent
        let sign = minorUnits < 0 ? "-" : ""
        guard exponent > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        return sign + padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }
}

extension Money: Codable {
    private enum CodingKeys: String, CodingKey {
        case minorUnits = "amount"
        case currency
    }
}
