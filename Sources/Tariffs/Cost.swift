// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Costs as integers over one denominator, so that sums are plain additions (tariffs.md §4.1).
struct Cost: Hashable, Sendable {
    /// 1.8 × 10^22: costs of kWh need 10^21, costs of hours 3.6 × 10^21.
    static let denominator: Int128 = 18_000_000_000_000_000_000_000

    /// Units over the denominator, rounded down.
    private(set) var units: Int128
    /// What is left, in millionths of a unit, 0 to 999,999; only percentages leave something.
    private(set) var millionths: Int64 = 0

    /// So many units.
    init(units: Int128) { self.units = units }

    private init(units: Int128, millionths: Int64) {
        self.units = units
        self.millionths = millionths
    }

    /// Nothing.
    static let zero = Cost(units: 0)

    /// The cost of a quantity. Within `TariffLimits` it stays below 10^34 and fits.
    ///
    /// - Parameters:
    ///   - fineUnits: 10^-12 kWh, nanoseconds or times.
    ///   - price: billionths of the major unit per kWh, hour or time.
    init(_ fineUnits: Int128, _ unit: Measured.Unit, at price: Int64) {
        let product = fineUnits * Int128(price)
        switch unit {
        case .kilowattHour: units = product * 18
        case .hour: units = product * 5
        case .once: units = product * 18_000_000_000_000
        }
    }

    /// An amount in the major unit.
    init(_ rate: Rate) { self.init(1, .once, at: rate.billionths) }

    /// An amount of money.
    init(_ money: Money) {
        units = money.fraction(of: Self.denominator)
    }

    /// A share of the cost, exact.
    func part(_ share: Percentage) -> Cost {
        // Quotient and remainder apart: the product with the cost itself may not fit.
        let factor = Int128(share.tenThousandths)
        let whole = divide(units, by: Int128(Percentage.whole), rounding: .down)
        let rest = (units - whole * Int128(Percentage.whole)) * factor
        let (carried, left) = rest.quotientAndRemainder(dividingBy: Int128(Percentage.whole))
        // A percentage of a percentage never comes up, so there are no millionths to share.
        return Cost(units: whole * factor + carried, millionths: Int64(left))
    }

    /// The sum.
    static func += (left: inout Cost, right: Cost) {
        left.units += right.units
        left.millionths += right.millionths
        guard left.millionths >= 1_000_000 else { return }
        left.units += 1
        left.millionths -= 1_000_000
    }

    /// The exact opposite.
    static prefix func - (cost: Cost) -> Cost {
        cost.millionths == 0
            ? Cost(units: -cost.units) : Cost(units: -cost.units - 1, millionths: 1_000_000 - cost.millionths)
    }

    /// The difference.
    static func - (left: Cost, right: Cost) -> Cost {
        var difference = left
        difference += -right
        return difference
    }

    /// Whether it is below zero.
    var isNegative: Bool { units < 0 }
    /// Whether it is above zero.
    var isPositive: Bool { units > 0 || units == 0 && millionths > 0 }

    /// The value; millionths that do not fit are rounded away, and `isReduced` is set.
    func exact(precisionReduced isReduced: inout Bool) -> Exact {
        guard millionths != 0 else { return Exact(units, over: Self.denominator) }
        let (product, overflow) = units.multipliedReportingOverflow(by: 1_000_000)
        let (sum, carry) = product.addingReportingOverflow(Int128(millionths))
        if !overflow, !carry { return Exact(sum, over: Self.denominator * 1_000_000) }
        isReduced = true
        return Exact(units, over: Self.denominator)
    }

    /// The number of minor units, rounded half away from zero once (`line-half-up/1`, rule 2).
    func minorUnits(of currency: Currency) -> Int64 {
        if millionths == 0 {
            let product = units * Int128(currency.minorUnitsPerMajor)
            return Int64(divide(product, by: Self.denominator, rounding: .halfUp))
        }
        var isReduced = false
        return exact(precisionReduced: &isReduced).minorUnits(of: currency)
    }
}

extension Cost: Comparable {
    /// Compares costs.
    static func < (left: Cost, right: Cost) -> Bool {
        left.units == right.units ? left.millionths < right.millionths : left.units < right.units
    }
}
