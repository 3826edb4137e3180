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
        for (index, element) in elements.enumerated() {
            let path = "/elements/\(index)"
            for (number, component) in element.components.enumerated() {
                try check(component, at: "\(path)/price_components/\(number)")
            }
            if let restriction = element.restriction {
                try check(restriction, at: path + "/restrictions")
            }
        }
        try check(minimum: minimum, maximum: maximum)
    }

    private static func check(_ component: PriceComponent, at path: String) throws(TariffError) {
        for (name, rate) in [("price", component.price), ("cap", component.cap), ("floor", component.floor)] {
            guard let rate else { continue }
            try require(-price...price, contains: rate.billionths, at: "\(path)/\(name)")
        }
        try require(0...step, contains: component.stepSize ?? 0, at: path + "/step_size")
        try require(0...durationSeconds, contains: component.graceSeconds ?? 0, at: path + "/grace_s")
        let rate = component.taxRate?.tenThousandthsOfPercent ?? 0
        try require(0...TaxRate.denominator, contains: rate, at: path + "/vat")
        if let cap = component.cap, let floor = component.floor, floor > cap {
            throw TariffError(.limitsCross, at: path + "/floor", "The floor is above the cap.")
        }
    }

    private static func check(_ restriction: Restriction, at path: String) throws(TariffError) {
        let durations = [
            ("min_duration", restriction.minDurationSeconds),
            ("max_duration", restriction.maxDurationSeconds),
        ]
        for (name, seconds) in durations {
            try require(0...durationSeconds, contains: seconds ?? 0, at: "\(path)/\(name)")
        }
        let energies = [("min_kwh", restriction.minEnergy), ("max_kwh", restriction.maxEnergy)]
        for (name, energy) in energies {
            try require(
                -conditionMilliwattHours...conditionMilliwattHours, contains: energy?.milliwattHours ?? 0,
                at: "\(path)/\(name)")
        }
    }

    private static func require(_ range: ClosedRange<Int64>, contains value: Int64, at path: String)
        throws(TariffError)
    {
        guard range.contains(value) else {
            throw TariffError(.limitExceeded, at: path, "The value is out of range.")
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
