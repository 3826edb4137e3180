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

/// A random tariff, a random session whose times are whole minutes, and what else the rater is told.
struct RandomCase: CustomStringConvertible {
    let seed: UInt64
    let tariff: Tariff
    let intervals: [Usage.Interval]
    let zone: ZoneRules
    var context = RatingContext()
    var changes: [TariffChange] = []
    var policy = RatingPolicy.lineHalfUp1

    var description: String {
        let tariffs = ([tariff] + changes.map(\.tariff)).map {
            String(decoding: $0.canonicalJSON, as: UTF8.self)
        }
        return
            "seed \(seed): \(tariffs) from \(changes.map(\.from)), \(policy.name), \(context), \(intervals)"
    }

    /// What there is in a case.
    enum Scope {
        /// Everything.
        case full
        /// Everything, but few elements and intervals: for large numbers of cases.
        case small
        /// Only what the minute-stepping check knows: no steps, limits, caps or energy thresholds.
        case plain
    }

    init(seed: UInt64, _ scope: Scope = .full) throws {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        let currency = random.pick([.eur, .jpy, .kwd] as [Currency])
        let mode = random.pick(Tariff.TaxMode.allCases)
        tariff = try Self.tariff(&random, currency, mode, scope)
        intervals = Self.timeline(&random, atMost: scope == .small ? 2 : 6)
        zone = random.pick([.utc, Zones.centralEurope, ZoneRules(fixedOffsetSeconds: 20_700)])
        if random.chance(15) {
            let from = Self.origin + .minutes(Int64.random(in: 0...2400, using: &random))
            changes = [TariffChange(from: from, try Self.tariff(&random, currency, mode, scope))]
        }
        if random.chance(10) { policy.freezesStart = true }
        if scope != .plain, random.chance(5) { policy.billsCompleteStepsOnly = true }
        context = Self.context(&random, currency, scope)
    }

    /// Prices the case; as it is, or with other intervals or another tariff.
    func rated(_ other: [Usage.Interval]? = nil, under another: Tariff? = nil) throws -> Rated {
        try Rater(policy: policy).rate(
            Usage(intervals: other ?? intervals), under: another ?? tariff, in: zone, given: context,
            changing: changes)
    }

    /// Before this no session begins.
    static let origin = Instant.at("2025-10-25T18:00:00Z")

    private static func tariff(
        _ random: inout SeededGenerator, _ currency: Currency, _ mode: Tariff.TaxMode, _ scope: Scope
    ) throws -> Tariff {
        var elements: [TariffElement] = []
        for _ in 0..<Int.random(in: 1...(scope == .small ? 3 : 5), using: &random) {
            elements.append(Self.element(&random, scope))
        }
        var terms = Tariff.Terms()
        terms.rules = rules(&random, scope)
        if scope != .plain, random.chance(25) {
            terms.minimum = Tariff.Limit(
                net: Rate(billionths: Int64.random(in: 0...5_000_000_000, using: &random)))
        }
        if scope != .plain, random.chance(25) {
            terms.maximum = Tariff.Limit(
                net: Rate(billionths: Int64.random(in: 5_000_000_000...20_000_000_000, using: &random)))
        }
        return try Tariff(id: "R", currency: currency, taxMode: mode, elements: elements, terms: terms)
    }

    private static func rules(_ random: inout SeededGenerator, _ scope: Scope) -> TariffRules {
        var rules = TariffRules()
        if random.chance(15) { rules.ruleSet = .ocpp }
        rules.chargesFlatOnChange = random.chance(50)
        guard scope != .plain else { return rules }
        if random.chance(10) {
            rules.waiver = TariffRules.Waiver(
                wattHoursBelow: Int64.random(in: 0...5000, using: &random),
                secondsBelow: Int64.random(in: 0...6000, using: &random))
        }
        if random.chance(15) {
            rules.percentageFee = TariffRules.PercentageFee(
                Percentage(tenThousandths: Int64.random(in: 0...60_000, using: &random)),
                tax: random.pick([nil, TaxRate(percent: 19)]))
        }
        if random.chance(15) {
            rules.counters.append(
                TariffRules.Counter(
                    "day", .cap(Rate(billionths: Int64.random(in: 0...30, using: &random) * 500_000_000))))
        }
        if random.chance(15) {
            rules.counters.append(
                TariffRules.Counter(
                    "month",
                    .allowance(
                        random.pick([.energy, .time, .parking]), Int64.random(in: 0...20_000, using: &random))
                ))
        }
        return rules
    }

    private static func context(_ random: inout SeededGenerator, _ currency: Currency, _ scope: Scope)
        -> RatingContext
    {
        var context = RatingContext()
        context.evseKind = random.pick([nil, .ac, .dc])
        if random.chance(50) { context.groups = ["members"] }
        if random.chance(70) {
            context.occupancy = [
                .init(from: origin, Percentage(percent: 40)),
                .init(
                    from: origin + .minutes(Int64.random(in: 1...2000, using: &random)),
                    Percentage(percent: 80)),
            ]
            context.indexes["spot"] = (0..<4).map { number in
                TimedPrice(
                    from: origin + .minutes(Int64(number) * 400),
                    Rate(billionths: Int64.random(in: -200...600, using: &random) * 1_000_000))
            }
        }
        guard scope != .plain else { return context }
        if random.chance(50) {
            context.balances["day"] = .spent(
                Money(minorUnits: Int64.random(in: 0...900, using: &random), currency: currency))
            context.balances["month"] = .used(
                Measured(Int128.random(in: 0...10_000, using: &random) * 1_000_000_000, .kilowattHour))
        }
        if random.chance(10) {
            context.coupons.append(
                .init(
                    "c", random.pick([.price, .value]),
                    Money(minorUnits: Int64.random(in: 0...900, using: &random), currency: currency)))
        }
        return context
    }

    private static func element(_ random: inout SeededGenerator, _ scope: Scope) -> TariffElement {
        let isReservation = random.chance(15)
        var components: [PriceComponent] = []
        for dimension in TariffDimension.allCases where random.chance(50) {
            components.append(component(&random, dimension, scope))
        }
        return TariffElement(
            components,
            when: random.chance(60) || isReservation ? restriction(&random, isReservation, scope) : nil)
    }

    private static func component(
        _ random: inout SeededGenerator, _ dimension: TariffDimension, _ scope: Scope
    ) -> PriceComponent {
        var component = PriceComponent(
            dimension, Rate(billionths: Int64.random(in: 0...3000, using: &random) * 1_000_000))
        component.taxRate = random.pick([
            nil, TaxRate(percent: 0), TaxRate(percent: 19), TaxRate(percent: "8.75"),
        ])
        if dimension == .parking, random.chance(40) {
            component.graceSeconds = Int64.random(in: 1...90, using: &random) * 60
        }
        if random.chance(15) {
            component.freeQuantity =
                dimension == .energy
                ? Int64.random(in: 0...10_000, using: &random) : Int64.random(in: 0...90, using: &random) * 60
        }
        if random.chance(15) { component.source = source(&random) }
        guard scope != .plain else { return component }
        component.stepSize = random.pick([nil, 0, 1, 60, 500, 900])
        if random.chance(20) {
            component.cap = Rate(billionths: Int64.random(in: 0...9, using: &random) * 1_000_000_000)
        }
        if random.chance(10) {
            component.floor = Rate(billionths: Int64.random(in: -9...0, using: &random) * 100_000_000)
        }
        if random.chance(20) {
            component.discounts = [
                Discount(
                    for: "members",
                    random.pick([
                        .percent(Percentage(tenThousandths: Int64.random(in: 0...1_000_000, using: &random))),
                        .perUnit(Rate(billionths: Int64.random(in: 0...500, using: &random) * 1_000_000)),
                    ]))
            ]
        }
        if random.chance(10) {
            component.furtherTaxes = [
                StackedTax(
                    TaxRate(percent: "9.975") ?? TaxRate(percent: 9),
                    level: Int.random(in: 0...2, using: &random))
            ]
        }
        return component
    }

    private static func source(_ random: inout SeededGenerator) -> PriceSource {
        if random.chance(50) {
            return .index(
                IndexPrice("spot", times: .of("1.02"), plus: .of("0.04"), floor: random.pick([nil, .zero])))
        }
        return .schedule(
            (0..<3).map { number in
                TimedPrice(
                    from: origin + .minutes(300 + Int64(number) * 500),
                    Rate(billionths: Int64.random(in: 0...900, using: &random) * 1_000_000))
            })
    }

    private static func restriction(_ random: inout SeededGenerator, _ isReservation: Bool, _ scope: Scope)
        -> Restriction
    {
        var restriction = Restriction()
        if random.chance(25) { addExtensions(to: &restriction, &random) }
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
        if scope != .plain, random.chance(25) {
            restriction.minEnergy = Energy(wattHours: Int64.random(in: 0...20_000, using: &random))
        }
        if scope != .plain, random.chance(25) {
            restriction.maxEnergy = Energy(wattHours: Int64.random(in: 0...20_000, using: &random))
        }
        if random.chance(15) {
            restriction.minPower = Power(watts: Int64.random(in: 0...20, using: &random) * 1000)
        }
        return restriction
    }

    private static func addExtensions(to restriction: inout Restriction, _ random: inout SeededGenerator) {
        let minutes = { (random: inout SeededGenerator) in Int64.random(in: 0...300, using: &random) * 60 }
        switch Int.random(in: 0..<7, using: &random) {
        case 0: restriction.evseKind = random.pick([.ac, .dc])
        case 1: restriction.minOccupancy = Percentage(percent: 50)
        case 2: restriction.maxOccupancy = Percentage(percent: 50)
        case 3: restriction.minStateOfCharge = Percentage(percent: Int64.random(in: 0...100, using: &random))
        case 4: restriction.minChargingSeconds = minutes(&random)
        case 5: restriction.maxChargingSeconds = minutes(&random)
        default: restriction.minIdleSeconds = minutes(&random)
        }
        if random.chance(20) { restriction.maxIdleSeconds = minutes(&random) }
    }

    /// Whole minutes from around the autumn change of the clocks in 2025; energy in whole mWh per minute.
    private static func timeline(_ random: inout SeededGenerator, atMost count: Int) -> [Usage.Interval] {
        var clock = origin + .minutes(Int64.random(in: 0...1500, using: &random))
        var intervals: [Usage.Interval] = []
        if random.chance(25) { intervals.append(next(&clock, .reserved, 0, 1, &random)) }
        for _ in 0..<Int.random(in: (intervals.isEmpty ? 1 : 0)...count, using: &random) {
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
            power: random.chance(50) ? Power(watts: Int64.random(in: 0...22, using: &random) * 1000) : nil,
            stateOfCharge: random.chance(50)
                ? Percentage(percent: Int64.random(in: 0...100, using: &random)) : nil)
    }
}
