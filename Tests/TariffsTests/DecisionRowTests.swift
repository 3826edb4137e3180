// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// Rows of tariffs.md §5 that share a test with another row elsewhere, or that only the extensions make visible.
@Suite("Decisions, row by row")
struct DecisionRowTests {
    @Test("D2: the engine begins a segment at every change, whoever reported the stretch")
    func engineSplits() throws {
        let tariff = try offer(
            element(price(.energy, "1")) { $0.maxEnergy = Energy(kilowattHours: 4) },
            element(price(.energy, "2")))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.segments.map(\.from) == [.at("2026-03-02T10:00:00Z"), .at("2026-03-02T10:24:00Z")])
        #expect(rated.gross == .eur(1600))
    }

    @Test("D3: energy is spread evenly to 1e-12 kWh, and the last piece takes the remainder")
    func evenSpread() throws {
        let tariff = try offer(
            element(price(.energy, "1")) { $0.maxDurationSeconds = 1200 }, element(price(.energy, "2")))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "1"))

        #expect(rated.segments.map(\.energy.decimal) == ["0.333333333333", "0.666666666667"])
    }

    @Test("D6: an end of 00:00 is the end of the day, a missing bound is midnight")
    func midnight() throws {
        let evening = try offer(
            element(price(.time, "1")) {
                $0.startTime = ClockTime("22:00")
                $0.endTime = ClockTime("00:00")
            })
        let morning = try offer(element(price(.time, "1")) { $0.endTime = ClockTime("06:00") })
        let day = stretch("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")

        #expect(try rate(evening, day).exact.beforeTax.decimal == "2")
        #expect(try rate(morning, day).exact.beforeTax.decimal == "6")
    }

    @Test("D13: reservation elements never match in the session, and others never in the reservation")
    func phases() throws {
        let onlyReservation = try offer(
            element(price(.time, "6"), price(.flat, "1")) { $0.reservation = .reserved })
        let onlySession = try offer(element(price(.time, "6"), price(.flat, "1")))

        #expect(try rate(onlyReservation, stretch("10:00", "11:00")).gross == .eur(0))
        #expect(try rate(onlySession, stretch("10:00", "11:00", .reserved)).gross == .eur(0))
    }

    @Test("D19: a policy may bill complete steps only; the incomplete one is taken off what was used last")
    func completeStepsOnly() throws {
        var policy = RatingPolicy.lineHalfUp1
        policy.billsCompleteStepsOnly = true
        let tariff = try offer(
            element(price(.energy, "1", step: 1000)) { $0.maxEnergy = Energy(kilowattHours: 1) },
            element(price(.energy, "2", step: 1000)))

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "1.6")], policy: policy)
        let none = try rate(tariff, [stretch("10:00", "11:00", kWh: "0.9")], policy: policy)

        #expect(rated.line(.energy)?.quantity.decimal == "1")
        #expect(rated.gross == .eur(100))
        #expect(none.gross == .eur(0))
        #expect(rated.roundingPolicy == "line-half-up/1+complete-steps")
        #expect(RatingPolicy(name: rated.roundingPolicy) == policy)
    }

    @Test("D24: with tax included and no rate net equals gross, taxes are empty, and a note says so")
    func rateUnknown() throws {
        let rated = try rate(
            try offer(element(price(.energy, "0.50")), mode: .included), stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.net == rated.gross)
        #expect(rated.taxes.isEmpty)
        #expect(rated.noteCodes == [.taxRateMissing])
    }

    @Test("D29: time comes from timestamps, to the nanosecond, never from rounded volumes")
    func timestamps() throws {
        let tariff = try offer(element(price(.time, "3600")))

        let rated = try rate(tariff, stretch("2026-03-02T10:00:00.001Z", "2026-03-02T10:00:01.182Z"))

        #expect(rated.exact.beforeTax.decimal == "1.181")
    }

    @Test("D31: lines are rounded once, tax once per rate, and the policy is stored with the bill (§4.3)")
    func policyIsStored() throws {
        let rated = try rate(
            try offer(element(price(.energy, "0.333", tax: "21"))), stretch("10:00", "11:00", kWh: "1"))

        #expect(rated.lines.map(\.amount) == [.eur(33)])
        #expect(rated.tax == .eur(7))
        #expect(rated.roundingPolicy == "line-half-up/1")
    }

    @Test("D33: a credit takes back every line, tax and counter, and says the same about the session")
    func credit() throws {
        var terms = Tariff.Terms()
        terms.rules.counters = [TariffRules.Counter("day", .cap(.of("3")))]
        let tariff = try offer(element(price(.energy, "0.50", tax: "21")), terms: terms)
        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))

        let credit = rated.credit

        #expect(credit.gross + rated.gross == .eur(0))
        #expect(zip(credit.lines, rated.lines).allSatisfy { ($0.amount + $1.amount).isZero })
        #expect(zip(credit.taxes, rated.taxes).allSatisfy { ($0.amount + $1.amount).isZero })
        #expect(credit.counterChanges.map(\.change) == [.spent(.eur(-300))])
        #expect(credit.segments == rated.segments)
    }

    @Test("D34: intervals out of order are sorted and noted, and priced as if they had come in order")
    func order() throws {
        let tariff = try offer(element(price(.energy, "0.50")))
        let (first, second) = (stretch("10:00", "11:00", kWh: "1"), stretch("11:00", "12:00", kWh: "2"))

        let rated = try rate(tariff, second, first)

        #expect(rated.lines == (try rate(tariff, first, second)).lines)
        #expect(rated.noteCodes == [.intervalsReordered])
    }

    @Test("§3 Frozen start: under such a policy clocks and schedules count as they were at the start")
    func frozenStart() throws {
        var policy = RatingPolicy.lineHalfUp1
        policy.freezesStart = true
        var scheduled = price(.time, "1")
        scheduled.source = .schedule([
            TimedPrice(from: .at("2026-03-02T09:00:00Z"), .of("6")),
            TimedPrice(from: .at("2026-03-02T10:30:00Z"), .of("60")),
        ])
        let tariff = try offer(
            element(price(.energy, "0.20")) { $0.endTime = ClockTime("10:30") },
            element(price(.energy, "0.80"), scheduled))
        let usage = [stretch("10:00", "11:00", kWh: "10")]

        let frozen = try rate(tariff, usage, policy: policy)
        let usual = try rate(tariff, usage)

        #expect(frozen.lines.map(\.exact.decimal) == ["2", "6"])
        #expect(frozen.roundingPolicy == "line-half-up/1+frozen-start")
        #expect(usual.lines.map(\.exact.decimal) == ["5", "33"])
    }

    @Test("§3 Waive if trivial: below both thresholds every line is waived; above one of them none")
    func waived() throws {
        var terms = Tariff.Terms()
        terms.rules.waiver = TariffRules.Waiver(wattHoursBelow: 100, secondsBelow: 120)
        terms.minimum = Tariff.Limit(net: .of("5"))
        let tariff = try offer(element(price(.energy, "1"), price(.flat, "1")), terms: terms)
        let cases: [(String, String, Bool)] = [
            ("10:01", "0.099999", true), ("10:02", "0.099999", false), ("10:01", "0.1", false),
        ]

        for (end, energy, isWaived) in cases {
            let rated = try rate(tariff, stretch("10:00", end, kWh: energy))
            #expect(rated.gross == (isWaived ? .eur(0) : .eur(500)), "\(end) \(energy)")
            #expect(rated.noteCodes.contains(.waivedTrivial) == isWaived)
            #expect(rated.lines.isEmpty == isWaived)
        }
    }

    @Test("§3 Free quantity: the first kWh cost nothing, and only the rest is stepped (§4, stages 4 and 5)")
    func freeQuantity() throws {
        var energy = price(.energy, "1", step: 1000)
        energy.freeQuantity = 2500

        let rated = try rate(try offer(element(energy)), stretch("10:00", "11:00", kWh: "4.1"))

        #expect(rated.line(.energy)?.parts.map(\.quantity.decimal) == ["2.5", "2"])
        #expect(rated.line(.energy)?.parts.map(\.stepSurplus.decimal) == ["0", "0.4"])
        #expect(rated.gross == .eur(200))
        #expect(rated.line(.energy)?.why == "element 0: the first 2.5 kWh are free; element 0: always")
    }

    @Test("§8.1: what is beyond the limits is refused before any arithmetic, never a trap")
    func limitsOfExtensions() throws {
        var free = price(.energy, "1")
        free.freeQuantity = .max
        var tax = price(.energy, "1")
        tax.furtherTaxes = [StackedTax(TaxRate(percent: 5), level: 4)]
        var discount = price(.energy, "1")
        discount.discounts = [Discount(for: "a", .percent(Percentage(percent: 101)))]
        var schedule = price(.energy, "1")
        schedule.source = .schedule([
            TimedPrice(from: .at("2026-03-02T10:00:00Z"), .zero),
            TimedPrice(from: .at("2026-03-02T10:00:00Z"), .zero),
        ])
        var power = Restriction()
        power.minPower = Power(milliwatts: -1)
        power.maxPower = Power(milliwatts: .max)

        for component in [free, tax, discount, schedule] {
            #expect(throws: TariffError.self) { try offer(element(component)) }
        }
        #expect(throws: TariffError.self) { try offer(TariffElement([price(.energy, "1")], when: power)) }
        var context = RatingContext()
        context.coupons = [.init("c", .value, .eur(-1))]
        let plain = try offer(element(price(.energy, "1")))
        #expect(throws: RatingError.self) { try rate(plain, [stretch("10:00", "11:00")], given: context) }
        context.coupons = [.init("c", .value, Money(minorUnits: 1, currency: .jpy))]
        #expect(throws: RatingError.self) { try rate(plain, [stretch("10:00", "11:00")], given: context) }
    }
}
