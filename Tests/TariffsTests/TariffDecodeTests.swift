// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// Strict decoding (tariffs.md §8.1): every refusal with its code and place, every note with its place.
@Suite("Reading tariffs and sessions")
struct TariffDecodeTests {
    private static let good = """
        {"country_code": "NL", "party_id": "AMP", "id": "1", "currency": "EUR", "last_updated": "2026-01-01T00:00:00Z",
         "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]}]}
        """

    /// The good tariff with one text replaced by another.
    private func tariff(replacing old: String, by new: String) -> [UInt8] {
        let parts = Self.good.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        return Array(parts.joined(separator: new).utf8)
    }

    @Test("the good tariff is read without a note")
    func good() throws {
        let (tariff, notes) = try Tariff.decode(ocpi: Array(Self.good.utf8))

        #expect(notes.isEmpty)
        #expect(tariff.taxMode == .excluded)
        #expect(tariff.elements[0].components[0].price == .of("0.25"))
    }

    @Test(
        "what would change the price is refused, with its code and its place",
        arguments: [
            (#""currency": "EUR","#, "", "field_missing", "/currency"),
            (#""EUR""#, #""EURO""#, "currency_unknown", "/currency"),
            (#""EUR""#, "7", "currency_unknown", "/currency"),
            (#""elements": [{"#, #""elements": [], "x": [{"#, "no_elements", "/elements"),
            (#""elements": [{"#, #""elements": null, "x": [{"#, "field_missing", "/elements"),
            (#""ENERGY""#, #""POWER""#, "enum_unknown", "/elements/0/price_components/0/type"),
            (#""type": "ENERGY","#, "", "field_missing", "/elements/0/price_components/0/type"),
            (#""price": 0.25,"#, "", "field_missing", "/elements/0/price_components/0/price"),
            ("0.25", #""0,25""#, "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", #""NaN""#, "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", #""0x10""#, "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", #""+1""#, "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", #""""#, "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", "true", "number_invalid", "/elements/0/price_components/0/price"),
            ("0.25", "NaN", "json_invalid", "/elements/0/price_components/0/price"),
            ("0.25", "1000000.1", "limit_exceeded", "/elements/0/price_components/0/price"),
            ("0.25", "1e400", "limit_exceeded", "/elements/0/price_components/0/price"),
            (
                #""step_size": 1"#, #""step_size": 0.5"#, "number_invalid",
                "/elements/0/price_components/0/step_size"
            ),
            (
                #""step_size": 1"#, #""step_size": -1"#, "limit_exceeded",
                "/elements/0/price_components/0/step_size"
            ),
            (#""step_size": 1"#, #""vat": 100.1"#, "limit_exceeded", "/elements/0/price_components/0/vat"),
            (
                #""step_size": 1"#, #""vat": 5, "vat": 6"#, "json_invalid",
                "/elements/0/price_components/0/vat"
            ),
            (
                #"}]}]}"#, #"}], "restrictions": {"start_time": "24:00"}}]}"#, "time_invalid",
                "/elements/0/restrictions/start_time"
            ),
            (
                #"}]}]}"#, #"}], "restrictions": {"start_date": "2026-02-30"}}]}"#, "time_invalid",
                "/elements/0/restrictions/start_date"
            ),
            (
                #"}]}]}"#, #"}], "restrictions": {"day_of_week": ["MONTAG"]}}]}"#, "enum_unknown",
                "/elements/0/restrictions/day_of_week/0"
            ),
            (
                #"}]}]}"#, #"}], "restrictions": {"reservation": "YES"}}]}"#, "enum_unknown",
                "/elements/0/restrictions/reservation"
            ),
            (
                #"}]}]}"#, #"}], "restrictions": {"min_duration": "x"}}]}"#, "number_invalid",
                "/elements/0/restrictions/min_duration"
            ),
            (#""2026-01-01T00:00:00Z""#, #""yesterday""#, "time_invalid", "/last_updated"),
            (#""id": "1""#, #""tax_included": "MAYBE""#, "enum_unknown", "/tax_included"),
            (#""id": "1""#, #""min_price": {"incl_vat": 1}"#, "field_missing", "/min_price/before_taxes"),
            (#""id": "1""#, #""min_price": {"excl_vat": 2, "incl_vat": 1}"#, "limits_cross", "/min_price"),
        ])
    func refusals(old: String, new: String, code: String, path: String) {
        let refusal = #expect(throws: TariffError.self) {
            try Tariff.decode(ocpi: self.tariff(replacing: old, by: new))
        }
        #expect(refusal?.code.rawValue == code)
        #expect(refusal?.path == path)
    }

    @Test(
        "what does not change the price is a note at its place",
        arguments: [
            (#""id": "1","#, "", "field_missing_tolerated", "/id"),
            (#", "step_size": 1"#, "", "field_missing_tolerated", "/elements/0/price_components/0/step_size"),
            (#""id": "1""#, #""id": "1", "a/b": 2"#, "unknown_field", "/a~1b"),
            (
                #"}]}]}"#, #"}], "restrictions": {"min_energy": 1}}]}"#, "unknown_field",
                "/elements/0/restrictions/min_energy"
            ),
            ("0.25", "0.1234567891", "number_rounded", "/elements/0/price_components/0/price"),
        ])
    func notes(old: String, new: String, code: String, path: String) throws {
        let (_, notes) = try Tariff.decode(ocpi: tariff(replacing: old, by: new))

        #expect(notes.map(\.code.rawValue) == [code])
        #expect(notes.map(\.path) == [path])
    }

    @Test(
        "a number is read from its text, finer digits half even",
        arguments: [
            ("0.25", 250_000_000), ("2.5e-1", 250_000_000), ("25E-2", 250_000_000), (#""0.25""#, 250_000_000),
            ("1e3", 1_000_000_000_000), ("0.0000000005", 0), ("0.0000000015", 2), ("0.00000000050000001", 1),
            ("1e-400", 0), ("-0.25", -250_000_000), ("1000000", 1_000_000_000_000_000), ("0.10", 100_000_000),
            (#""0.\#(String(repeating: "3", count: 100))""#, 333_333_333), ("-0", 0),
        ] as [(String, Int64)])
    func numbers(text: String, billionths: Int64) throws {
        let (decoded, _) = try Tariff.decode(ocpi: tariff(replacing: "0.25", by: text))

        #expect(decoded.elements[0].components[0].price.billionths == billionths)
    }

    @Test("bounds are read under the names of both versions")
    func namesOfBounds() throws {
        for (net, gross) in [("excl_vat", "incl_vat"), ("before_taxes", "after_taxes")] {
            let text = #""id": "1", "max_price": {"\#(net)": 1, "\#(gross)": "1.19"}"#
            let (decoded, _) = try Tariff.decode(ocpi: tariff(replacing: #""id": "1""#, by: text))
            #expect(decoded.maximum == Tariff.Limit(net: .of("1"), gross: .of("1.19")))
        }
    }

    @Test("everything that a tariff can say survives its canonical form")
    func canonicalFormOfEverything() throws {
        var restriction = Restriction()
        restriction.startTime = ClockTime("22:00")
        restriction.endTime = ClockTime("06:00")
        restriction.startDate = CivilDate("2026-01-01")
        restriction.endDate = CivilDate("2027-01-01")
        restriction.minEnergy = Energy(milliwattHours: 1)
        restriction.maxEnergy = Energy(kilowattHours: 50)
        restriction.minCurrent = Current(microamperes: 6_000_000)
        restriction.maxCurrent = Current(microamperes: 32_500_000)
        restriction.minPower = Power(watts: 1)
        restriction.maxPower = Power(watts: 350_000)
        restriction.minDurationSeconds = 1
        restriction.maxDurationSeconds = 86_400
        restriction.weekdays = []
        restriction.reservation = .expired
        var component = price(.parking, "-0.000000001", step: 0, tax: "8.875").after(
            graceSeconds: 300, atMost: .of("12"))
        component.floor = .of("0.5")
        var terms = Tariff.Terms()
        terms.minimum = Tariff.Limit(net: .of("1"))
        terms.maximum = Tariff.Limit(net: .of("2"), gross: .of("2.38"))
        terms.validFrom = Instant(nanoseconds: 1_767_225_600_000_000_001)
        terms.validUntil = .at("2027-01-01T00:00:00Z")
        terms.particulars.countryCode = "DE"
        terms.particulars.partyID = "AMP"
        terms.particulars.kind = .adHoc
        terms.particulars.texts = [Tariff.Text(language: "de", text: "0,49 €/kWh \"inkl.\" MwSt.")]
        terms.particulars.url = "https://example.org/tariff"
        terms.particulars.preauthorization = .of("40")
        terms.particulars.lastUpdated = .at("2026-01-01T00:00:00Z")
        let tariff = try offer(
            element(component), TariffElement([], when: Restriction()),
            TariffElement([component], when: restriction),
            mode: .included, in: .kwd, terms: terms)

        let (again, notes) = try Tariff.decode(ocpi: tariff.canonicalJSON)

        #expect(again == tariff)
        #expect(again.canonicalJSON == tariff.canonicalJSON)
        #expect(Set(notes.map(\.code)).isSubset(of: [.fieldMissingTolerated]))
    }

    @Test("equal tariffs have one hash, different content has another, however it was written")
    func contentHash() throws {
        let (first, _) = try Tariff.decode(ocpi: Array(Self.good.utf8))
        let (same, _) = try Tariff.decode(ocpi: tariff(replacing: "0.25", by: #""0.250""#))
        let (other, _) = try Tariff.decode(ocpi: tariff(replacing: "0.25", by: "0.26"))

        #expect(first.contentHash == same.contentHash)
        #expect(first.contentHash != other.contentHash)
        // The SHA-256 of the canonical form, computed by another program.
        #expect(
            first.contentHash == "sha256:69c49e30037a6b333263f271511b5be69a6f577708cfdbe689a85df831ac82b6")
    }

    @Test("any bytes give a tariff or a refusal, never a trap", .timeLimit(.minutes(5)))
    func mutatedBytes() async throws {
        let files = Vector.all.map { ($0.bytes("tariff"), $0.bytes("session")) }
        let command = PriceCommand(zones: Zones.lookup)
        for seed in UInt64(1)..<4000 {
            await Task.yield()
            var random = SeededGenerator(seed: seed)
            var (tariff, session) = random.pick(files)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if random.chance(50) { mutate(&tariff, &random) } else { mutate(&session, &random) }
            }
            do {
                let rated = try command.price(tariff: tariff, session: session)
                expectConsistent(rated)
            } catch {
                #expect(!error.refusal.message.isEmpty, "seed \(seed)")
            }
        }
    }

    @Test(
        "any bytes give a finding, a projection, a verification or a refusal, never a trap",
        .timeLimit(.minutes(5)))
    func mutatedSurroundings() async throws {
        let tariffs = Vector.all.map { $0.bytes("tariff") }
        let command = PriceCommand(timeZone: "UTC", zones: Zones.lookup)
        for seed in UInt64(1)..<3000 {
            await Task.yield()
            var random = SeededGenerator(seed: seed)
            var tariff = random.pick(tariffs)
            var cdr = Array(
                #"{"id": "C", "currency": "EUR", "start_date_time": "2026-03-02T10:00:00Z", "end_date_time":"#
                    .utf8)
            cdr += Array(
                #" "2026-03-02T12:00:00Z", "charging_periods": [{"start_date_time": "2026-03-02T"#.utf8)
            cdr += Array(
                #"10:00:00Z", "dimensions": [{"type": "ENERGY", "volume": 12.5}, {"type": "TIME", "#.utf8)
            cdr += Array(#""volume": 1.5}, {"type": "PARKING_TIME", "volume": 0.5}]}], "total_cost": {"#.utf8)
            cdr += Array(#""excl_vat": 12.5, "incl_vat": 15}, "total_time": 2}"#.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if random.chance(50) { mutate(&tariff, &random) } else { mutate(&cdr, &random) }
            }
            let findings = Linter().findings(inOCPI: tariff)
            do {
                let decoded = try Tariff.decode(ocpi: tariff).tariff
                #expect(OCPIProjection(to: .v221).project(decoded).json.isEmpty == false, "seed \(seed)")
                _ = OCPPProjection().project(decoded)
            } catch {
                #expect(findings.contains { $0.severity == .error }, "seed \(seed)")
            }
            do {
                let verification = try command.verify(cdr: cdr, tariff: tariff)
                #expect(verification.checks.count == 15, "seed \(seed)")
            } catch {
                #expect(!error.refusal.message.isEmpty, "seed \(seed)")
            }
        }
    }

    /// Replaces, removes, doubles or overwrites with a digit; digits make numbers that are still numbers.
    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(bytes[index], at: index)
        case 3: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: index)
        default:
            let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
            if let place = digits.randomElement(using: &random) {
                bytes[place] = UInt8.random(in: 48...57, using: &random)
            }
        }
    }
}

@Suite("Sessions that cannot be priced")
struct SessionRefusalTests {
    private func price(_ intervals: String) throws(PriceCommand.Failure) -> Rated {
        let tariff =
            #"{"currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": 1}]}]}"#
        return try PriceCommand(zones: Zones.lookup)
            .price(tariff: Array(tariff.utf8), session: Array(#"{"intervals": [\#(intervals)]}"#.utf8))
    }

    private static func interval(_ start: String, _ end: String, _ more: String = #""state": "C""#) -> String
    {
        #"{"start": "2026-03-02T\#(start):00Z", "end": "2026-03-02T\#(end):00Z", \#(more)}"#
    }

    @Test(
        "each refusal has its code and its place",
        arguments: [
            ("", "no_intervals", "/intervals"),
            (interval("10:00", "09:00"), "interval_reversed", "/intervals/0"),
            (
                interval("10:00", "11:00") + "," + interval("10:30", "12:00"), "interval_overlap",
                "/intervals/1"
            ),
            (
                interval("10:00", "11:00") + "," + interval("11:00", "12:00", #""state": "R""#),
                "reservation_after_session", "/intervals/1"
            ),
            (interval("10:00", "11:00", #""state": "X""#), "enum_unknown", "/intervals/0/state"),
            (interval("10:00", "11:00", #""kwh": 1"#), "field_missing", "/intervals/0/state"),
            (
                interval("10:00", "11:00", #""state": "C", "kwh": 100000.1"#), "limit_exceeded",
                "/intervals/0/kwh"
            ),
            (
                interval("10:00", "11:00", #""state": "C", "kwh": "ten""#), "number_invalid",
                "/intervals/0/kwh"
            ),
            (interval("10:00", "25:00"), "time_invalid", "/intervals/0/end"),
            (
                #"{"start": "2024-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z", "state": "C"}"#,
                "limit_exceeded", "/intervals"
            ),
            (
                #"{"start": "0001-01-01T00:00:00Z", "end": "9999-01-01T00:00:00Z", "state": "C"}"#,
                "time_invalid", "/intervals/0/start"
            ),
            ("7", "field_missing", "/intervals/0"),
        ])
    func refusals(intervals: String, code: String, path: String) {
        let failure = #expect(throws: PriceCommand.Failure.self) { try self.price(intervals) }

        #expect(failure?.source == .session)
        #expect(failure?.refusal.code.rawValue == code)
        #expect(failure?.refusal.path == path)
    }

    @Test("two intervals of 60,000 kWh are more than a session may have")
    func sumOfEnergies() {
        let half = #""state": "C", "kwh": 60000"#
        let failure = #expect(throws: PriceCommand.Failure.self) {
            try self.price(
                Self.interval("10:00", "11:00", half) + "," + Self.interval("11:00", "12:00", half))
        }
        #expect(failure?.refusal.path == "/intervals/1/kwh")
    }

    @Test("a hundred thousand notes take no more than a moment", .timeLimit(.minutes(1)))
    func manyNotes() throws {
        let start = Instant.at("2026-01-01T00:00:00Z")
        let intervals = (Int64(0)..<100_000).map { number in
            let from = start + .seconds(number * 4)
            return Usage.Interval(
                from: from, to: from + .seconds(3), .charging, energy: Energy(milliwattHours: -1))
        }
        let tariff = try offer(
            element(price(.energy, "1", step: 1, tax: "19")) { $0.minPower = Power(watts: 1) })

        let rated = try Rater().rate(Usage(intervals: intervals), under: tariff, in: .utc)

        #expect(rated.notes.count == 199_999)
        #expect(throws: RatingError.self) {
            try Rater().rate(Usage(intervals: intervals + intervals.prefix(1)), under: tariff, in: .utc)
        }
    }

    @Test("the largest session at the largest price is priced exactly")
    func largest() throws {
        var terms = Tariff.Terms()
        terms.minimum = Tariff.Limit(net: .of("1"), gross: .of("1.000000001"))
        let big = price(.energy, "1000000", step: 100_000_000, tax: "99.9999")
        let tariff = try offer(
            element(big, price(.parking, "1000000", step: 100_000_000, tax: "8.875")), mode: .included,
            terms: terms)

        let rated = try rate(
            tariff, stretch("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", kWh: "99999.999999"),
            stretch("2026-01-02T00:00:00Z", "2027-02-05T00:00:00Z", .parking))

        #expect(rated.line(.energy)?.amount == .eur(10_000_000_000_000))
        #expect(rated.line(.parking)?.quantity.duration == .seconds(100_000_000))
    }

    private func price(_ dimension: TariffDimension, _ decimal: String, step: Int64, tax: String)
        -> PriceComponent
    {
        PriceComponent(dimension, .of(decimal), step: step, tax: TaxRate(percent: tax))
    }
}
