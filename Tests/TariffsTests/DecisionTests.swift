// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// One test for each decision of tariffs.md §5 that the rater takes; D29, D30, D33 and D34 are about received CDRs.
@Suite("Decisions")
struct DecisionTests {
    @Test("D1: the first element that has the dimension and whose restrictions hold prices it, per dimension")
    func firstElementPerDimension() throws {
        let tariff = try offer(
            element(price(.time, "1")) { $0.maxEnergy = Energy(kilowattHours: 1) },
            element(price(.energy, "0.3"), price(.time, "2")),
            element(price(.energy, "9"), price(.time, "9")))

        let rated = try rate(tariff, stretch("10:00", "12:00", kWh: "2"))

        #expect(rated.exactTexts == ["3.6", "3.6"])  // 0.60 of energy, 1 h × 1 and 1 h × 2
    }

    @Test("D2, D3: the engine splits a stretch in which the price changes and spreads energy evenly")
    func splitsAtClockTimes() throws {
        let tariff = try offer(
            element(price(.energy, "0.40")) {
                $0.startTime = ClockTime("08:00")
                $0.endTime = ClockTime("18:00")
            },
            element(price(.energy, "0.25")))

        let rated = try rate(tariff, stretch("17:30", "18:20", kWh: "10"))

        #expect(rated.exactTexts == ["3.4", "3.4"])  // P02: 6 kWh at 0.40 and 4 kWh at 0.25
        #expect(rated.segments.map(\.from) == [.at("2026-03-02T17:30:00Z"), .at("2026-03-02T18:00:00Z")])
        #expect(
            rated.segments.map { $0.energy.energy } == [Energy(kilowattHours: 6), Energy(kilowattHours: 4)])
    }

    @Test("D4: a start and a minimum belong to the range, an end and a maximum do not")
    func boundsAreHalfOpen() throws {
        let tariff = try offer(
            element(price(.flat, "1")) {
                $0.startTime = ClockTime("10:00")
                $0.endTime = ClockTime("11:00")
                $0.minPower = Power(watts: 5000)
                $0.maxPower = Power(watts: 7000)
            })
        let cases: [(String, Int64, String)] = [
            ("10:00", 5000, "1"), ("11:00", 5000, "0"), ("10:00", 6999, "1"), ("10:00", 7000, "0"),
            ("10:00", 4999, "0"), ("10:59", 5000, "1"),
        ]

        for (start, watts, total) in cases {
            let rated = try rate(tariff, stretch(start, start, power: Power(watts: watts)))
            #expect(rated.exact.afterTax.decimal == total, "\(start) at \(watts) W")
        }
    }

    @Test(
        "D5, D6: equal bounds are the whole day, a missing bound is midnight, 00:00 ends the day",
        arguments: [
            ("09:00", "09:00", "24"), (nil, "06:00", "6"), ("22:00", nil, "2"), (nil, "00:00", "24"),
            ("22:00", "00:00", "2"), ("00:00", "00:00", "24"), ("22:00", "06:00", "8"),
        ] as [(String?, String?, String)])
    func windows(start: String?, end: String?, hours: String) throws {
        let tariff = try offer(
            element(price(.time, "1")) {
                $0.startTime = start.flatMap { ClockTime($0) }
                $0.endTime = end.flatMap { ClockTime($0) }
            })

        let rated = try rate(tariff, stretch("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"))

        #expect(rated.exact.beforeTax.decimal == hours)
    }

    @Test("D7: a weekday and a window over midnight must both hold on the local day of the instant")
    func weekdayAndWindow() throws {
        let tariff = try offer(
            element(price(.time, "1")) {
                $0.startTime = ClockTime("22:00")
                $0.endTime = ClockTime("06:00")
                $0.weekdays = [.friday]
            })

        let rated = try rate(tariff, stretch("2026-03-06T00:00:00Z", "2026-03-07T12:00:00Z"))

        #expect(rated.exact.beforeTax.decimal == "8")  // Friday 00–06 and 22–24, not Saturday 00–06
    }

    @Test("D8: a power or current band never matches a value that is not known, and a note says so")
    func missingMeasurement() throws {
        let tariff = try offer(
            element(price(.energy, "0.2")) { $0.maxPower = Power(watts: 7000) },
            element(price(.energy, "0.3")) { $0.minCurrent = Current(microamperes: 0) },
            element(price(.energy, "0.5")))

        let rated = try rate(tariff, stretch("10:00", "10:30", kWh: "2"))

        #expect(rated.exact.beforeTax.decimal == "1")
        #expect(rated.noteCodes == [.missingPower, .missingCurrent])
        #expect(rated.notes.map(\.path) == ["/elements/0/restrictions", "/elements/1/restrictions"])
    }

    @Test("D9: the power of an interval holds for all of it")
    func powerPerInterval() throws {
        let tariff = try offer(
            element(price(.energy, "0.2")) { $0.maxPower = Power(watts: 16_000) },
            element(price(.energy, "0.5")))

        let rated = try rate(
            tariff, stretch("10:00", "11:00", kWh: "1", power: Power(watts: 15_999)),
            stretch("11:00", "12:00", kWh: "1", power: Power(watts: 16_000)))

        #expect(rated.exact.beforeTax.decimal == "0.7")
    }

    @Test("D10: one fee per session, at the first piece at which any matches; a late one is noted")
    func flatOnce() throws {
        let tariff = try offer(
            element(price(.flat, "2")) { $0.minDurationSeconds = 1800 },
            element(price(.flat, "3")) { $0.minEnergy = Energy(kilowattHours: 5) })

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "20"))

        #expect(rated.exact.beforeTax.decimal == "3")  // 5 kWh are reached after 15 minutes
        #expect(rated.noteCodes == [.flatLate])
        #expect(rated.line(.flat)?.from == .at("2026-03-02T10:15:00Z"))
    }

    @Test(
        "D11, D13: the reservation's fee and the session's are both charged, and neither matches in the other"
    )
    func reservationAndSession() throws {
        let tariff = try offer(
            element(price(.flat, "2"), price(.time, "6")) { $0.reservation = .reserved },
            element(price(.flat, "0.5"), price(.time, "1")))

        let rated = try rate(tariff, stretch("09:30", "10:00", .reserved), stretch("10:00", "11:00"))

        #expect(rated.lines.map(\.kind) == [.reservation, .reservationFlat, .time, .flat])
        #expect(rated.lines.map(\.exact.decimal) == ["3", "2", "1", "0.5"])
    }

    @Test("D12: an expired reservation matches both words, and the first in order wins")
    func expiredReservation() throws {
        let tariff = try offer(
            element(price(.flat, "4")) { $0.reservation = .expired },
            element(price(.flat, "1"), price(.time, "2")) { $0.reservation = .reserved })

        let expired = try rate(tariff, stretch("09:00", "10:00", .reserved))
        let used = try rate(tariff, stretch("09:00", "10:00", .reserved), stretch("10:00", "10:00"))

        #expect(expired.exact.beforeTax.decimal == "6")
        #expect(expired.noteCodes == [.reservationExpired])
        #expect(used.exact.beforeTax.decimal == "3")
    }

    @Test("D14: durations count from the first interval that is no reservation, through parking and gaps")
    func durationThroughGaps() throws {
        let tariff = try offer(element(price(.parking, "6")) { $0.minDurationSeconds = 7200 })

        let rated = try rate(
            tariff, stretch("08:00", "10:00", .reserved), stretch("10:00", "11:00"),
            stretch("11:30", "12:30", .parking))

        #expect(rated.exact.beforeTax.decimal == "3")  // from 12:00
        #expect(rated.noteCodes == [.timelineGap, .unmatchedDimension])
    }

    @Test("D15: priced parking takes the step wherever it lies, time is then exact; else time takes it")
    func stepGoesToParking() throws {
        let tariff = try offer(element(price(.time, "60", step: 600), price(.parking, "60", step: 900)))

        let both = try rate(tariff, stretch("10:00", "10:01", .parking), stretch("10:01", "10:08"))
        let timeOnly = try rate(tariff, stretch("10:01", "10:08"))

        #expect(both.line(.parking)?.quantity.decimal == "0.25")
        #expect(both.line(.parking)?.parts.map(\.stepSurplus.duration) == [.minutes(14)])
        #expect(both.line(.time)?.exact.decimal == "7")
        #expect(timeOnly.line(.time)?.exact.decimal == "10")
    }

    @Test("D16: only priced quantity is stepped, and a price of 0 is a price")
    func freeParkingStillSteps() throws {
        let free = try offer(element(price(.time, "60", step: 600), price(.parking, "0", step: 900)))
        let unpriced = try offer(
            element(price(.time, "60", step: 600)) { $0.maxDurationSeconds = 420 })

        let withFree = try rate(free, stretch("10:00", "10:07"), stretch("10:07", "10:08", .parking))
        let withUnpriced = try rate(unpriced, stretch("10:00", "10:30"))

        #expect(withFree.line(.time)?.exact.decimal == "7")
        #expect(withUnpriced.line(.time)?.exact.decimal == "10")
    }

    @Test("D17: reserved time and charging time have a step each")
    func separateSteps() throws {
        let tariff = try offer(
            element(price(.time, "60", step: 600)) { $0.reservation = .reserved },
            element(price(.time, "60", step: 300)))

        let rated = try rate(tariff, stretch("09:59", "10:00", .reserved), stretch("10:00", "10:01"))

        #expect(rated.lines.map(\.exact.decimal) == ["10", "5"])
    }

    @Test("D18: step 0 and no step at all are the same", arguments: [nil, 0] as [Int64?])
    func noStep(step: Int64?) throws {
        let tariff = try offer(element(price(.energy, "1", step: step)))

        #expect(
            try rate(tariff, stretch("10:00", "11:00", kWh: "0.000001")).exact.beforeTax.decimal == "0.000001"
        )
    }

    @Test("step: the component of the last priced segment steps the total and prices the surplus")
    func surplusOfLastSegment() throws {
        let tariff = try offer(
            element(price(.energy, "1", step: 5000)) { $0.maxEnergy = Energy(kilowattHours: 1) },
            element(price(.energy, "2", step: 500)))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "1.6"))

        #expect(rated.line(.energy)?.quantity.decimal == "2")
        #expect(rated.line(.energy)?.parts.map(\.stepSurplus.decimal) == ["0", "0.4"])
        #expect(rated.exact.beforeTax.decimal == "3")
    }

    @Test("step: dust from splitting never buys a step")
    func dust() throws {
        let tariff = try offer(
            element(price(.energy, "1", step: 1000)) {
                $0.startTime = ClockTime("10:40")
                $0.endTime = ClockTime("11:00")
            })

        // The last third of a kWh is 0.333333333334, so three of them are a speck above one kWh.
        let rated = try rate(
            tariff, stretch("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z", kWh: "1"),
            stretch("2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z", kWh: "1"),
            stretch("2026-03-04T10:00:00Z", "2026-03-04T11:00:00Z", kWh: "1"))

        #expect(rated.line(.energy)?.quantity.decimal == "1")
    }

    @Test("D19: a step never rounds down")
    func stepRoundsUp() throws {
        let tariff = try offer(element(price(.energy, "0.25", step: 1000)))

        #expect(try rate(tariff, stretch("10:00", "11:00", kWh: "1.001")).exact.beforeTax.decimal == "0.5")
    }
}

@Suite("Decisions on limits, tax, zones and validity")
struct LimitDecisionTests {
    @Test(
        "D20: minimum, then maximum; net and gross clamp separately; without a gross bound tax keeps its ratio"
    )
    func limits() throws {
        let cases: [(minimum: Tariff.Limit?, maximum: Tariff.Limit?, expected: [String])] = [
            (nil, nil, ["2", "2.42"]),
            (Tariff.Limit(net: .of("3")), nil, ["3", "3.63"]),
            (Tariff.Limit(net: .of("3"), gross: .of("3.50")), nil, ["3", "3.5"]),
            (nil, Tariff.Limit(net: .of("1")), ["1", "1.21"]),
            (nil, Tariff.Limit(net: .of("2"), gross: .of("2.40")), ["2", "2.4"]),
            (Tariff.Limit(net: .of("1")), Tariff.Limit(net: .of("5")), ["2", "2.42"]),
        ]
        for (minimum, maximum, expected) in cases {
            var terms = Tariff.Terms()
            terms.minimum = minimum
            terms.maximum = maximum
            let tariff = try offer(element(price(.energy, "0.20", tax: "21")), terms: terms)

            #expect(try rate(tariff, stretch("10:00", "11:00", kWh: "10")).exactTexts == expected)
        }
    }

    @Test(
        "D20: crossing limits are refused",
        arguments: [("3", nil, "2", nil), ("1", "3", "2", "2.5"), ("2", "1", "9", nil)]
            as [(String, String?, String, String?)])
    func crossingLimits(minimum: String, minimumGross: String?, maximum: String, maximumGross: String?) throws
    {
        var terms = Tariff.Terms()
        terms.minimum = Tariff.Limit(net: .of(minimum), gross: minimumGross.map(Rate.of))
        terms.maximum = Tariff.Limit(net: .of(maximum), gross: maximumGross.map(Rate.of))

        let refusal = #expect(throws: TariffError.self) {
            try offer(element(price(.energy, "0.20")), terms: terms)
        }
        #expect(refusal?.code == .limitsCross)
    }

    @Test("D21: a minimum price applies to a session without energy; only settlement waives it")
    func minimumWithoutEnergy() throws {
        var terms = Tariff.Terms()
        terms.minimum = Tariff.Limit(net: .of("0.50"), gross: .of("0.55"))
        let tariff = try offer(element(price(.energy, "0.25", tax: "10")), terms: terms)

        let rated = try rate(tariff, stretch("10:00", "10:00"))

        #expect(rated.net == .eur(50))
        #expect(rated.gross == .eur(55))
        #expect(rated.noteCodes == [.clampedMin, .limitTaxUnattributed])
        #expect(rated.taxes.map(\.rate) == [nil])
    }

    @Test("D22: no tax stated and 0 % are different lines")
    func missingAndZeroRate() throws {
        let tariff = try offer(element(price(.energy, "0.25", tax: "0")), element(price(.flat, "1")))

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "4"))

        #expect(rated.lines.map(\.taxRate) == [TaxRate(percent: 0), nil])
        #expect(rated.taxes.map(\.amount) == [.eur(0)])
        #expect(rated.gross == .eur(200))
    }

    @Test(
        "D23, D24: with tax included a rate is taken out of the gross; without a rate net is gross, with a note"
    )
    func taxIncluded() throws {
        let tariff = try offer(
            element(price(.energy, "0.605", tax: "21"), price(.flat, "1")), mode: .included)

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.exactTexts == ["6", "7.05"])
        #expect(rated.noteCodes == [.taxRateMissing])
        #expect(rated.lineBasis == .afterTax)
    }

    @Test("D24a: where tax is not applicable rates and gross bounds are ignored with a note")
    func taxNotApplicable() throws {
        var terms = Tariff.Terms()
        terms.maximum = Tariff.Limit(net: .of("2"), gross: .of("2.10"))
        let tariff = try offer(element(price(.energy, "0.605", tax: "21")), mode: .none, terms: terms)

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "10"))

        #expect(rated.exactTexts == ["2", "2"])
        #expect(rated.taxes.isEmpty)
        #expect(rated.noteCodes == [.strayTaxRate, .strayTaxRate, .clampedMax])
    }

    @Test("D25: a tariff that names local times is not priced without a zone; any other is")
    func zoneMissing() throws {
        let local = try offer(element(price(.energy, "1")) { $0.weekdays = [.monday] })
        let timeless = try offer(element(price(.energy, "1")))

        let refusal = #expect(throws: RatingError.self) {
            try rate(local, stretch("10:00", "11:00", kWh: "1"), zone: nil)
        }
        #expect(refusal?.code == .timeZoneMissing)
        #expect(try rate(timeless, stretch("10:00", "11:00", kWh: "1"), zone: nil).gross == .eur(100))
    }

    @Test("D26, C69, F47: the repeated hour matches twice, a skipped hour never, durations are elapsed time")
    func clockChanges() throws {
        let window = try offer(
            element(price(.time, "1")) {
                $0.startTime = ClockTime("02:00")
                $0.endTime = ClockTime("03:00")
            })
        let zone = Zones.centralEurope

        let autumn = try rate(window, stretch("2025-10-25T20:00:00Z", "2025-10-26T10:00:00Z"), zone: zone)
        let spring = try rate(window, stretch("2026-03-28T20:00:00Z", "2026-03-29T10:00:00Z"), zone: zone)
        let usual = try rate(window, stretch("2026-03-27T20:00:00Z", "2026-03-28T10:00:00Z"), zone: zone)

        #expect(autumn.exact.beforeTax.decimal == "2")
        #expect(spring.exact.beforeTax.decimal == "0")
        #expect(usual.exact.beforeTax.decimal == "1")
    }

    @Test("D26: dates are local days")
    func localDates() throws {
        let tariff = try offer(
            element(price(.time, "1")) {
                $0.startDate = CivilDate("2026-01-02")
                $0.endDate = CivilDate("2026-01-03")
            })

        let rated = try rate(
            tariff, stretch("2026-01-01T12:00:00Z", "2026-01-03T12:00:00Z"), zone: Zones.centralEurope)

        #expect(rated.exact.beforeTax.decimal == "24")
        #expect(rated.line(.time)?.from == .at("2026-01-01T23:00:00Z"))
    }

    @Test("D27: a tariff outside its validity is priced with a note")
    func validity() throws {
        var terms = Tariff.Terms()
        terms.validFrom = .at("2026-03-02T10:00:00Z")
        terms.validUntil = .at("2026-03-02T11:00:00Z")
        let tariff = try offer(element(price(.energy, "1")), terms: terms)

        for (start, isValid) in [("09:59", false), ("10:00", true), ("10:59", true), ("11:00", false)] {
            let rated = try rate(tariff, stretch(start, "11:30", kWh: "1"))
            #expect(rated.noteCodes == (isValid ? [] : [.tariffNotValidAtStart]), "\(start)")
            #expect(rated.gross == .eur(100))
        }
    }

    @Test("D28: what no element matches is free, and a note says so")
    func unmatched() throws {
        let tariff = try offer(element(price(.energy, "1")) { $0.maxEnergy = Energy(kilowattHours: 1) })

        let rated = try rate(tariff, stretch("10:00", "11:00", kWh: "3"))

        #expect(rated.exact.beforeTax.decimal == "1")
        #expect(rated.noteCodes == [.unmatchedDimension])
    }

    @Test("D32: a register that fell is a note and counts as zero energy")
    func rollback() throws {
        let rated = try rate(
            try offer(element(price(.energy, "1"))), stretch("10:00", "11:00", kWh: "-3"),
            stretch("11:00", "12:00", kWh: "2"))

        #expect(rated.exact.beforeTax.decimal == "2")
        #expect(rated.noteCodes == [.meterRollback])
    }

    @Test("P and S: energy is priced in every state, S is time and never parking")
    func statesOfEnergy() throws {
        let tariff = try offer(element(price(.energy, "1"), price(.time, "10"), price(.parking, "100")))

        let rated = try rate(
            tariff, stretch("10:00", "11:00", .suspended, kWh: "1"),
            stretch("11:00", "12:00", .parking, kWh: "2"))

        #expect(rated.lines.map(\.exact.decimal) == ["3", "10", "100"])
    }
}

extension Rate {
    /// A price written in a test; a wrong one is the largest, which no test expects.
    static func of(_ text: String) -> Rate { Rate(decimal: text) ?? Rate(billionths: .max) }
}
