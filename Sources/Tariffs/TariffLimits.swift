// SPDX-License-Identifier: Apache-2.0

import Quantities

/// The limits within which every product of the rater fits into 128 bits (tariffs.md §8.1).
enum TariffLimits {
    /// Prices and bounds: 1,000,000 of the major unit, in billionths.
    static let price: Int64 = 1_000_000_000_000_000
    /// Steps: 100,000 kWh in Wh, more than any session may have; or so many seconds.
    static let step: Int64 = 100_000_000
    /// Elements of a tariff.
    static let elements = 10_000
    /// Components of a tariff, all elements together.
    static let components = 40_000
    /// Intervals of a session.
    static let intervals = 100_000
    /// Energy of a session: 100,000 kWh in mWh, counted without signs.
    static let energyMilliwattHours: Int64 = 100_000_000_000
    /// Length of a session: 400 days in nanoseconds.
    static let nanoseconds: Int64 = 400 * 86_400 * 1_000_000_000
    /// Durations in conditions and graces: about 285 years, so that nanoseconds fit.
    static let durationSeconds: Int64 = 9_000_000_000
    /// Energy in conditions: a billion kWh in mWh.
    static let conditionMilliwattHours: Int64 = 1_000_000_000_000_000
    /// Power and current in conditions and intervals: a billion kW or A, in millionths.
    static let millionths: Int64 = 1_000_000_000_000_000
    /// Prices of a schedule or values of an index: a year of quarter hours.
    static let timedPrices = 40_000
    /// Prices of all schedules and indexes that one session may need.
    static let priceSteps = 1_000_000
    /// Taxes beside the first one.
    static let furtherTaxes = 7
    /// Levels of stacked taxes, from 0.
    static let taxLevel = 3
    /// Counters of a tariff, discounts of a component, coupons of a driver.
    static let listed = 100
    /// What a coupon may be worth and a counter may have counted, in minor units.
    static let minorUnits: Int64 = 1_000_000_000_000_000
    /// What an allowance may have counted: a billion kWh or 30 million years, in fine units.
    static let counted: Int128 = 1_000_000_000_000_000_000_000_000

    /// Refuses what could not be priced exactly.
    static func check(_ elements: [TariffElement], minimum: Tariff.Limit?, maximum: Tariff.Limit?)
        throws(TariffError)
    {
        guard !elements.isEmpty else {
            throw TariffError(.noElements, at: "/elements", "A tariff needs at least one element.")
        }
        guard elements.count <= Self.elements,
            elements.reduce(0, { $0 + $1.components.count }) <= components
        else {
            throw TariffError(.limitExceeded, at: "/elements", "More than \(Self.elements) elements.")
        }
        // Paths are made only where something is refused.
        for (index, element) in elements.enumerated() {
            for (number, component) in element.components.enumerated() {
                try check(component) { "/elements/\(index)/price_components/\(number)" }
            }
            if let restriction = element.restriction {
                try check(restriction) { "/elements/\(index)/restrictions" }
            }
        }
        try check(minimum: minimum, maximum: maximum)
    }

    private static func check(_ component: PriceComponent, at path: () -> String) throws(TariffError) {
        try require(-price...price, contains: component.price.billionths, at: path() + "/price")
        try require(-price...price, contains: component.cap?.billionths ?? 0, at: path() + "/cap")
        try require(-price...price, contains: component.floor?.billionths ?? 0, at: path() + "/floor")
        try require(0...step, contains: component.stepSize ?? 0, at: path() + "/step_size")
        try require(0...durationSeconds, contains: component.graceSeconds ?? 0, at: path() + "/grace_s")
        let rate = component.taxRate?.tenThousandthsOfPercent ?? 0
        try require(0...TaxRate.denominator, contains: rate, at: path() + "/vat")
        try require(0...step, contains: component.freeQuantity ?? 0, at: path() + "/free_quantity")
        try checkExtensions(component, at: path)
        if let cap = component.cap, let floor = component.floor, floor > cap {
            throw TariffError(.limitsCross, at: path() + "/floor", "The floor is above the cap.")
        }
    }

    private static func checkExtensions(_ component: PriceComponent, at path: () -> String)
        throws(TariffError)
    {
        guard component.discounts.count <= listed, component.furtherTaxes.count <= furtherTaxes else {
            throw TariffError(.limitExceeded, at: path(), "Too many discounts or taxes.")
        }
        for (index, tax) in component.furtherTaxes.enumerated() {
            let place = path() + "/further_taxes/\(index)"
            try require(0...TaxRate.denominator, contains: tax.rate.tenThousandthsOfPercent, at: place)
            try require(0...Int64(taxLevel), contains: Int64(tax.level), at: place + "/level")
        }
        for (index, discount) in component.discounts.enumerated() {
            let place = path() + "/discounts/\(index)"
            switch discount.amount {
            case .percent(let share):
                try require(0...Percentage.whole, contains: share.tenThousandths, at: place)
            case .perUnit(let rate): try require(0...price, contains: rate.billionths, at: place)
            }
        }
        switch component.source {
        case nil: break
        case .schedule(let prices): try check(prices, at: path() + "/schedule")
        case .index(let source):
            for rate in [source.factor, source.adder, source.floor, source.cap] {
                try require(-price...price, contains: rate?.billionths ?? 0, at: path() + "/index")
            }
            if let floor = source.floor, let cap = source.cap, floor > cap {
                throw TariffError(.limitsCross, at: path() + "/index", "The floor is above the cap.")
            }
        }
    }

    /// Prices or values in order of time.
    static func check(_ prices: [TimedPrice], at path: String) throws(PricingRefusal) {
        guard prices.count <= timedPrices else {
            throw TariffError(.limitExceeded, at: path, "More than \(timedPrices) prices.")
        }
        for (index, timed) in prices.enumerated() {
            try require(-price...price, contains: timed.price.billionths, at: "\(path)/\(index)/price")
            guard index == 0 || prices[index - 1].from < timed.from else {
                throw TariffError(
                    .timeInvalid, at: "\(path)/\(index)/from", "The prices are not in order of time.")
            }
        }
    }

    /// Refuses rules that could not be applied exactly.
    static func check(_ rules: TariffRules) throws(TariffError) {
        guard rules.counters.count <= listed else {
            throw TariffError(.limitExceeded, at: "/rules/counters", "More than \(listed) counters.")
        }
        for (index, counter) in rules.counters.enumerated() {
            let place = "/rules/counters/\(index)"
            switch counter.rule {
            case .cap(let cap): try require(0...price, contains: cap.billionths, at: place + "/cap")
            case .allowance(_, let quantity):
                try require(0...step, contains: quantity, at: place + "/allowance")
            }
            guard !rules.counters[..<index].contains(where: { $0.id == counter.id }) else {
                throw TariffError(.limitsCross, at: place + "/id", "Two counters have the same id.")
            }
        }
        if let fee = rules.percentageFee {
            try require(
                0...Percentage.whole, contains: fee.share.tenThousandths, at: "/rules/percentage_fee/percent")
            let rate = fee.taxRate?.tenThousandthsOfPercent ?? 0
            try require(0...TaxRate.denominator, contains: rate, at: "/rules/percentage_fee/vat")
        }
        if let waiver = rules.waiver {
            try require(0...step, contains: waiver.wattHours, at: "/rules/waive_below/energy_wh")
            try require(0...durationSeconds, contains: waiver.seconds, at: "/rules/waive_below/duration_s")
        }
    }

    private static func check(_ restriction: Restriction, at path: () -> String) throws(TariffError) {
        func require(_ seconds: Int64?, _ name: StaticString) throws(TariffError) {
            try Self.require(0...durationSeconds, contains: seconds ?? 0, at: "\(path())/\(name)")
        }
        func require(flow: Int64?, _ name: StaticString) throws(TariffError) {
            try Self.require(-millionths...millionths, contains: flow ?? 0, at: "\(path())/\(name)")
        }
        func require(_ energy: Energy?, _ name: StaticString) throws(TariffError) {
            let range = -conditionMilliwattHours...conditionMilliwattHours
            try Self.require(range, contains: energy?.milliwattHours ?? 0, at: "\(path())/\(name)")
        }
        try require(restriction.minDurationSeconds, "min_duration")
        try require(restriction.maxDurationSeconds, "max_duration")
        try require(restriction.minChargingSeconds, "min_charging_duration")
        try require(restriction.maxChargingSeconds, "max_charging_duration")
        try require(restriction.minIdleSeconds, "min_idle_duration")
        try require(restriction.maxIdleSeconds, "max_idle_duration")
        try require(flow: restriction.minPower?.milliwatts, "min_power")
        try require(flow: restriction.maxPower?.milliwatts, "max_power")
        try require(flow: restriction.minCurrent?.microamperes, "min_current")
        try require(flow: restriction.maxCurrent?.microamperes, "max_current")
        try require(restriction.minEnergy, "min_kwh")
        try require(restriction.maxEnergy, "max_kwh")
    }

    private static func require(
        _ range: ClosedRange<Int64>, contains value: Int64, at path: @autoclosure () -> String
    ) throws(TariffError) {
        guard range.contains(value) else {
            throw TariffError(.limitExceeded, at: path(), "The value is out of range.")
        }
    }

    /// D20: bounds that contradict each other have no meaning.
    private static func check(minimum: Tariff.Limit?, maximum: Tariff.Limit?) throws(TariffError) {
        for (name, limit) in [("min_price", minimum), ("max_price", maximum)] {
            guard let limit else { continue }
            try require(-price...price, contains: limit.net.billionths, at: "/" + name)
            try require(-price...price, contains: limit.gross?.billionths ?? 0, at: "/" + name)
            if let gross = limit.gross, gross < limit.net {
                throw TariffError(.limitsCross, at: "/" + name, "The net bound is above the gross bound.")
            }
        }
        guard let minimum, let maximum else { return }
        let grossCrosses =
            minimum.gross.flatMap { lower in maximum.gross.map { lower > $0 } } ?? false
        if minimum.net > maximum.net || grossCrosses {
            throw TariffError(.limitsCross, at: "/min_price", "The minimum is above the maximum.")
        }
    }
}
