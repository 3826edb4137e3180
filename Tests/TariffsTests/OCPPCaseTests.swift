// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The OCPP 2.1 cases P01 to P12 of tariffs.md §11, as far as the rater decides them.
@Suite("OCPP 2.1 cases")
struct OCPPCaseTests {
    /// A tariff under the rules of OCPP 2.1.
    private func offer(
        _ elements: TariffElement..., change: (inout Tariff.Terms) -> Void = { _ in }
    ) throws -> Tariff {
        var terms = Tariff.Terms()
        terms.rules.ruleSet = .ocpp
        change(&terms)
        return try Tariff(id: "P", currency: .eur, taxMode: .excluded, elements: elements, terms: terms)
    }

    @Test("P01 (OCPP 2.1, TariffEnergy): 0.25 per kWh, 10 kWh")
    func energy() throws {
        let rated = try rate(try offer(element(price(.energy, "0.25"))), stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.gross == .eur(250))
    }

    @Test("P02 (§6, first price whose conditions all hold): a change of price begins a new period at 18:00")
    func dayAndNight() throws {
        let tariff = try offer(
            element(price(.energy, "0.40")) {
                $0.startTime = ClockTime("08:00")
                $0.endTime = ClockTime("18:00")
            }, element(price(.energy, "0.25")))

        let rated = try rate(tariff, stretch("17:30", "18:20", kWh: "10"))

        #expect(rated.gross == .eur(340))
        #expect(rated.segments.map(\.from) == [.at("2026-03-02T17:30:00Z"), .at("2026-03-02T18:00:00Z")])
    }

    @Test("P03 (minIdleTime): 0.40 per minute from ten minutes of idling on; as a condition and as a grace")
    func idleTime() throws {
        let condition = try offer(element(price(.parking, "24")) { $0.minIdleSeconds = 600 })
        let grace = try offer(element(price(.parking, "24").after(graceSeconds: 600, atMost: nil)))
        let usage = [stretch("10:00", "13:00", kWh: "30"), stretch("13:00", "13:50", .parking)]

        #expect(try rate(condition, usage).gross == .eur(1600))
        #expect(try rate(grace, usage).gross == .eur(1600))
    }

    @Test(
        "P03 (minChargingTime, maxChargingTime): charging runs on a clock of its own, without parking and gaps"
    )
    func chargingTime() throws {
        let tariff = try offer(
            element(price(.time, "60")) {
                $0.minChargingSeconds = 3600
                $0.maxChargingSeconds = 5400
            })

        let rated = try rate(
            tariff, stretch("10:00", "10:50"), stretch("10:50", "11:50", .parking), stretch("12:00", "13:00"))

        #expect(rated.line(.time)?.from == .at("2026-03-02T12:10:00Z"))
        #expect(rated.gross == .eur(3000))
    }

    @Test("P04 (maxCost): the total is clamped; a station that froze too late is flagged")
    func maximumCost() throws {
        let tariff = try offer(element(price(.energy, "0.50"))) { $0.maximum = Tariff.Limit(net: .of("10")) }

        let rated = try rate(
            tariff, stretch("10:00", "10:20", kWh: "7"), stretch("10:20", "10:40", kWh: "7"),
            stretch("10:40", "11:00", kWh: "7"))

        #expect(rated.gross == .eur(1000))
        #expect(rated.segments.count == 3)  // usage keeps counting
        #expect(rated.compare(reported: .eur(1050)) == .beyondMaximum)
        #expect(rated.compare(reported: .eur(1000)) == .same)
        #expect(rated.compare(reported: .eur(950)) == .differs)
    }

    @Test("P05 (minCost): it replaces the whole cost, and no other part is left")
    func minimumCost() throws {
        let tariff = try offer(element(price(.energy, "0.20", tax: "20"))) {
            $0.minimum = Tariff.Limit(net: .of("5"))
        }

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))
        let above = try rate(tariff, stretch("10:00", "11:00", kWh: "30"))

        #expect(rated.lines.map(\.kind) == [.minPrice])
        #expect(rated.lines.map(\.exact.decimal) == ["5"])
        #expect(rated.net == .eur(500))
        #expect(rated.gross == .eur(600))
        #expect(above.lines.map(\.kind) == [.energy])
    }

    @Test(
        "P06 (stackLevel; §4.3 rule 5): two taxes beside each other, or one on the other", arguments: [0, 1])
    func stackedTaxes(level: Int) throws {
        var energy = price(.energy, "1", tax: "5")
        energy.furtherTaxes = [StackedTax(TaxRate(tenThousandthsOfPercent: 99_750), level: level)]

        let rated = try rate(try offer(element(energy)), stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.net == .eur(1000))
        #expect(rated.exact.afterTax.decimal == (level == 0 ? "11.4975" : "11.547375"))
        #expect(rated.taxes.map(\.base) == [.eur(1000), level == 0 ? .eur(1000) : .eur(1050)])
        #expect(rated.taxes.map(\.amount) == [.eur(50), level == 0 ? .eur(100) : .eur(105)])
        #expect(rated.taxes.map(\.level) == [nil, level == 0 ? nil : 1])
    }

    @Test("P06 (§4.3 rule 6): stacked taxes inside a gross price; the gross never moves")
    func stackedTaxesIncluded() throws {
        var energy = price(.energy, "1.1547375", tax: "5")
        energy.furtherTaxes = [StackedTax(TaxRate(tenThousandthsOfPercent: 99_750), level: 1)]
        let tariff = try Tariff(id: "P", currency: .eur, taxMode: .included, elements: [element(energy)])

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.exactTexts == ["10", "11.547375"])
        #expect(rated.gross == .eur(1155))
        #expect(rated.net == .eur(1000))
        #expect(rated.taxes.map(\.amount) == [.eur(50), .eur(105)])
    }

    @Test("P07 (fixedFee): decided at the start of the transaction; under OCPI's rule it may come later")
    func fixedFee() throws {
        let fee = element(price(.flat, "2")) {
            $0.startTime = ClockTime("18:00")
            $0.endTime = ClockTime("20:00")
        }
        let usage = stretch("17:30", "18:30")

        #expect(try rate(try offer(fee), usage).gross == .eur(0))
        #expect(try rate(try TariffsTests.offer(fee), usage).gross == .eur(200))
        #expect(try rate(try offer(fee), stretch("18:00", "18:30")).gross == .eur(200))
    }

    @Test("P08 (prices per minute): 5.00 per hour needs six decimals per minute")
    func perMinute() throws {
        let usage = stretch("10:00", "20:00")
        // What a station would compute from the exported price, in prices per hour.
        let exported = ["0.0833": "49.98", "0.083333": "49.9998"]

        for (perMinute, total) in exported {
            let hourly = Rate(billionths: (Rate.of(perMinute).billionths) * 60)
            let rated = try rate(try offer(element(PriceComponent(.time, hourly))), usage)
            #expect(rated.exact.beforeTax.decimal == total)
            #expect(rated.gross == (perMinute == "0.0833" ? .eur(4998) : .eur(5000)))
        }
        #expect(try rate(try offer(element(price(.time, "5"))), usage).gross == .eur(5000))
    }

    @Test("P09 (ChangeTransactionTariff): the new price from the change on; another currency is refused")
    func changeOfTariff() throws {
        let first = try offer(element(price(.energy, "0.30")))
        let second = try offer(element(price(.energy, "0.50")))
        let foreign = try Tariff(id: "F", currency: .gbp, taxMode: .excluded, elements: second.elements)
        let change = Instant.at("2026-03-02T10:30:00Z")
        let usage = [stretch("10:00", "11:00", kWh: "20")]

        let rated = try rate(first, usage, changing: [TariffChange(from: change, second)])
        let refusal = #expect(throws: RatingError.self) {
            try rate(first, usage, changing: [TariffChange(from: change, foreign)])
        }

        #expect(rated.gross == .eur(800))
        #expect(rated.segments.map(\.from) == [.at("2026-03-02T10:00:00Z"), change])
        #expect(refusal?.code == .currencyChanged)
        #expect(refusal?.message.contains("NoCurrencyChange") == true)
        #expect(first.contentHash != second.contentHash)
    }

    @Test("P10 (paymentBrand, paymentRecognition): a fee for one brand of card")
    func paymentBrand() throws {
        let tariff = try offer(
            element(price(.flat, "0.35")) {
                $0.paymentBrands = ["amex"]
                $0.cardFunding = .credit
            }, element(price(.flat, "0")))
        var context = RatingContext()
        context.cardFunding = .credit

        for (brand, fee) in [("amex", Int64(35)), ("visa", 0)] {
            context.paymentBrand = brand
            #expect(try rate(tariff, [stretch("10:00", "11:00")], given: context).gross == .eur(fee))
        }
        context.paymentBrand = "amex"
        context.cardFunding = .debit
        #expect(try rate(tariff, [stretch("10:00", "11:00")], given: context).gross == .eur(0))
    }

    @Test("P10 (evseKind, §3 Payment condition): the kind of EVSE and the way to pay choose the price")
    func evseAndChannel() throws {
        let tariff = try offer(
            element(price(.energy, "0.60")) { $0.evseKind = .dc },
            element(price(.energy, "0.50")) { $0.paymentChannels = [.card, .wallet] },
            element(price(.energy, "0.40")))
        let cases: [(RatingContext.EVSEKind, RatingContext.PaymentChannel, Int64)] = [
            (.dc, .rfid, 600), (.ac, .wallet, 500), (.ac, .rfid, 400), (.ac, .app, 400),
        ]

        for (kind, channel, total) in cases {
            var context = RatingContext()
            context.evseKind = kind
            context.paymentChannel = channel
            let rated = try rate(tariff, [stretch("10:00", "11:00", kWh: "10")], given: context)
            #expect(rated.gross == .eur(total))
        }
    }

    @Test("P11 (TooManyElements): what a station cannot hold is computed centrally, 24 prices of a day")
    func centralCost() throws {
        var energy = price(.energy, "9")
        let midnight = Instant.at("2026-03-02T00:00:00Z")
        energy.source = .schedule(
            (0..<24).map { hour in
                TimedPrice(
                    from: midnight + .hours(Int64(hour)),
                    Rate(billionths: 100_000_000 + Int64(hour) * 10_000_000))
            })

        let rated = try rate(
            try offer(element(energy)), stretch("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", kWh: "24"))

        #expect(rated.line(.energy)?.parts.count == 24)
        #expect(rated.gross == .eur(516))  // 24 × 0.10 + 0.01 × (0 + … + 23)
    }

    @Test("P12 (D32): bounds of a negative flow are those nearest to and farthest from zero")
    func negativeFlow() throws {
        let bounds: (inout Restriction) -> Void = {
            $0.minPower = Power(watts: -10_000)
            $0.maxPower = Power(watts: -50_000)
        }
        let tariff = try offer(element(price(.time, "60"), when: bounds))
        let cases: [(Int64, Int64)] = [
            (-30_000, 1), (-5000, 0), (-10_000, 1), (-50_000, 0), (-49_999, 1), (30_000, 0), (0, 0),
        ]

        for (watts, minutes) in cases {
            let rated = try rate(tariff, stretch("10:00", "10:01", power: Power(watts: watts)))
            #expect(rated.gross == .eur(minutes * 100), "\(watts) W")
        }
        let half = try offer(element(price(.time, "60")) { $0.minPower = Power(watts: -10_000) })
        #expect(try rate(half, stretch("10:00", "10:01", power: Power(watts: -90_000))).gross == .eur(100))
    }

    @Test("P01 (§6, no step): a step has no meaning under OCPP")
    func noStep() throws {
        let tariff = try offer(element(price(.energy, "1", step: 1000)))

        #expect(try rate(tariff, stretch("10:00", "11:00", kWh: "0.5")).gross == .eur(50))
    }
}
