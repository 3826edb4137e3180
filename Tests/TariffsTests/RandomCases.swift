// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs

/// Reproducible randomness: SplitMix64, so that a printed seed makes the same case again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }
}

/// A random tariff and a random session whose times are whole minutes.
struct RandomCase: CustomStringConvertible {
    let seed: UInt64
    let tariff: Tariff
    let intervals: [Usage.Interval]
    let zone: ZoneRules

    var description: String {
        "seed \(seed): \(String(decoding: tariff.canonicalJSON, as: UTF8.self)) \(intervals)"
    }

    /// - Parameter isPlain: only what the minute-stepping check knows: no steps, limits, caps or power bands.
    init(seed: UInt64, isPlain: Bool = false) throws {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        var elements: [TariffElement] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            elements.append(Self.element(&random, isPlain: isPlain))
        }
        var terms = Tariff.Terms()
        if !isPlain, random.chance(25) {
            terms.minimum = Tariff.Limit(
                net: Rate(billionths: Int64.random(in: 0...5_000_000_000, using: &random)))
        }
        if !isPlain, random.chance(25) {
            terms.maximum = Tariff.Limit(
                net: Rate(billionths: Int64.random(in: 5_000_000_000...20_000_000_000, using: &random)))
        }
        tariff = try Tariff(
            id: "R", currency: random.pick([.eur, .jpy, .kwd]),
            taxMode: random.pick([.excluded, .included, .none]),
            elements: elements, terms: terms)
        intervals = Self.timeline(&random)
        zone = random.pick([.utc, Zones.centralEurope, ZoneRules(fixedOffsetSeconds: 20_700)])
    }

    private static func element(_ random: inout SeededGenerator, isPlain: Bool) -> TariffElement {
        let isReservation = random.chance(15)
        var components: [PriceComponent] = []
        for dimension in TariffDimension.allCases where random.chance(50) {
            var component = PriceComponent(
                dimension, Rate(billionths: Int64.random(in: 0...3000, using: &random) * 1_000_000))
            component.taxRate = random.pick([
                nil, TaxRate(percent: 0), TaxRate(percent: 19), TaxRate(percent: "8.75"),
            ])
            if !isPlain { component.stepSize = random.pick([nil, 0, 1, 60, 500, 900]) }
            if dimension == .parking, random.chance(40) {
                component.graceSeconds = Int64.random(in: 1...90, using: &random) * 60
            }
            if !isPlain, random.chance(20) {
                component.cap = Rate(billionths: Int64.random(in: 0...9, using: &random) * 1_000_000_000)
            }
            components.append(component)
        }
        return TariffElement(
            components,
            when: random.chance(60) || isReservation ? restriction(&random, isReservation, isPlain) : nil)
    }

    private static func restriction(_ random: inout SeededGenerator, _ isReservation: Bool, _ isPlain: Bool)
        -> Restriction
    {
        var restriction = Restriction()
        if isReservation { restriction.reservation = random.pick([.reserved, .expired]) }
        if random.chance(40) {
            restriction.startTime = ClockTime(
                hour: Int.random(in: 0...23, using: &random), minute: random.pick([0, 15, 59]))
        }
        if random.chance(40) {
            restriction.endTime = ClockTime(
                hour: Int.random(in: 0...23, using: &random), minute: random.pick([0, 30]))
        }
        if random.chance(25) {
            restriction.weekdays = Restriction.Weekday.allCases.filter { _ in random.chance(50) }
        }
        if random.chance(10) {
            restriction.startDate = CivilDate(
                daysSinceEpoch: 20_387 + Int64.random(in: 0...3, using: &random))
        }
        if random.chance(25) {
            restriction.minDurationSeconds = Int64.random(in: 0...600, using: &random) * 60
        }
        if random.chance(25) {
            restriction.maxDurationSeconds = Int64.random(in: 0...600, using: &random) * 60
        }
        if !isPlain, random.chance(25) {
            restriction.minEnergy = Energy(wattHours: Int64.random(in: 0...20_000, using: &random))
        }
        if !isPlain, random.chance(25) {
            restriction.maxEnergy = Energy(wattHours: Int64.random(in: 0...20_000, using: &random))
        }
        if !isPlain, random.chance(15) {
            restriction.minPower = Power(watts: Int64.random(in: 0...20, using: &random) * 1000)
        }
        return restriction
    }

    /// Whole minutes from around the autumn change of the clocks in 2025; energy in whole mWh per minute.
    private static func timeline(_ random: inout SeededGenerator) -> [Usage.Interval] {
        var clock = Instant.at("2025-10-25T18:00:00Z") + .minutes(Int64.random(in: 0...1500, using: &random))
        var intervals: [Usage.Interval] = []
        if random.chance(25) { intervals.append(next(&clock, .reserved, 0, 1, &random)) }
        for _ in 0..<Int.random(in: (intervals.isEmpty ? 1 : 0)...6, using: &random) {
            if random.chance(15) { clock = clock + .minutes(Int64.random(in: 1...90, using: &random)) }
            let state = random.pick([.charging, .charging, .parking, .suspended] as [Usage.State])
            let milliwattHours = state == .charging ? Int64.random(in: 0...300_000, using: &random) : 0
            // Two intervals of no length at one instant have no order of their own, so there is never more than one.
            let wasEmpty = intervals.last.map { $0.start == $0.end } ?? false
            intervals.append(
                next(&clock, state, milliwattHours, wasEmpty ? 1 : random.chance(10) ? 0 : 1, &random))
        }
        return intervals
    }

    private static func next(
        _ clock: inout Instant, _ state: Usage.State, _ milliwattHoursPerMinute: Int64,
        _ shortest: Int64, _ random: inout SeededGenerator
    ) -> Usage.Interval {
        let start = clock
        let minutes = shortest == 0 ? 0 : Int64.random(in: 1...240, using: &random)
        clock = clock + .minutes(minutes)
        return Usage.Interval(
            from: start, to: clock, state, energy: Energy(milliwattHours: milliwattHoursPerMinute * minutes),
            power: random.chance(50) ? Power(watts: Int64.random(in: 0...22, using: &random) * 1000) : nil)
    }
}
