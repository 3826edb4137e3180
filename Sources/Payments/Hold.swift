// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// How much to reserve, and when to stop so that it is enough (payments.md §6.1, §6.2). All amounts gross.
package struct Hold: Hashable, Sendable, Codable {
    /// What is reserved.
    package let amount: Money
    /// What may still be delivered between a decision and the end of the energy, plus fees due at the end.
    package let margin: Money

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
        /// Fees that fall due at the end.
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
    package init(exposure: Exposure, bounds: Bounds, limit: Money?) {
        margin = exposure.overshoot + exposure.atEnd
        guard let limit else {
            let clamped = min(max(bounds.usual, bounds.minimum), bounds.maximum)
            let steps = divide(Int128(clamped), by: Int128(max(bounds.step, 1)), rounding: .up)
            amount = Money(minorUnits: Int64(steps) * max(bounds.step, 1), currency: margin.currency)
            return
        }
        amount = limit
    }

    /// The running cost at which a session is stopped: hold − margin, never below zero.
    package var stopsAt: Money { max(.zero(amount.currency), amount - margin) }
}
