// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// The rules of tariffs.md §9: each test is named after its code, finds it, and does not find it beside it.
@Suite("Linter")
struct LinterTests {
    private let energy = element(price(.energy, "0.49", step: 1))

    private func codes(
        _ elements: TariffElement..., mode: Tariff.TaxMode = .excluded, terms: Tariff.Terms = Tariff.Terms(),
        in currency: Currency = .gbp, near surroundings: Linter.Surroundings = Linter.Surroundings()
    ) throws -> [String] {
        let tariff = try Tariff(
            id: "L", currency: currency, taxMode: mode, elements: elements, terms: terms)
        return Linter(surroundings).findings(in: tariff).map(\.code)
    }

    /// Findings in text with these members beside the currency and these elements.
    private func findings(_ elements: String, _ more: String = "") -> [Finding] {
        Linter().findings(inOCPI: Array(#"{"currency": "GBP"\#(more), "elements": [\#(elements)]}"#.utf8))
    }

    private static let plain = #"{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}"#

    @Test("a good tariff has no findings, in its vectors' form too")
    func good() throws {
        let energy = price(.energy, "0.49", step: 1, tax: "19")
        let idle = price(.parking, "6", step: 1, tax: "19").after(graceSeconds: 300, atMost: .of("12"))

        #expect(try codes(element(energy, idle), mode: .included, in: .eur) == [])
        #expect(Linter().findings(inOCPI: Vector.all[0].bytes("tariff")).map(\.code) == [])
    }

    @Test("limits_cross")
    func limitsCross() {
        let crossing = findings(Self.plain, #", "min_price": {"excl_vat": 3}, "max_price": {"excl_vat": 2}"#)
        #expect(crossing.map(\.code) == ["limits_cross"])
        #expect(crossing.map(\.severity) == [.error])
        let gross = findings(Self.plain, #", "max_price": {"before_taxes": 3, "after_taxes": 2}"#)
        #expect(gross.map(\.path) == ["/max_price"])
        #expect(
            findings(Self.plain, #", "min_price": {"excl_vat": 2}, "max_price": {"excl_vat": 2}"#) == [])
    }

    @Test("unknown_field_in_restrictions")
    func unknownFieldInRestrictions() {
        func under(_ restrictions: String, _ more: String = "") -> [Finding] {
            findings(
                #"{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 1}],"#
                    + #" "restrictions": {\#(restrictions)}}, \#(Self.plain)"#, more)
        }
        let misspelt = under(#""min_energy": 5, "max_kwh": 9"#)
        #expect(misspelt.map(\.code) == ["unknown_field_in_restrictions"])
        #expect(misspelt.map(\.severity) == [.error])
        #expect(misspelt.map(\.path) == ["/elements/0/restrictions/min_energy"])
        #expect(under(#""max_kwh": 9"#) == [])
        #expect(under(#""max_kwh": 9"#, #", "colour": 1"#).map(\.code) == ["unknown_field"])
        #expect(under(#""max_kwh": 9"#, #", "colour": 1"#).map(\.severity) == [.warning])
    }

    @Test("what cannot be read is one error with the code of the refusal")
    func unreadable() {
        #expect(findings(#"{"price_components": [{"type": "ENERGY"}]}"#).map(\.code) == ["field_missing"])
        #expect(Linter().findings(inOCPI: Array("{".utf8)).map(\.severity) == [.error])
    }

    @Test("negative_price")
    func negativePrice() throws {
        #expect(try codes(element(price(.energy, "-0.01", step: 1))) == ["negative_price"])
        #expect(try codes(element(price(.energy, "0", step: 1))) == [])
        let step = findings(#"{"price_components": [{"type": "ENERGY", "price": 1, "step_size": -1}]}"#)
        #expect(step.map(\.code) == ["negative_price"])
        #expect(step.map(\.path) == ["/elements/0/price_components/0/step_size"])
    }

    @Test("reservation_dimension")
    func reservationDimension() throws {
        for dimension in TariffDimension.allCases {
            let reserved = element(price(dimension, "6", step: 1)) { $0.reservation = .reserved }
            #expect(
                try codes(energy, reserved).contains("reservation_dimension")
                    == (dimension == .energy || dimension == .parking))
        }
    }

    @Test("impossible_restriction")
    func impossibleRestriction() throws {
        let impossible: [(inout Restriction) -> Void] = [
            {
                $0.minEnergy = Energy(wattHours: 5)
                $0.maxEnergy = Energy(wattHours: 5)
            },
            {
                $0.startDate = CivilDate("2026-01-02")
                $0.endDate = CivilDate("2026-01-01")
            },
            {
                $0.minStateOfCharge = Percentage(percent: 90)
                $0.maxStateOfCharge = Percentage(percent: 80)
            }, { $0.weekdays = [] }, { $0.maxDurationSeconds = 0 },
        ]
        for conditions in impossible {
            #expect(
                try codes(element(price(.energy, "1", step: 1), when: conditions), energy)
                    == ["impossible_restriction"])
        }
        let possible = element(price(.energy, "1", step: 1)) {
            $0.minEnergy = Energy(wattHours: 5)
            $0.maxEnergy = Energy(wattHours: 6)
        }
        #expect(try codes(possible, energy) == [])
    }

    @Test("unreachable_element")
    func unreachableElement() throws {
        let evening = element(price(.energy, "1", step: 1)) {
            $0.startTime = ClockTime("18:00")
            $0.endTime = ClockTime("22:00")
        }
        let late = element(price(.energy, "2", step: 1)) {
            $0.startTime = ClockTime("19:00")
            $0.endTime = ClockTime("20:00")
            $0.weekdays = [.monday]
        }
        #expect(try codes(energy, evening) == ["unreachable_element"])
        #expect(try codes(evening, late, energy) == ["unreachable_element"])
        #expect(try codes(late, evening, energy) == [])
        // Another dimension, or only one of two, is not hidden.
        #expect(try codes(energy, element(price(.flat, "1"))) == [])
        #expect(try codes(energy, element(price(.energy, "1", step: 1), price(.flat, "1"))) == [])
        // Two windows that make a day hide what follows.
        let morning = element(price(.energy, "1", step: 1)) { $0.endTime = ClockTime("12:00") }
        let afternoon = element(price(.energy, "2", step: 1)) { $0.startTime = ClockTime("12:00") }
        #expect(try codes(morning, afternoon, energy).contains("unreachable_element"))
        // What only some drivers or EVSEs get hides nothing from the others.
        let direct = element(price(.energy, "1", step: 1)) { $0.evseKind = .dc }
        #expect(try codes(direct, energy) == [])
        #expect(
            try codes(direct, element(price(.energy, "2", step: 1)) { $0.evseKind = .dc }, energy) == [
                "unreachable_element"
            ])
        // A reservation is a phase of its own, and a used one is not an expired one.
        let reserved = element(price(.time, "6", step: 1)) { $0.reservation = .reserved }
        let expired = element(price(.time, "12", step: 1)) { $0.reservation = .expired }
        #expect(try codes(energy, expired, reserved) == [])
        #expect(try codes(energy, reserved, expired) == ["unreachable_element"])
    }

    @Test("duplicate_dimension")
    func duplicateDimension() throws {
        let double = element(price(.energy, "1", step: 1), price(.energy, "2", step: 1))
        #expect(try codes(double) == ["duplicate_dimension"])
        #expect(try codes(element(price(.energy, "1", step: 1), price(.flat, "2"))) == [])
    }

    @Test("no_fallback")
    func noFallback() throws {
        let tier = element(price(.energy, "1", step: 1)) { $0.maxEnergy = Energy(kilowattHours: 10) }
        #expect(try codes(tier) == ["no_fallback"])
        #expect(try codes(tier, energy) == [])
    }

    @Test("flat_late")
    func flatLate() throws {
        let late = element(price(.flat, "2")) { $0.startTime = ClockTime("18:00") }
        let early = element(price(.flat, "2")) { $0.maxDurationSeconds = 3600 }
        #expect(try codes(late, energy) == ["flat_late"])
        #expect(try codes(late, element(price(.flat, "1")), energy) == [])
        #expect(try codes(early, energy) == [])
    }

    @Test("whole_day_window")
    func wholeDayWindow() throws {
        func window(_ end: String) -> TariffElement {
            element(price(.energy, "1", step: 1)) {
                $0.startTime = ClockTime("08:00")
                $0.endTime = ClockTime(end)
                $0.maxEnergy = Energy(kilowattHours: 10)
            }
        }
        #expect(try codes(window("08:00"), energy) == ["whole_day_window"])
        #expect(try codes(window("08:01"), energy) == [])
    }

    @Test("wrapping_window_weekday")
    func wrappingWindowWeekday() throws {
        func window(_ end: String, _ days: [Restriction.Weekday]) -> TariffElement {
            element(price(.energy, "1", step: 1)) {
                $0.startTime = ClockTime("22:00")
                $0.endTime = ClockTime(end)
                $0.weekdays = days
            }
        }
        #expect(try codes(window("06:00", [.friday]), energy) == ["wrapping_window_weekday"])
        #expect(try codes(window("00:00", [.friday]), energy) == [])
        #expect(try codes(window("06:00", Restriction.Weekday.allCases), energy) == [])
    }

    @Test("step_zero")
    func stepZero() throws {
        #expect(try codes(element(price(.energy, "1", step: 0))) == ["step_zero"])
        #expect(try codes(element(price(.energy, "1", step: 1), price(.flat, "1", step: 0))) == [])
    }

    @Test("step_unused_time")
    func stepUnusedTime() throws {
        let (time, parking) = (price(.time, "6", step: 300), price(.parking, "6", step: 300))
        let short = element(parking) { $0.maxDurationSeconds = 60 }
        #expect(try codes(energy, element(time, parking)) == ["step_unused_time"])
        #expect(try codes(energy, element(time)) == [])
        #expect(try codes(energy, element(price(.time, "6", step: 1), parking)) == [])
        #expect(try codes(energy, element(time), short) == ["no_fallback"])
    }

    @Test("step_large")
    func stepLarge() throws {
        #expect(try codes(element(price(.energy, "1", step: 1001))) == ["step_large"])
        #expect(try codes(element(price(.energy, "1", step: 1000))) == [])
        #expect(try codes(energy, element(price(.time, "6", step: 901))) == ["step_large"])
        #expect(try codes(energy, element(price(.time, "6", step: 900))) == [])
    }

    @Test("vat_fraction")
    func vatFraction() throws {
        #expect(try codes(element(price(.energy, "1", step: 1, tax: "0.21"))) == ["vat_fraction"])
        for rate in ["0", "1", "21"] {
            #expect(try codes(element(price(.energy, "1", step: 1, tax: rate))) == [])
        }
    }

    @Test("vat_implausible")
    func vatImplausible() throws {
        #expect(try codes(element(price(.energy, "1", step: 1, tax: "30.1"))) == ["vat_implausible"])
        #expect(try codes(element(price(.energy, "1", step: 1, tax: "30"))) == [])
    }

    @Test("tax_rate_missing")
    func taxRateMissing() throws {
        #expect(try codes(energy, mode: .included) == ["tax_rate_missing"])
        #expect(try codes(element(price(.energy, "1", step: 1, tax: "0")), mode: .included) == [])
        #expect(try codes(energy, mode: .excluded) == [])
    }

    @Test("stray_tax_rate")
    func strayTaxRate() throws {
        let taxed = element(price(.energy, "1", step: 1, tax: "19"))
        #expect(try codes(taxed, mode: .none) == ["stray_tax_rate"])
        #expect(try codes(taxed, mode: .excluded) == [])
        #expect(try codes(energy, mode: .none) == [])
    }

    @Test("per_minute_suspect")
    func perMinuteSuspect() throws {
        #expect(try codes(energy, element(price(.time, "0.594", step: 1))) == ["per_minute_suspect"])
        #expect(try codes(energy, element(price(.time, "0.6", step: 1))) == [])
    }

    @Test("never_active")
    func neverActive() throws {
        var terms = Tariff.Terms()
        terms.validFrom = .at("2026-02-01T00:00:00Z")
        terms.validUntil = .at("2026-02-01T00:00:00Z")
        #expect(try codes(energy, terms: terms) == ["never_active"])
        terms.validUntil = .at("2026-02-01T00:00:01Z")
        #expect(try codes(energy, terms: terms) == [])
    }

    @Test("expired")
    func expired() throws {
        var terms = Tariff.Terms()
        terms.validUntil = .at("2026-02-01T00:00:00Z")
        let (before, after) = (Instant.at("2026-01-31T23:59:59Z"), Instant.at("2026-02-01T00:00:00Z"))
        #expect(try codes(energy, terms: terms, near: .init(at: after)) == ["expired"])
        #expect(try codes(energy, terms: terms, near: .init(at: before)) == [])
        #expect(try codes(energy, terms: terms) == [])
    }

    @Test("nothing_by_use")
    func nothingByUse() throws {
        #expect(try codes(element(price(.flat, "2"))) == ["nothing_by_use"])
        #expect(try codes(element(price(.flat, "2"), price(.energy, "1", step: 1))) == [])
    }

    @Test("idle_grace_from_start")
    func idleGraceFromStart() throws {
        let blocking = element(price(.parking, "6", step: 1)) { $0.minDurationSeconds = 14_400 }
        let short = element(price(.parking, "6", step: 1)) { $0.maxDurationSeconds = 14_400 }
        #expect(try codes(energy, blocking) == ["no_fallback", "idle_grace_from_start"])
        #expect(try codes(energy, short) == ["no_fallback"])
        let graced = price(.parking, "6", step: 1).after(graceSeconds: 300, atMost: nil)
        #expect(try codes(energy, element(graced)) == [])
    }

    @Test("per_minute_inexact")
    func perMinuteInexact() throws {
        #expect(try codes(energy, element(price(.time, "2.50", step: 1))) == ["per_minute_inexact"])
        #expect(try codes(energy, element(price(.time, "2.52", step: 1))) == [])
    }

    @Test("too_many_elements")
    func tooManyElements() throws {
        func spot(_ hours: Int) throws -> [String] {
            let elements = (0..<hours).map { hour in
                element(price(.energy, "0.\(10 + hour)", step: 1)) {
                    $0.startTime = ClockTime(hour: hour, minute: 0)
                    $0.endTime = ClockTime(hour: (hour + 1) % 24, minute: 0)
                }
            }
            let tariff = try Tariff(
                id: "L", currency: .gbp, taxMode: .excluded, elements: elements + [energy])
            return Linter().findings(in: tariff).map(\.code)
        }
        #expect(try spot(23) == ["too_many_elements"])
        #expect(try spot(10) == ["too_many_elements"])
        #expect(try spot(9) == [])
    }

    @Test("dst_ambiguous")
    func dstAmbiguous() throws {
        func hour(_ date: String, _ end: String, _ from: String, _ to: String) -> TariffElement {
            element(price(.energy, "1", step: 1)) {
                $0.startDate = CivilDate(date)
                $0.endDate = CivilDate(end)
                $0.startTime = ClockTime(from)
                $0.endTime = ClockTime(to)
            }
        }
        let night = hour("2026-10-25", "2026-10-26", "02:00", "03:00")
        let day = hour("2026-10-25", "2026-10-26", "12:00", "13:00")
        let otherNight = hour("2026-10-24", "2026-10-25", "02:00", "03:00")
        let america = hour("2026-11-01", "2026-11-02", "01:00", "02:00")
        let month = hour("2026-10-01", "2026-11-01", "02:00", "03:00")
        let berlin = Linter.Surroundings(zone: Zones.centralEurope)

        #expect(try codes(night, energy) == ["dst_ambiguous"])
        #expect(try codes(night, energy, near: berlin) == ["dst_ambiguous"])
        #expect(try codes(night, energy, near: .init(zone: .utc)) == [])
        #expect(try codes(america, energy) == ["dst_ambiguous"])
        #expect(try codes(america, energy, near: berlin) == [])
        for other in [day, otherNight, month] { #expect(try codes(other, energy) == []) }
    }

    @Test("afir_adhoc")
    func afirAdhoc() throws {
        func findings(
            _ elements: TariffElement..., kind: Tariff.Kind? = nil, power: Int64? = nil,
            in currency: Currency = .eur
        ) throws -> [Finding] {
            var terms = Tariff.Terms()
            terms.particulars.kind = kind
            let tariff = try Tariff(
                id: "L", currency: currency, taxMode: .excluded, elements: elements, terms: terms)
            return Linter(.init(power: power.map(Power.init(watts:)))).findings(in: tariff)
        }
        let fee = element(price(.flat, "1"))
        let time = element(price(.time, "6", step: 1))
        let later = element(price(.time, "6", step: 1)) { $0.minDurationSeconds = 14_400 }
        let idle = element(price(.parking, "6", step: 1))

        #expect(try findings(energy, fee, power: 50_000).map(\.severity) == [.warning])
        #expect(try findings(energy, fee, power: 50_000).map(\.code) == ["afir_adhoc"])
        #expect(try findings(energy, time, kind: .adHoc).map(\.severity) == [.info])
        #expect(try findings(energy, fee, power: 49_999).map(\.code) == [])
        #expect(try findings(energy, fee, kind: .regular, power: 150_000).map(\.code) == [])
        #expect(try findings(energy, fee, power: 150_000, in: .usd).map(\.code) == [])
        #expect(try findings(energy, later, power: 150_000).map(\.code) == ["no_fallback"])
        #expect(try findings(energy, idle, power: 150_000).map(\.code) == [])
    }

    @Test("per_minute_energy")
    func perMinuteEnergy() throws {
        let time = price(.time, "6", step: 1)
        #expect(try codes(element(time)) == ["per_minute_energy"])
        #expect(try codes(element(time, price(.energy, "0", step: 1))) == ["per_minute_energy"])
        #expect(try codes(energy, element(time)) == [])
    }

    @Test("empty_restrictions")
    func emptyRestrictions() throws {
        #expect(try codes(element(price(.energy, "1", step: 1)) { _ in }) == ["empty_restrictions"])
        #expect(try codes(energy) == [])
    }

    @Test("the command prints code, severity, path and message of each finding")
    func contract() throws {
        let printed = try JSON.parse(Linter().findings(inOCPI: Array("[]".utf8)).contractJSON)

        #expect(printed[0]?.object?.map(\.key) == ["code", "severity", "path", "message"])
        #expect(printed[0]?["severity"]?.string == "error")
        #expect(try JSON.parse([Finding]().contractJSON) == [])
    }
}
