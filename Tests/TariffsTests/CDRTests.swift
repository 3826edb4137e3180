// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// Verification of received CDRs (tariffs.md §8.2; D2, D9, D29, D30, D33, D34).
@Suite("CDR verification")
struct CDRTests {
    private let command = PriceCommand(zones: Zones.lookup)

    private static func tariff(_ elements: String, id: String = "1") -> String {
        #"{"country_code": "NL", "party_id": "AMP", "id": "\#(id)", "currency": "EUR","#
            + #" "last_updated": "2026-01-01T00:00:00Z", "elements": [\#(elements)]}"#
    }

    private static func component(_ type: String, _ price: String, _ more: String = "") -> String {
        #"{"type": "\#(type)", "price": \#(price), "step_size": 1\#(more)}"#
    }

    private static func element(_ components: String..., when restrictions: String? = nil) -> String {
        #"{"price_components": [\#(components.joined(separator: ", "))]"#
            + (restrictions.map { #", "restrictions": {\#($0)}"# } ?? "") + "}"
    }

    private static func period(
        _ clock: String, _ volumes: KeyValuePairs<String, String>, tariff: String? = nil
    )
        -> String
    {
        let dimensions = volumes.map { #"{"type": "\#($0)", "volume": \#($1)}"# }.joined(separator: ", ")
        return #"{"start_date_time": "2026-03-02T\#(clock):00Z", "dimensions": [\#(dimensions)]"#
            + (tariff.map { #", "tariff_id": "\#($0)""# } ?? "") + "}"
    }

    private static func cdr(
        _ periods: String..., tariffs: [String], from: String = "10:00", to: String = "11:00",
        totals: String = ""
    ) -> [UInt8] {
        Array(
            (#"{"id": "CDR1", "currency": "EUR", "start_date_time": "2026-03-02T\#(from):00Z","#
                + #" "end_date_time": "2026-03-02T\#(to):00Z", "tariffs": [\#(tariffs.joined(separator: ", "))],"#
                + #" "charging_periods": [\#(periods.joined(separator: ", "))]\#(totals)}"#).utf8)
    }

    private static let energy = tariff(element(component("ENERGY", "0.22", #", "vat": 21"#)))

    private func verdict(_ field: String, _ verification: CDRVerification) -> String? {
        verification.checks.first { $0.field == field }?.verdict.rawValue
    }

    @Test("the example of the contract: 1.83 for 1.837 is rounding, 1.84 and 1.837 match, 1.70 differs")
    func verdicts() throws {
        for (reported, expected) in [
            ("1.83", "match"), ("1.84", "match"), ("1.837", "match"), ("1.8370", "match"),
            ("1.845", "rounding"),
            ("1.70", "differs"),
        ] {
            let verification = try command.verify(
                cdr: Self.cdr(
                    Self.period("10:00", ["ENERGY": "8.35", "TIME": "1"]), tariffs: [Self.energy],
                    totals:
                        #", "total_cost": {"excl_vat": \#(reported), "incl_vat": 2.22277}, "total_energy": 8.35,"#
                        + #" "total_time": 1"#))

            #expect(verification.rated.exactTexts == ["1.837", "2.22277"])
            #expect(verdict("total_cost.excl_vat", verification) == expected, "\(reported)")
            #expect(verdict("total_cost.incl_vat", verification) == "match")
            #expect(verdict("total_energy", verification) == "match")
            #expect(verdict("total_time", verification) == "match")
            #expect(verdict("total_parking_cost.excl_vat", verification) == "absent")
            let check = try #require(verification.checks.first)
            #expect(check.computed == "1.8370")
        }
        let truncated = try command.verify(
            cdr: Self.cdr(
                Self.period("10:00", ["ENERGY": "8.35"]), tariffs: [Self.energy],
                totals: #", "total_cost": {"before_taxes": 1.83, "taxes": [{"name": "VAT", "amount": 0.39}]}"#
            ))
        #expect(truncated.checks[0].field == "total_cost.before_taxes")
        #expect(truncated.checks[0].difference == "-0.0070")
        #expect(truncated.checks[1].field == "total_cost.taxes")
        #expect(truncated.checks[1].reported == "2.22")
    }

    @Test("D2: a period is priced at its start, and a change of price in it is noted")
    func periodStarts() throws {
        let tariff = Self.tariff(
            Self.element(
                Self.component("ENERGY", "0.40"), when: #""start_time": "10:30", "end_time": "12:00""#)
                + ", " + Self.element(Self.component("ENERGY", "0.20")))
        let bytes = Self.cdr(Self.period("10:00", ["ENERGY": "10"]), tariffs: [tariff])

        let verification = try PriceCommand(timeZone: "UTC", zones: Zones.lookup).verify(cdr: bytes)
        let failure = #expect(throws: PriceCommand.Failure.self) { try self.command.verify(cdr: bytes) }

        #expect(verification.rated.exactTexts == ["2", "2"])
        #expect(verification.rated.noteCodes == [.periodSpansPriceChange])
        #expect(verification.rated.notes[0].path == "/charging_periods/0")
        #expect(verification.rated.roundingPolicy == "line-half-up/1")
        #expect(failure?.refusal.code == .timeZoneMissing)
        let split = try PriceCommand(timeZone: "UTC", zones: Zones.lookup).verify(
            cdr: Self.cdr(
                Self.period("10:00", ["ENERGY": "5"]), Self.period("10:30", ["ENERGY": "5"]),
                tariffs: [tariff]))
        #expect(split.rated.exactTexts == ["3", "3"])
        #expect(split.rated.notes == [])
    }

    @Test("D29: time comes from timestamps, shared by the volumes where a period has time and parking")
    func timestamps() throws {
        let tariff = Self.tariff(
            Self.element(Self.component("TIME", "6"), Self.component("PARKING_TIME", "12")))
        // A third of three hours charging, the volumes cut to four decimals.
        let verification = try command.verify(
            cdr: Self.cdr(
                Self.period("10:00", ["TIME": "1", "PARKING_TIME": "2", "ENERGY": "3"]), tariffs: [tariff],
                to: "13:00",
                totals:
                    #", "total_time": 3, "total_parking_time": 2.0001, "total_time_cost": {"excl_vat": 6},"#
                    + #" "total_parking_cost": {"excl_vat": 24.00}, "total_cost": {"excl_vat": 30}"#))

        #expect(verification.rated.exactTexts == ["30", "30"])
        #expect(verdict("total_time", verification) == "match")
        #expect(verdict("total_parking_time", verification) == "rounding")
        #expect(verdict("total_time_cost.excl_vat", verification) == "match")
        #expect(verdict("total_parking_cost.excl_vat", verification) == "match")
    }

    @Test(
        "D30: where a fee stands is disputed where its element prices parking, and differs where it is wrong")
    func fees() throws {
        let tariff = Self.tariff(
            Self.element(Self.component("FLAT", "1"), Self.component("PARKING_TIME", "6")) + ", "
                + Self.element(Self.component("ENERGY", "0.5")))
        func verify(_ fixed: String, _ parking: String) throws -> CDRVerification {
            try command.verify(
                cdr: Self.cdr(
                    Self.period("10:00", ["ENERGY": "10"]), Self.period("10:30", ["PARKING_TIME": "0.5"]),
                    tariffs: [tariff],
                    totals:
                        #", "total_fixed_cost": {"excl_vat": \#(fixed)}, "total_parking_cost": {"excl_vat":"#
                        + #" \#(parking)}"#))
        }
        let ours = try verify("0", "4")
        #expect(verdict("total_fixed_cost.excl_vat", ours) == "match")
        #expect(verdict("total_parking_cost.excl_vat", ours) == "match")
        let theirs = try verify("1", "3")
        #expect(verdict("total_fixed_cost.excl_vat", theirs) == "not_adjudicable")
        #expect(verdict("total_parking_cost.excl_vat", theirs) == "not_adjudicable")
        #expect(verdict("total_fixed_cost.excl_vat", try verify("2.5", "3")) == "differs")
    }

    @Test("D33: a credit negates the total and nothing else")
    func credit() throws {
        let verification = try command.verify(
            cdr: Self.cdr(
                Self.period("10:00", ["ENERGY": "8.35"]), tariffs: [Self.energy],
                totals:
                    #", "credit": true, "credit_reference_id": "CDR0", "total_cost": {"excl_vat": -1.84},"#
                    + #" "total_energy_cost": {"excl_vat": 1.84}, "total_energy": 8.35"#))

        #expect(verdict("total_cost.excl_vat", verification) == "match")
        #expect(verdict("total_energy_cost.excl_vat", verification) == "match")
        #expect(verdict("total_energy", verification) == "match")
    }

    @Test("D34: periods out of order are sorted, those outside the session count, both are noted")
    func disorder() throws {
        let verification = try command.verify(
            cdr: Self.cdr(
                Self.period("10:30", ["ENERGY": "5"]), Self.period("09:59", ["ENERGY": "3"]),
                tariffs: [Self.energy]))

        #expect(verification.rated.exactTexts[0] == "1.76")
        #expect(Set(verification.rated.noteCodes) == [.periodOutsideSession, .periodsOutOfOrder])
    }

    @Test("D9: the minimum looks at MIN_POWER, the maximum at MAX_POWER, one serves for both")
    func power() throws {
        let tariff = Self.tariff(
            Self.element(Self.component("ENERGY", "1"), when: #""min_power": 50, "max_power": 100"#) + ", "
                + Self.element(Self.component("ENERGY", "0.5")))
        func net(_ volumes: KeyValuePairs<String, String>) throws -> String {
            try command.verify(cdr: Self.cdr(Self.period("10:00", volumes), tariffs: [tariff])).rated
                .exactTexts[0]
        }
        #expect(try net(["ENERGY": "10", "MIN_POWER": "60", "MAX_POWER": "90"]) == "10")
        #expect(try net(["ENERGY": "10", "MIN_POWER": "60", "MAX_POWER": "110"]) == "5")
        #expect(try net(["ENERGY": "10", "MIN_POWER": "40", "MAX_POWER": "90"]) == "5")
        #expect(try net(["ENERGY": "10", "MAX_POWER": "90"]) == "10")
        #expect(try net(["ENERGY": "10"]) == "5")
    }

    @Test("X16: each period names its tariff, and only the last one steps")
    func changeOfTariff() throws {
        let first = Self.tariff(
            #"{"price_components": [{"type": "ENERGY", "price": 0.20, "step_size": 500}]}"#, id: "a")
        let second = Self.tariff(
            #"{"price_components": [{"type": "ENERGY", "price": 0.27, "step_size": 500}]}"#, id: "b")
        let verification = try command.verify(
            cdr: Self.cdr(
                Self.period("10:00", ["ENERGY": "4.3"], tariff: "a"),
                Self.period("10:30", ["ENERGY": "1.1"], tariff: "b"),
                tariffs: [first, second], totals: #", "total_cost": {"excl_vat": 1.265}"#))
        let unknown = #expect(throws: PriceCommand.Failure.self) {
            try self.command.verify(
                cdr: Self.cdr(Self.period("10:00", ["ENERGY": "1"], tariff: "c"), tariffs: [first, second]))
        }

        #expect(verification.rated.exactTexts[0] == "1.265")
        #expect(verdict("total_cost.excl_vat", verification) == "match")
        #expect(unknown?.refusal.path == "/charging_periods/0/tariff_id")
    }

    @Test("with a copy of one's own tariff both are tried, and the one that fits is reported")
    func bothTariffs() throws {
        let own = Array(Self.tariff(Self.element(Self.component("ENERGY", "0.30"))).utf8)
        func verify(_ total: String) throws -> CDRVerification {
            try command.verify(
                cdr: Self.cdr(
                    Self.period("10:00", ["ENERGY": "10"]), tariffs: [Self.energy],
                    totals: #", "total_cost": {"excl_vat": \#(total)}"#), tariff: own)
        }
        #expect(try verify("3.00").source == .own)
        #expect(try verify("2.20").source == .embedded)
        #expect(try verify("2.20").rated.exactTexts[0] == "2.2")
        let bare = Self.cdr(Self.period("10:00", ["ENERGY": "10"]), tariffs: [])
        #expect(try command.verify(cdr: bare, tariff: own).rated.exactTexts[0] == "3")
        let failure = #expect(throws: PriceCommand.Failure.self) { try self.command.verify(cdr: bare) }
        #expect(failure?.source == .cdr)
        #expect(failure?.refusal.path == "/tariffs")
    }

    @Test(
        "what cannot be verified is refused with its code and place",
        arguments: [
            (#""currency": "EUR", "start"#, #""currency": "EU", "start"#, "currency_unknown", "/currency"),
            ("2026-03-02T11:00", "2026-03-02T09:00", "interval_reversed", "/end_date_time"),
            (
                #""ENERGY", "volume""#, #""JOULES", "volume""#, "enum_unknown",
                "/charging_periods/0/dimensions/0/type"
            ),
            (
                #""volume": 8"#, #""volume": "8,5", "x": 8"#, "number_invalid",
                "/charging_periods/0/dimensions/0/volume"
            ),
            (
                #""price": 0.22"#, #""price": "dear""#, "number_invalid",
                "/tariffs/0/elements/0/price_components/0/price"
            ),
            (
                #""charging_periods": [{"#, #""charging_periods": [], "y": [{"#, "no_intervals",
                "/charging_periods"
            ),
            (#""id": "CDR1""#, #""credit": "yes""#, "enum_unknown", "/credit"),
        ])
    func refusals(old: String, new: String, code: String, path: String) {
        let text = String(
            decoding: Self.cdr(Self.period("10:00", ["ENERGY": "8"]), tariffs: [Self.energy]), as: UTF8.self)
        let broken = text.replacing(old, with: new, maxReplacements: 1)
        let failure = #expect(throws: PriceCommand.Failure.self) {
            try self.command.verify(cdr: Array(broken.utf8))
        }
        #expect(failure?.refusal.code.rawValue == code)
        #expect(failure?.refusal.path == path)
    }

    @Test("the answer is the bill with the checks beside it, as JSON and as a table")
    func answers() throws {
        let verification = try command.verify(
            cdr: Self.cdr(
                Self.period("10:00", ["ENERGY": "8.35"]), tariffs: [Self.energy],
                totals: #", "total_cost": {"excl_vat": 9.83}"#))
        let answer = try JSON.parse(verification.contractJSON)

        #expect(answer["total"]?["after_tax"] == 223)
        #expect(answer["cdr"]?["id"] == "CDR1")
        #expect(answer["cdr"]?["checks"]?[0]?["reported"] == "9.83")
        #expect(answer["cdr"]?["checks"]?[0]?["difference"] == "7.9930")
        #expect(answer["cdr"]?["checks"]?[0]?["verdict"] == "differs")
        #expect(answer["cdr"]?["checks"]?[1]?["reported"] == .null)
        let row = verification.table().split(separator: "\n").first { $0.hasPrefix("total_cost.excl_vat") }
        #expect(row?.split(separator: " ") == ["total_cost.excl_vat", "9.83", "1.8370", "7.9930", "differs"])
    }
}
