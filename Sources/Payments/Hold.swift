// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// How much to reserve, and when to stop so that it is enough (payments.md §6.1, §6.2). All amounts gross.
package struct Hold: Hashable, Sendable, Codable {
    /// What is reserved.
    package let amount: Money
    /// What may still be delivered between a decision and the end of the energy, plus fees due at the end.
    package let margin: Money

    /// A hold that stands, with the margin it was quoted with.
    package init(amount: Money, margin: Money) {
        self.amount = amount
        self.margin = margin
    }

    /// What an EVSE can cost in the worst case.
    package struct Exposure: Hashable, Sendable {
        /// The most it can deliver.
        package var powerMax: Power
        /// Highest price per kWh, gross.
        package var perKilowattHour: Rate
        /// Highest price per hour of time, gross.
        package var perHour: Rate
        /// Time between two meter values plus the time a station takes to stop.
        package var blind: Elapsed
        /// One billing step, and fees that fall due at the end.
        package var atEnd: Money

        package init(
            powerMax: Power, perKilowattHour: Rate, perHour: Rate, blind: Elapsed, atEnd: Money
        ) {
            self.powerMax = powerMax
            self.perKilowattHour = perKilowattHour
            self.perHour = perHour
            self.blind = blind
            self.atEnd = atEnd
        }

        /// 150 kW at 0.59 for 70 s: 1.7208… → 1.73. Energy and time are rounded up, each once.
        package var overshoot: Money {
            let currency = atEnd.currency
            // mW × ns is 10⁻⁶ kW × 10⁻⁹ s; 3,600 s make an hour and 10⁹ billionths a major unit: 3.6 × 10²⁷ in all.
            let energy = divide(
                Int128(powerMax.milliwatts) * Int128(blind.nanoseconds) * Int128(perKilowattHour.billionths)
                    * Int128(currency.minorUnitsPerMajor),
                by: 3_600_000_000_000_000_000_000_000_000, rounding: .up)
            let time = divide(
                Int128(perHour.billionths) * Int128(blind.nanoseconds) * Int128(currency.minorUnitsPerMajor),
                by: 3_600_000_000_000_000_000_000, rounding: .up)
            return Money(minorUnits: Int64(energy) + Int64(time), currency: currency)
        }
    }

    /// The bounds an organisation sets, minor units.
    package struct Bounds: Hashable, Sendable {
        package var usual: Int64
        package var minimum: Int64
        package var maximum: Int64
        package var step: Int64

        package init(usual: Int64, minimum: Int64, maximum: Int64, step: Int64) {
            self.usual = usual
            self.minimum = minimum
            self.maximum = maximum
            self.step = step
        }
    }

    /// A driver's own limit is the hold and never exceeded; otherwise the usual amount within its bounds, in steps.
    ///
    /// - Parameter observed: the 95th percentile of gross bills at this site and kind of EVSE, if there are enough of
    ///   them; it takes the place of the usual amount, with the margin on top.
    package init(exposure: Exposure, bounds: Bounds, observed: Money? = nil, limit: Money?) {
        margin = exposure.overshoot + exposure.atEnd
        guard let limit else {
            let wanted =
                observed.map { ($0 + exposure.overshoot + exposure.atEnd).minorUnits } ?? bounds.usual
            let clamped = min(max(wanted, bounds.minimum), bounds.maximum)
            amount = Money(
                minorUnits: Self.roundedUp(clamped, step: bounds.step), currency: margin.currency)
            return
        }
        amount = limit
    }

    /// The running cost at which a session is stopped: hold − margin, never below zero.
    package var stopsAt: Money { max(.zero(amount.currency), amount - margin) }

    /// The running cost at which the hold is raised: the smaller of 80 % of it and hold − 2 · margin, never below zero.
    /// 40.00 with a margin of 5.38: min(32.00, 29.24) = 29.24, well before the stop at 34.62.
    package var raisesAt: Money {
        let wanted = min(amount.percent(80, rounding: .down), amount - margin - margin)
        return max(.zero(amount.currency), wanted)
    }

    /// The bounds of raising a hold (payments.md §6.2).
    package struct Raise: Hashable, Sendable {
        /// The hold the session began with.
        package var first: Money
        /// The least a hold is raised by.
        package var least: Money
        /// Amounts are multiples of this many minor units.
        package var step: Int64
        /// What no hold is raised above.
        package var ceiling: Money
        /// The driver's own limit.
        package var limit: Money?

        package init(first: Money, least: Money, step: Int64, ceiling: Money, limit: Money? = nil) {
            self.first = first
            self.least = least
            self.step = step
            self.ceiling = ceiling
            self.limit = limit
        }
    }

    /// The new total: hold + max(10.00, half of the first hold, rounded up to the step), within the driver's limit and
    /// the ceiling; nil when that would raise nothing.
    package func raised(_ bounds: Raise) -> Money? {
        let half = divide(Int128(bounds.first.minorUnits), by: 2, rounding: .up)
        let step = Money(
            minorUnits: Self.roundedUp(Int64(half), step: bounds.step), currency: amount.currency)
        let top = min(bounds.ceiling, bounds.limit ?? bounds.ceiling)
        let total = min(amount + max(bounds.least, step), top)
        return total > amount ? total : nil
    }

    private static func roundedUp(_ minorUnits: Int64, step: Int64) -> Int64 {
        let step = max(step, 1)
        return Int64(divide(Int128(minorUnits), by: Int128(step), rounding: .up)) * step
    }
}
