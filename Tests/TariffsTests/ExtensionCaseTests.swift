// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The extension cases of tariffs.md §12 that need more than grace, caps and windows.
@Suite("Extension cases: prices, people and counters")
struct ExtensionCaseTests {
    @Test("X04 (§3 Discount): 25 % for members on energy only")
    func memberDiscount() throws {
        var energy = price(.energy, "0.56", tax: "21")
        energy.discounts = [Discount(for: "members", .percent(Percentage(percent: 25)))]
        let idle = price(.parking, "24", tax: "21").after(graceSeconds: 600, atMost: nil)
        let tariff = try offer(element(energy, idle), mode: .included)
        var member = RatingContext()
        member.groups = ["members"]
        let usage = [stretch("10:00", "11:00", kWh: "30"), stretch("11:00", "11:15", .parking)]

        let rated = try rate(tariff, usage, given: member)
        let stranger = try rate(tariff, usage)

        #expect(rated.lines.map(\.kind) == [.energy, .discount, .parking])
        #expect(rated.lines.map(\.exact.decimal) == ["16.8", "-4.2", "2"])
        #expect(rated.gross == .eur(1460))
        #expect(rated.incomeByKind.map(\.kind) == [.energy, .parking])
        #expect(stranger.gross == .eur(1880))
        #expect(rated.line(.discount)?.why == "element 0: 25 % less for members")
    }

    @Test("X04 (§4.1): a percentage of a cost that does not end stays exact")
    func exactPercentage() throws {
        var energy = price(.energy, "0.333333333")
        energy.discounts = [Discount(for: "a", .percent(Percentage(tenThousandths: 333_333)))]
        var context = RatingContext()
        context.groups = ["a"]

        let rated = try rate(
            try offer(element(energy)), [stretch("10:00", "11:00", kWh: "0.000001")], given: context)

        #expect(rated.line(.discount)?.exact.description == "-111110999888889/1000000000000000000000")
    }

    @Test("X05 (§3 Discount): 0.20 per kWh less for a plan, and a plan's fee for a part of the month")
    func planDiscount() throws {
        var energy = price(.energy, "0.79")
        energy.discounts = [
            Discount(for: "other", .perUnit(.of("0.50"))), Discount(for: "plan", .perUnit(.of("0.20"))),
        ]
        let tariff = try offer(element(energy))
        var context = RatingContext()
        context.groups = ["plan"]

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "40")], given: context)

        #expect(rated.gross == .eur(2360))
        #expect(rated.line(.discount)?.unitPrice == .of("-0.2"))
        #expect(PlanFee(.of("11.99")).amount(days: 26, of: 31, in: .eur) == .eur(1006))
        #expect(PlanFee(.of("11.99")).amount(days: 31, of: 31, in: .eur) == .eur(1199))
    }

    @Test("X05 (§3 Discount): a reduction per unit never makes a price negative")
    func discountStopsAtNothing() throws {
        var energy = price(.energy, "0.10")
        energy.discounts = [Discount(for: "plan", .perUnit(.of("0.20")))]
        var context = RatingContext()
        context.groups = ["plan"]

        let rated = try rate(
            try offer(element(energy)), [stretch("10:00", "11:00", kWh: "40")], given: context)

        #expect(rated.gross == .eur(0))
        #expect(rated.line(.discount)?.exact.decimal == "-4")
    }

    @Test("X06 (§3 Vehicle and site conditions): a full battery on a busy site costs after five minutes")
    func congestion() throws {
        var fee = price(.time, "60")
        fee.freeQuantity = 300
        let tariff = try offer(
            element(fee) {
                $0.minStateOfCharge = Percentage(percent: 90)
                $0.minOccupancy = Percentage(percent: 80)
            })
        var full = stretch("10:00", "10:12", kWh: "1")
        full.stateOfCharge = Percentage(percent: 90)
        var emptier = stretch("09:00", "10:00", kWh: "20")
        emptier.stateOfCharge = Percentage(tenThousandths: 899_999)
        var context = RatingContext()
        context.occupancy = [
            .init(from: .at("2026-03-02T08:00:00Z"), Percentage(percent: 80)),
            .init(from: .at("2026-03-02T10:30:00Z"), Percentage(percent: 20)),
        ]

        let rated = try rate(tariff, [emptier, full], given: context)
        let quiet = try rate(tariff, [emptier, stretch("10:30", "10:42")], given: context)

        #expect(rated.gross == .eur(700))
        #expect(rated.line(.time)?.parts.map(\.quantity.duration) == [.minutes(5), .minutes(7)])
        #expect(rated.line(.time)?.parts.map(\.unitPrice) == [.zero, .of("60")])
        #expect(quiet.gross == .eur(0))
        #expect(quiet.noteCodes == [.timelineGap, .missingContext, .unmatchedDimension])
    }

    @Test("X06 (§4.2): a change of the site's occupancy cuts an interval")
    func occupancyChanges() throws {
        let tariff = try offer(element(price(.time, "60")) { $0.minOccupancy = Percentage(percent: 50) })
        var context = RatingContext()
        context.occupancy = [
            .init(from: .at("2026-03-02T10:10:00Z"), Percentage(percent: 50)),
            .init(from: .at("2026-03-02T10:25:00Z"), Percentage(percent: 49)),
        ]

        let rated = try rate(tariff, [stretch("10:00", "11:00")], given: context)

        #expect(rated.exact.beforeTax.decimal == "15")
    }

    @Test("X07 (§3 Price source): index × factor + adder, rounded half up to nine decimals")
    func spotPrice() throws {
        // (0.1157 × 1.02 + 0.004) × 1.06 = 0.1157 × 1.0812 + 0.00424
        let source = IndexPrice("spot", times: .of("1.0812"), plus: .of("0.00424"))
        var context = RatingContext()
        context.indexes["spot"] = [TimedPrice(from: .at("2026-03-02T00:00:00Z"), .of("0.1157"))]

        let rated = try rate(try following(source), [stretch("10:00", "11:00", kWh: "10")], given: context)

        #expect(rated.line(.energy)?.unitPrice == .of("0.12933484"))
        #expect(rated.exact.beforeTax.decimal == "1.2933484")
        #expect(rated.gross == .eur(129))
        #expect(IndexPrice("i", times: .of("0.5")).price(at: .of("0.000000001")) == .of("0.000000001"))
        #expect(IndexPrice("i", times: .of("0.5")).price(at: .of("-0.000000001")) == .of("-0.000000001"))
    }

    @Test("X08 (§3 Price source): a schedule of absolute instants cuts an interval")
    func schedule() throws {
        var energy = price(.energy, "9")
        energy.source = .schedule(
            [("10:00", "0.10"), ("10:15", "0.20"), ("10:30", "0.30"), ("10:45", "0.40")].map { time, price in
                TimedPrice(from: .at("2026-03-02T\(time):00Z"), .of(price))
            })
        let tariff = try offer(element(energy))

        let rated = try rate(
            tariff,
            [
                stretch("10:00", "10:15", kWh: "2"), stretch("10:15", "10:45", kWh: "6"),
                stretch("10:45", "11:00", kWh: "2"),
            ])
        let early = try rate(tariff, [stretch("09:50", "10:10", kWh: "2")])

        #expect(rated.gross == .eur(250))
        #expect(rated.line(.energy)?.parts.map(\.unitPrice?.decimal) == ["0.1", "0.2", "0.3", "0.4"])
        #expect(early.gross == .eur(910))  // 1 kWh before the schedule at the component's own price
        #expect(early.noteCodes == [.sourceUnknown])
    }

    @Test("X09 (§3 Price source): a negative index with an adder and a floor")
    func negativeSpot() throws {
        let source = IndexPrice("spot", plus: .of("0.08"), floor: .zero)
        for (value, total) in [("-0.05", Int64(30)), ("-0.20", 0)] {
            var context = RatingContext()
            context.indexes["spot"] = [TimedPrice(from: .at("2026-03-02T10:00:00Z"), .of(value))]
            let rated = try rate(
                try following(source), [stretch("10:00", "11:00", kWh: "10")], given: context)
            #expect(rated.gross == .eur(total))
        }
        let capped = IndexPrice("spot", plus: .of("0.08"), floor: .zero, cap: .of("0.10"))
        #expect(capped.price(at: .of("5")) == .of("0.10"))
    }

    @Test("X07 (§8.1): a price beyond the limits is refused, never wrapped")
    func indexOutOfRange() throws {
        let source = IndexPrice("spot", times: .of("1000000"))
        var context = RatingContext()
        context.indexes["spot"] = [TimedPrice(from: .at("2026-03-02T10:00:00Z"), .of("1000000"))]
        let tariff = try following(source)

        let refusal = #expect(throws: RatingError.self) {
            try rate(tariff, [stretch("10:00", "11:00", kWh: "10")], given: context)
        }
        #expect(refusal?.code == .limitExceeded)
    }

    private func following(_ source: IndexPrice) throws -> Tariff {
        var energy = price(.energy, "9")
        energy.source = .index(source)
        return try offer(element(energy))
    }

    @Test("X10 (§3 Counter): a cap of 12 a day over two sessions")
    func dailyCap() throws {
        var terms = Tariff.Terms()
        terms.rules.counters = [TariffRules.Counter("day", .cap(.of("12")))]
        let tariff = try offer(element(price(.energy, "1", tax: "20")), mode: .included, terms: terms)

        let first = try rate(tariff, [stretch("10:00", "11:00", kWh: "8")])
        var context = RatingContext()
        context.balances["day"] = first.counterChanges.first?.change
        let second = try rate(tariff, [stretch("12:00", "13:00", kWh: "7")], given: context)
        context.balances["day"] = .spent(.eur(1200))
        let third = try rate(tariff, [stretch("14:00", "15:00", kWh: "7")], given: context)

        #expect(first.gross == .eur(800))
        #expect(first.counterChanges.map(\.change) == [.spent(.eur(800))])
        #expect(second.gross == .eur(400))
        #expect(second.net == .eur(333))
        #expect(second.lines.map(\.kind) == [.energy, .counterCap])
        #expect(second.lines.map(\.amount) == [.eur(700), .eur(-300)])
        #expect(second.counterChanges.map(\.change) == [.spent(.eur(400))])
        #expect(third.gross == .eur(0))
        #expect(third.counterChanges.map(\.change) == [.spent(.eur(0))])
    }

    @Test("X11 (§3 Counter): 100 kWh a month are included, 95 are used")
    func monthlyAllowance() throws {
        var terms = Tariff.Terms()
        terms.rules.counters = [TariffRules.Counter("month", .allowance(.energy, 100_000))]
        let tariff = try offer(element(price(.energy, "0.40", step: 1000)), terms: terms)
        var context = RatingContext()
        context.balances["month"] = .used(Measured(95_000_000_000_000, .kilowattHour))

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "20")], given: context)
        let stepped = try rate(tariff, [stretch("10:00", "11:00", kWh: "5.5")], given: context)

        #expect(rated.gross == .eur(600))
        #expect(rated.line(.energy)?.parts.map(\.quantity.decimal) == ["5", "15"])
        #expect(rated.line(.energy)?.quantity.decimal == "20")
        #expect(rated.counterChanges.map(\.change) == [.used(Measured(5_000_000_000_000, .kilowattHour))])
        #expect(stepped.gross == .eur(40))  // reduced first (stage 4), stepped afterwards (stage 5)
    }

    @Test("X12 (§3 Coupon): a value coupon pays after rounding, and the rest stays on it")
    func valueCoupon() throws {
        let tariff = try offer(element(price(.energy, "0.32", tax: "19")), mode: .included)
        var context = RatingContext()
        context.coupons = [.init("gift", .value, .eur(500)), .init("other", .value, .eur(100))]

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "10")], given: context)
        let large = try rate(tariff, [stretch("10:00", "11:00", kWh: "20")], given: context)

        #expect(rated.gross == .eur(320))
        #expect(rated.due == .eur(0))
        #expect(rated.couponUses.map(\.left) == [.eur(180), .eur(100)])
        #expect(large.due == .eur(40))
        #expect(large.couponUses.map(\.used) == [.eur(500), .eur(100)])
    }

    @Test("X12 (§3 Coupon): a price coupon lowers the price before tax, each rate bears its share")
    func priceCoupon() throws {
        let tariff = try offer(element(price(.energy, "0.30", tax: "20"), price(.flat, "1", tax: "10")))
        var context = RatingContext()
        context.coupons = [.init("five", .price, .eur(100))]

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "10")], given: context)
        context.coupons = [.init("all", .price, .eur(900))]
        let free = try rate(tariff, [stretch("10:00", "11:00", kWh: "10")], given: context)

        #expect(rated.lines.map(\.kind) == [.energy, .flat, .discount, .discount])
        #expect(rated.lines.map(\.exact.decimal) == ["3", "1", "-0.75", "-0.25"])
        #expect(rated.exactTexts == ["3", "3.525"])
        #expect(rated.due == rated.gross)
        #expect(free.gross == .eur(0))
        #expect(free.couponUses.map(\.used) == [.eur(400)])
    }

    @Test("X13 (§3 Vehicle and site conditions): a price by the car's maximum power at start")
    func powerTier() throws {
        let tariff = try offer(
            element(price(.time, "15")) { $0.maxVehiclePower = Power(watts: 50_000) },
            element(price(.time, "34.80"), price(.flat, "1")) { $0.minVehiclePower = Power(watts: 50_000) })
        var context = RatingContext()
        context.vehicleMaxPower = Power(watts: 50_000)

        let rated = try rate(tariff, [stretch("10:00", "10:25", kWh: "10")], given: context)
        let unknown = try rate(tariff, [stretch("10:00", "10:25", kWh: "10")])

        #expect(rated.gross == .eur(1550))
        #expect(unknown.gross == .eur(0))
        #expect(unknown.noteCodes == [.missingContext, .missingContext, .unmatchedDimension])
    }

    @Test("X14 (§3 Percentage fee): 2 % on the total after limits, on its own line")
    func percentageFee() throws {
        var terms = Tariff.Terms()
        terms.rules.percentageFee = TariffRules.PercentageFee(
            Percentage(percent: 2), tax: TaxRate(percent: 10))
        let tariff = try offer(element(price(.energy, "0.50")), terms: terms)
        terms.maximum = Tariff.Limit(net: .of("40"))
        let limited = try offer(element(price(.energy, "0.50", tax: "20")), terms: terms)

        let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "100")])
        let capped = try rate(limited, [stretch("10:00", "11:00", kWh: "100")])

        #expect(rated.net == .eur(5100))
        #expect(rated.lines.map(\.kind) == [.energy, .percentageFee])
        #expect(rated.taxes.map(\.amount) == [.eur(10)])
        #expect(capped.lines.map(\.amount) == [.eur(5000), .eur(80), .eur(-1000)])
        #expect(capped.lines.map(\.kind) == [.energy, .percentageFee, .maxPrice])
        #expect(capped.exactTexts == ["40.8", "48.88"])
        #expect(capped.gross == .eur(4888))
    }

    @Test("X15 (D26): prices by absolute instants on the night the clocks go back")
    func repeatedHour() throws {
        var energy = price(.energy, "9")
        energy.source = .schedule([
            TimedPrice(from: .at("2026-10-25T00:00:00Z"), .of("0.10")),
            TimedPrice(from: .at("2026-10-25T01:00:00Z"), .of("0.30")),
        ])
        let tariff = try offer(element(energy))

        let rated = try rate(
            tariff,
            [
                stretch("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", kWh: "1"),
                stretch("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", kWh: "1"),
            ], zone: Zones.centralEurope)

        #expect(rated.gross == .eur(40))
    }

    @Test(
        "X16, X17 (§5 Change of tariff, D33): only the tariff at the end steps; the credit is the exact opposite"
    )
    func changeOfTariff() throws {
        let first = try offer(element(price(.energy, "0.20", step: 500), price(.flat, "1")))
        let second = try offer(element(price(.energy, "0.27", step: 500), price(.flat, "2")))
        let usage = [stretch("10:00", "11:00", kWh: "4.3"), stretch("11:00", "12:00", kWh: "1.1")]
        let change = TariffChange(from: .at("2026-03-02T11:00:00Z"), second)

        let rated = try rate(first, usage, changing: [change])

        #expect(rated.line(.energy)?.exact.decimal == "1.265")
        #expect(rated.line(.energy)?.parts.map(\.exact.decimal) == ["0.86", "0.405"])
        #expect(rated.line(.energy)?.parts.map(\.tariff) == [nil, 1])
        #expect(rated.line(.flat)?.exact.decimal == "1")
        #expect(rated.credit.line(.energy)?.exact.decimal == "-1.265")
        #expect(rated.credit.segments == rated.segments)
        #expect(rated.credit.lines.map(\.quantity) == rated.lines.map(\.quantity))
    }

    @Test(
        "X16 (§5 Change of tariff): the fee of the new tariff only if it says so; the change cuts an interval"
    )
    func feeOnChange() throws {
        var terms = Tariff.Terms()
        terms.rules.chargesFlatOnChange = true
        let first = try offer(element(price(.energy, "0.20"), price(.flat, "1")))
        let second = try offer(element(price(.energy, "0.40"), price(.flat, "2")), terms: terms)

        let rated = try rate(
            first, [stretch("10:00", "11:00", kWh: "10")],
            changing: [TariffChange(from: .at("2026-03-02T10:30:00Z"), second)])
        let late = try rate(
            first, [stretch("10:00", "11:00", kWh: "10")],
            changing: [TariffChange(from: .at("2026-03-02T11:00:00Z"), second)])

        #expect(rated.line(.energy)?.exact.decimal == "3")
        #expect(rated.line(.flat)?.exact.decimal == "3")
        #expect(late.gross == .eur(300))
    }
}
