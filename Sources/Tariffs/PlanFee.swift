// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// The fee of a subscription for one month.
public struct PlanFee: Hashable, Sendable, Codable {
    /// For a whole month, in the major unit.
    public let monthly: Rate

    /// A fee for a whole month.
    public init(_ monthly: Rate) { self.monthly = monthly }

    /// The share for so many days of a month, rounded half up once: 11.99 for 26 of 31 days is 10.06.
    ///
    /// - Parameters:
    ///   - days: 0 to `length`; anything beyond counts as the nearest bound.
    ///   - length: days of the month, 1 or more.
    public func amount(days: Int, of length: Int, in currency: Currency) -> Money {
        let length = max(1, length)
        let share = Exact(
            Int128(min(max(0, days), length)) * Int128(monthly.billionths),
            over: Int128(length) * 1_000_000_000)
        return Money(minorUnits: share.minorUnits(of: currency), currency: currency)
    }
}
