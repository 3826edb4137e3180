// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// Projections to OCPI and OCPP (tariffs.md §6 and §7): each row says what is lost, and never without a note.
@Suite("Projections")
struct ProjectionTests {
    private func particulars() -> Tariff.Terms {
        var terms = Tariff.Terms()
        terms.particulars.countryCode = "NL"
        terms.particulars.partyID = "AMP"
        terms.particulars.lastUpdated = .at("2026-01-01T00:00:00Z")
        return terms
    }

    private func tariff(
        _ elements: TariffElement..., mode: Tariff.TaxMode = .excluded,
        _ change: (inout Tariff.Terms) -> Void = { _ in }
    ) throws -> Tariff {
        var terms = particulars()
        change(&terms)
        return try Tariff(id: "T", currency: .eur, taxMode: mode, elements: elements, terms: terms)
    }

    private func document(_ projected: Projected) throws -> JSON { try JSON.parse(projected.json) }
    private func document(_ result: OCPPProjection.Result) throws -> JSON {
        try JSON.parse(result.json ?? [])
    }
    private let energy = element(price(.energy, "0.49", step: 1, tax: "19"))

    // MARK: OCPI

    @Test("a plain OCPI tariff survives both versions without a note", arguments: Vector.all)
    func vectors(_ vector: Vector) throws {
        let (tariff, _) = try Tariff.decode(ocpi: vector.bytes("tariff"))
        let version: OCPIProjection.Version = tariff.taxMode == .included ? .v230 : .v221

        let projected = OCPIProjection(to: version).project(tariff)

        let (again, _) = try Tariff.decode(ocpi: projected.json)
        let losses = projected.notes.filter { !$0.path.hasSuffix("/step_size") }
        #expect(losses == [])
        #expect(again.elements.map(\.restriction) == tariff.elements.map(\.restriction))
        #expect(
            again.elements.flatMap(\.components).map(\.price)
                == tariff.elements.flatMap(\.components).map(\.price))
        #expect(again.minimum == tariff.minimum)
        #expect(again.maximum == tariff.maximum)
    }

    @Test("the two versions name tax and limits differently")
    func versions() throws {
        let limited = try tariff(energy) { $0.minimum = Tariff.Limit(net: .of("1"), gross: .of("1.19")) }
        let old = try document(OCPIProjection(to: .v221).project(limited))
        let new = try document(OCPIProjection(to: .v230).project(limited))

        #expect(old["tax_included"] == nil)
        #expect(old["min_price"] == ["excl_vat": 1, "incl_vat": .number("1.19")])
        #expect(new["tax_included"] == "NO")
        #expect(new["min_price"] == ["after_taxes": .number("1.19"), "before_taxes": 1])
        let untaxed = try tariff(energy, mode: .none)
        #expect(
            try document(OCPIProjection(to: .v230).project(untaxed))["elements"]?[0]?["price_components"]?[
                0]?["vat"]
                == nil)
    }

    @Test("tax included becomes net prices in 2.2.1, and the note says what a usual session then costs")
    func netPrices() throws {
        let gross = try tariff(energy, mode: .included)
        let projected = OCPIProjection(to: .v221).project(gross)

        #expect(
            try document(projected)["elements"]?[0]?["price_components"]?[0]?["price"] == .number("0.4118"))
        #expect(projected.notes.map(\.path) == ["/elements/0/price_components/0/price", "/tax_included"])
        // 30 kWh × 0.49 is 14.70; 30 × 0.4118 × 1.19 is 14.70126.
        #expect(projected.notes[1].message.contains("cost 14.7 here and 14.70126 there"))
        #expect(OCPIProjection(to: .v230).project(gross).notes == [])
    }

    @Test("what an extension says is lost with a note at its place")
    func lostExtensions() throws {
        var idle = price(.parking, "6", step: 1).after(graceSeconds: 300, atMost: .of("12"))
        idle.floor = .of("1")
        idle.freeQuantity = 60
        idle.source = .index(IndexPrice("spot"))
        idle.discounts = [Discount(for: "gold", .perUnit(.of("1")))]
        idle.furtherTaxes = [StackedTax(TaxRate(percent: 5), level: 1)]
        let extended = try tariff(energy, element(idle)) {
            $0.rules.waiver = .init(wattHoursBelow: 100, secondsBelow: 60)
            $0.rules.percentageFee = .init(Percentage(percent: 2))
            $0.rules.counters = [.init("day", .cap(.of("12")))]
            $0.rules.ruleSet = .ocpp
        }
        let place = "/elements/1/price_components/0"
        let expected: Set<String> = [
            "/rules/rule_set", "/rules/waive_below", "/rules/percentage_fee", "/rules/counters/0",
            "\(place)/grace_s", "\(place)/cap", "\(place)/floor", "\(place)/free_quantity", "\(place)/index",
            "\(place)/discounts", "\(place)/further_taxes",
        ]

        let projected = OCPIProjection(to: .v230).project(extended)

        #expect(Set(projected.notes.map(\.path)) == expected)
        #expect(projected.notes.allSatisfy { $0.code == .lossyProjection })
        #expect(try Tariff.decode(ocpi: projected.json).notes == [])
    }

    @Test("free energy that nothing else prices becomes max_kwh, and costs the same")
    func freeEnergy() throws {
        var component = price(.energy, "0.40", step: 1)
        component.freeQuantity = 5000
        let ours = try tariff(element(component))
        let projected = OCPIProjection(to: .v221).project(ours)
        let (theirs, _) = try Tariff.decode(ocpi: projected.json)
        let usage = Usage(intervals: [stretch("10:00", "11:00", kWh: "20")])

        #expect(projected.notes == [])
        #expect(
            try Rater().rate(usage, under: ours, in: .utc).exact
                == Rater().rate(usage, under: theirs, in: .utc).exact)
        #expect(try document(projected)["elements"]?[0]?["restrictions"]?["max_kwh"] == 5)
    }

    @Test("conditions that are ours alone leave the element out; the kind of current is the connector's")
    func lostConditions() throws {
        let busy = element(price(.energy, "0.79", step: 1)) { $0.minOccupancy = Percentage(percent: 80) }
        let direct = element(price(.energy, "0.69", step: 1)) { $0.evseKind = .dc }
        let tariff = try tariff(busy, direct, energy)
        func prices(_ kind: RatingContext.EVSEKind?) throws -> ([JSON?], [String]) {
            let projected = OCPIProjection(to: .v230, evseKind: kind).project(tariff)
            let elements = try document(projected)["elements"]?.array ?? []
            return (elements.map { $0["price_components"]?[0]?["price"] }, projected.notes.map(\.path))
        }
        #expect(try prices(.dc) == ([.number("0.69"), .number("0.49")], ["/elements/0/restrictions"]))
        #expect(try prices(.ac) == ([.number("0.49")], ["/elements/0/restrictions"]))
        #expect(
            try prices(nil)
                == ([.number("0.49")], ["/elements/0/restrictions", "/elements/1/restrictions/evse_kind"]))
    }

    @Test("X15: a schedule becomes local windows, and the night the clocks go back warns")
    func schedules() throws {
        func scheduled(_ start: String) throws -> Tariff {
            var component = price(.energy, "0.49", step: 1)
            let from = Instant.at(start)
            component.source = .schedule([
                TimedPrice(from: from, .of("0.10")), TimedPrice(from: from + .hours(1), .of("0.30")),
                TimedPrice(from: from + .hours(2), .of("0.49")),
            ])
            return try tariff(element(component))
        }
        let plain = OCPIProjection(to: .v230, zone: Zones.centralEurope).project(
            try scheduled("2026-03-02T22:30:00Z"))
        let night = OCPIProjection(to: .v230, zone: Zones.centralEurope).project(
            try scheduled("2026-10-25T00:00:00Z"))
        let blind = OCPIProjection(to: .v230).project(try scheduled("2026-03-02T22:30:00Z"))

        let windows = try document(plain)["elements"]?.array?.compactMap { $0["restrictions"] } ?? []
        #expect(
            windows.map { [$0["start_date"]?.string, $0["start_time"]?.string, $0["end_time"]?.string] } == [
                ["2026-03-02", "23:30", "00:00"], ["2026-03-03", "00:00", "00:30"],
                ["2026-03-03", "00:30", "01:30"],
            ])
        #expect(plain.notes.map(\.path) == ["/elements/0/price_components/0/schedule/2"])
        #expect(night.notes.count == 3)
        #expect(night.notes[0].message.contains("D26"))
        #expect(blind.notes.map(\.path) == ["/elements/0/price_components/0/schedule"])
    }

    @Test(
        "finer prices than four decimals are rounded with a note, and so is what OCPI requires but nobody said"
    )
    func otherNotes() throws {
        let fine = try tariff(element(price(.energy, "0.12345", step: 1)))
        let bare = try Tariff(
            id: "T", currency: .eur, taxMode: .excluded, elements: [element(price(.energy, "0.49"))])

        #expect(
            OCPIProjection(to: .v221).project(fine).notes.map(\.path) == [
                "/elements/0/price_components/0/price"
            ])
        #expect(
            OCPIProjection(to: .v221).project(bare).notes.map(\.path) == [
                "/country_code", "/party_id", "/last_updated", "/elements/0/price_components/0/step_size",
            ])
    }

    // MARK: OCPP

    @Test("P08: 5.00 per hour for 600 minutes is 49.98 with four decimals, 49.9998 with six")
    func perMinute() throws {
        let hourly = try tariff(element(price(.time, "5")))
        for (decimals, minute, total) in [(4, "0.0833", 49_980_000), (6, "0.083333", 49_999_800)] {
            let result = OCPPProjection(decimals: decimals).project(hourly)
            let sent = try document(result)["chargingTime"]?["prices"]?[0]?["priceMinute"]?.number
            #expect(sent == minute)
            #expect((fixedPoint(minute, scale: 6) ?? 0) * 600 == Int64(total))
            #expect(result.notes.map(\.path) == ["/elements/0/price_components/0/price"])
        }
        #expect(OCPPProjection().project(try tariff(element(price(.time, "6")))).notes == [])
    }

    @Test("P11: a spot tariff of 24 prices is too much for four: the server computes the cost")
    func tooManyElements() throws {
        let hours = (0..<24).map { hour in
            element(price(.energy, "0.\(10 + hour)")) {
                $0.startTime = ClockTime(hour: hour, minute: 0)
                $0.endTime = ClockTime(hour: (hour + 1) % 24, minute: 0)
            }
        }
        let spot = try Tariff(id: "T", currency: .eur, taxMode: .excluded, elements: hours)
        let result = OCPPProjection(maximumPrices: 4).project(spot)

        #expect(result.needsCentralCost)
        #expect(result.json == nil)
        #expect(result.notes[0].message.hasPrefix("TooManyElements"))
        #expect(!OCPPProjection(maximumPrices: 24).project(spot).needsCentralCost)
    }

    @Test("P02, P03: windows and idle time become conditions in OCPP's units")
    func conditions() throws {
        let day = element(price(.energy, "0.40", tax: "19")) {
            $0.startTime = ClockTime("08:00")
            $0.endTime = ClockTime("18:00")
            $0.weekdays = [.monday, .sunday]
            $0.minPower = Power(watts: 50_000)
            $0.maxEnergy = Energy(kilowattHours: 10)
        }
        let rest = element(
            price(.energy, "0.25", tax: "19"),
            price(.parking, "24", tax: "19").after(graceSeconds: 600, atMost: nil),
            price(.flat, "1", tax: "19"))
        let result = OCPPProjection().project(
            try tariff(day, rest) { $0.maximum = Tariff.Limit(net: .of("10")) })
        let sent = try document(result)

        #expect(result.notes == [])
        #expect(sent["energy"]?["prices"]?[0]?["priceKwh"] == .number("0.4"))
        #expect(
            sent["energy"]?["prices"]?[0]?["conditions"] == [
                "dayOfWeek": ["Monday", "Sunday"], "endTimeOfDay": "18:00", "maxEnergy": 10000,
                "minPower": 50000,
                "startTimeOfDay": "08:00",
            ])
        #expect(sent["energy"]?["prices"]?[1]?["conditions"] == nil)
        #expect(sent["energy"]?["taxRates"] == [["stack": 0, "tax": 19, "type": "VAT"]])
        #expect(sent["idleTime"]?["prices"]?[0]?["priceMinute"] == .number("0.4"))
        #expect(sent["idleTime"]?["prices"]?[0]?["conditions"] == ["minIdleTime": 600])
        #expect(sent["fixedFee"]?["prices"]?[0]?["priceFixed"] == 1)
        #expect(sent["maxCost"] == ["exclTax": 10])
        #expect(sent["tariffId"]?.string?.utf8.count == 60)
    }

    @Test("P10: a fee for a brand of card is a fixed fee with its brand")
    func brands() throws {
        let fee = element(price(.flat, "0.35")) {
            $0.paymentBrands = ["visa"]
            $0.cardFunding = .credit
        }
        let sent = try document(OCPPProjection().project(try tariff(fee, element(price(.energy, "0.49")))))
        #expect(
            sent["fixedFee"]?["prices"]?[0]?["conditions"] == [
                "paymentBrand": "visa", "paymentRecognition": "CC",
            ])
    }

    @Test("steps, expired reservations, the end of validity and mixed rates are lost with a note")
    func lostInOCPP() throws {
        let expired = element(price(.time, "6", step: 1)) { $0.reservation = .expired }
        let reserved = element(price(.time, "12", step: 1), price(.flat, "1")) { $0.reservation = .reserved }
        let result = OCPPProjection().project(
            try tariff(energy, expired, reserved) { $0.validUntil = .at("2027-01-01T00:00:00Z") })
        let sent = try document(result)

        #expect(
            Set(result.notes.map(\.path)) == [
                "/end_date_time", "/elements", "/elements/1/restrictions/reservation",
            ])
        #expect(sent["reservationTime"]?["prices"]?.array?.count == 1)
        #expect(sent["reservationFixed"]?["prices"]?[0]?["priceFixed"] == 1)
        let mixed = OCPPProjection().project(
            try tariff(
                element(price(.energy, "0.4", tax: "19")) { $0.maxEnergy = Energy(kilowattHours: 5) },
                element(price(.energy, "0.4", tax: "7"))))
        #expect(mixed.needsCentralCost)
        #expect(mixed.notes.map(\.path) == ["/elements"])
    }

    @Test("P07: a fee that can begin after the start is another fee in OCPP, or none")
    func fees() throws {
        let evening = element(price(.flat, "2")) {
            $0.startTime = ClockTime("18:00")
            $0.endTime = ClockTime("20:00")
        }
        let later = element(price(.flat, "2")) { $0.minDurationSeconds = 3600 }
        let result = OCPPProjection().project(try tariff(evening, later, element(price(.energy, "0.4"))))

        #expect(result.notes.map(\.path) == ["/elements/0/restrictions", "/elements/1/restrictions"])
        #expect(try document(result)["fixedFee"]?["prices"]?.array?.count == 1)
        let ocpp = try tariff(evening, element(price(.energy, "0.4"))) { $0.rules.ruleSet = .ocpp }
        #expect(OCPPProjection().project(ocpp).notes == [])
    }

    @Test("prices are always net, and what only we know is computed by the server")
    func central() throws {
        let gross = try document(OCPPProjection().project(try tariff(energy, mode: .included)))
        #expect(gross["energy"]?["prices"]?[0]?["priceKwh"] == .number("0.411765"))

        var capped = price(.energy, "0.4")
        capped.cap = .of("10")
        let socket = element(price(.energy, "0.4")) { $0.minStateOfCharge = Percentage(percent: 90) }
        let counter = try tariff(energy) { $0.rules.counters = [.init("day", .cap(.of("12")))] }
        for tariff in [try tariff(element(capped)), try tariff(socket, energy), counter] {
            #expect(OCPPProjection().project(tariff).needsCentralCost)
        }
    }

    @Test("what is written for a station and read again costs the same")
    func roundTrip() throws {
        let day = element(price(.energy, "0.40", tax: "19")) {
            $0.startTime = ClockTime("08:00")
            $0.endTime = ClockTime("18:00")
        }
        var idle = price(.parking, "24", tax: "19").after(graceSeconds: 600, atMost: nil)
        idle.furtherTaxes = [StackedTax(TaxRate(percent: 5), level: 1)]
        let rest = element(price(.energy, "0.25", tax: "19"), price(.time, "3", tax: "19"), idle)
        let ours = try tariff(day, rest) { $0.maximum = Tariff.Limit(net: .of("30")) }
        let result = OCPPProjection().project(ours)
        let (theirs, notes) = try Tariff.decode(ocpp: result.json ?? [])
        let usage = Usage(intervals: [
            stretch("17:30", "18:20", kWh: "10"), stretch("18:20", "19:10", .parking),
        ])

        #expect(result.notes == [])
        #expect(notes == [])
        #expect(
            try Rater().rate(usage, under: ours, in: .utc).exact
                == Rater().rate(usage, under: theirs, in: .utc).exact)
        #expect(theirs.rules.ruleSet == .ocpp)
    }

    @Test("from OCPP to OCPI: separate clocks, kind of EVSE, brands, stacked taxes and OCPP's rules are lost")
    func fromStationToPartner() throws {
        let text = """
            {"tariffId": "s", "currency": "EUR",
             "energy": {"prices": [{"priceKwh": 0.5, "conditions": {"evseKind": "DC"}}, {"priceKwh": 0.4}],
                        "taxRates": [{"type": "VAT", "tax": 5}, {"type": "State", "tax": "9.975", "stack": 1}]},
             "idleTime": {"prices": [{"priceMinute": 0.4, "conditions": {"minIdleTime": 600}}]},
             "chargingTime": {"prices": [{"priceMinute": 0.1, "conditions": {"maxChargingTime": 600}}]},
             "fixedFee": {"prices": [{"priceFixed": 0.35, "conditions": {"paymentBrand": "VISA",
                                                                        "paymentRecognition": "CC"}}]}}
            """
        let (tariff, notes) = try Tariff.decode(ocpp: Array(text.utf8))
        let projected = OCPIProjection(to: .v221).project(tariff)

        #expect(notes == [])
        #expect(tariff.elements[0].components[0].taxRate == TaxRate(percent: 5))
        #expect(
            tariff.elements[0].components[0].furtherTaxes == [
                StackedTax(TaxRate(percent: "9.975") ?? TaxRate(percent: 0), level: 1)
            ])
        #expect(
            Set(projected.notes.map(\.path)).isSuperset(of: [
                "/rules/rule_set", "/elements/0/restrictions/evse_kind", "/elements/2/restrictions",
                "/elements/3/restrictions", "/elements/4/restrictions",
                "/elements/1/price_components/0/further_taxes",
            ]))
        #expect(try document(projected)["elements"]?.array?.count == 1)
    }

    @Test(
        "a station's tariff is read strictly",
        arguments: [
            (#""currency": "EUR""#, #""currency": "EURO""#, "currency_unknown", "/currency"),
            (#""priceKwh": 0.5"#, #""price": 0.5"#, "field_missing", "/energy/prices/0/priceKwh"),
            (#""08:00""#, #""8:00""#, "time_invalid", "/energy/prices/0/conditions/startTimeOfDay"),
            (#""Monday""#, #""MONDAY""#, "enum_unknown", "/energy/prices/0/conditions/dayOfWeek/0"),
            (#""energy""#, #""power""#, "no_elements", "/elements"),
        ])
    func refusals(old: String, new: String, code: String, path: String) throws {
        let text = """
            {"tariffId": "s", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.5, "conditions":
             {"startTimeOfDay": "08:00", "dayOfWeek": ["Monday"]}}]}}
            """
        #expect(try Tariff.decode(ocpp: Array(text.utf8)).notes == [])
        let refusal = #expect(throws: TariffError.self) {
            try Tariff.decode(ocpp: Array(text.replacing(old, with: new).utf8))
        }
        #expect(refusal?.code.rawValue == code)
        #expect(refusal?.path == path)
    }
}
