// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The first rules of tariffs.md §9: each has a tariff in which it finds something.
@Suite("Linter")
struct LinterTests {
    private func codes(_ elements: TariffElement..., mode: Tariff.TaxMode = .excluded) throws -> [String] {
        let tariff = try Tariff(id: "L", currency: .eur, taxMode: mode, elements: elements)
        return Linter().findings(in: tariff).map(\.code)
    }

    @Test("a good tariff has no findings, in its vectors' form too")
    func good() throws {
        let energy = price(.energy, "0.49", step: 1, tax: "19")
        let idle = price(.parking, "6", step: 1, tax: "19").after(graceSeconds: 300, atMost: .of("12"))

        #expect(try codes(element(energy, idle), mode: .included) == [])
        #expect(Linter().findings(inOCPI: Vector.all[0].bytes("tariff")).map(\.code) == [])
    }

    @Test("what must not be published is an error")
    func errors() throws {
        #expect(try codes(element(price(.energy, "-0.01"))) == ["negative_price"])
        #expect(
            try codes(
                element(price(.energy, "1")), element(price(.energy, "1")) { $0.reservation = .reserved })
                == ["reservation_dimension"])
        let impossible: [(inout Restriction) -> Void] = [
            {
                $0.minEnergy = Energy(wattHours: 5)
                $0.maxEnergy = Energy(wattHours: 5)
            },
            {
                $0.startDate = CivilDate("2026-01-02")
                $0.endDate = CivilDate("2026-01-01")
            },
            { $0.weekdays = [] }, { $0.maxDurationSeconds = 0 },
        ]
        for conditions in impossible {
            #expect(
                try codes(element(price(.energy, "1"), when: conditions), element(price(.energy, "1")))
                    == ["impossible_restriction"])
        }
    }

    @Test("a misspelt condition is an error, another unknown field a warning, an unreadable file an error")
    func unknownFields() {
        func findings(_ restrictions: String, _ more: String = "") -> [Finding] {
            let text =
                #"{"currency": "EUR"\#(more), "elements": [{"price_components": [{"type": "ENERGY", "price": 1}]},"#
                + #"{"price_components": [{"type": "ENERGY", "price": 1}], "restrictions": {\#(restrictions)}}]}"#
            return Linter().findings(inOCPI: Array(text.utf8))
        }

        let misspelt = findings(#""min_energy": 5, "max_kwh": 9"#)
        #expect(misspelt.map(\.code) == ["unknown_field_in_restrictions"])
        #expect(misspelt.map(\.severity) == [.error])
        #expect(misspelt.map(\.path) == ["/elements/1/restrictions/min_energy"])
        #expect(findings(#""max_kwh": 9"#, #", "colour": 1"#).map(\.severity) == [.warning])
        #expect(findings("").map(\.code) == ["empty_restrictions"])
        #expect(findings(#""max_kwh": "x""#).map(\.code) == ["number_invalid"])
        #expect(Linter().findings(inOCPI: Array("{".utf8)).map(\.severity) == [.error])
    }

    @Test("what is probably not meant is a warning or an info")
    func warnings() throws {
        let energy = element(price(.energy, "0.49", step: 1))
        #expect(try codes(element(price(.energy, "1"), price(.energy, "2"))) == ["duplicate_dimension"])
        #expect(try codes(element(price(.energy, "1")) { $0.maxEnergy = .zero }) == ["no_fallback"])
        #expect(
            try codes(
                energy,
                element(price(.energy, "1")) {
                    $0.startTime = ClockTime("08:00")
                    $0.endTime = ClockTime("08:00")
                }) == ["whole_day_window"])
        #expect(
            try codes(
                energy,
                element(price(.energy, "1")) {
                    $0.startTime = ClockTime("22:00")
                    $0.endTime = ClockTime("06:00")
                    $0.weekdays = [.friday]
                }) == ["wrapping_window_weekday"])
        #expect(try codes(element(price(.energy, "1", step: 0))) == ["step_zero"])
        #expect(try codes(element(price(.energy, "1", step: 1001))) == ["step_large"])
        #expect(try codes(element(price(.energy, "1", tax: "0.21"))) == ["vat_fraction"])
        #expect(try codes(element(price(.energy, "1", tax: "31"))) == ["vat_implausible"])
        #expect(try codes(element(price(.energy, "1")), mode: .included) == ["tax_rate_missing"])
        #expect(try codes(element(price(.energy, "1", tax: "19")), mode: .none) == ["stray_tax_rate"])
        #expect(try codes(element(price(.time, "0.12"))) == ["per_minute_suspect"])
        #expect(try codes(element(price(.time, "2.50"))) == ["per_minute_inexact"])
        #expect(try codes(element(price(.flat, "2"))) == ["nothing_by_use"])
    }
}
