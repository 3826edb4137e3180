// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs
import Testing

/// The command line's contract (tariffs.md §8): bytes in, bytes out.
@Suite("Price command")
struct PriceCommandTests {
    private let command = PriceCommand(zones: Zones.lookup)
    private let tariff = """
        {"country_code": "NL", "party_id": "AMP", "id": "1", "currency": "EUR", "last_updated": "2026-01-01T00:00:00Z",
         "elements": [{"price_components": [{"type": "ENERGY", "price": 0.22, "vat": 21, "step_size": 1}]}]}
        """
    private let session = """
        {"time_zone": "Europe/Amsterdam",
         "intervals": [{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T11:00:00Z", "state": "C", "kwh": "8.35"}]}
        """

    @Test("the example of the contract is answered byte for byte")
    func example() throws {
        let rated = try command.price(tariff: Array(tariff.utf8), session: Array(session.utf8))

        let part =
            #"{"element":0,"component":0,"quantity":"8.35","unit_price":"0.22","exact":"1.837","#
            + #""step_surplus":"0","why":"element 0: always","from":"2026-03-02T10:00:00Z","#
            + #""to":"2026-03-02T11:00:00Z"}"#
        let line =
            #"{"kind":"energy","quantity":"8.35","unit":"kWh","unit_price":"0.22","exact":"1.837","amount":184,"#
            + #""tax_rate":"21","why":"element 0: always","from":"2026-03-02T10:00:00Z","#
            + #""to":"2026-03-02T11:00:00Z","parts":[\#(part)]}"#
        let expected =
            #"{"currency":"EUR","exact":{"before_tax":"1.837","after_tax":"2.22277"},"#
            + #""total":{"before_tax":184,"after_tax":223},"line_basis":"before_tax","lines":[\#(line)],"#
            + #""taxes":[{"rate":"21","base":184,"amount":39}],"notes":[],"rounding_policy":"line-half-up/1"}"#
        #expect(String(decoding: rated.contractJSON, as: UTF8.self) == expected)
    }

    @Test("the table names what, how much, at what price and why, then the totals")
    func table() throws {
        var fees = Tariff.Fees()
        fees.idlePerMinute = .of("0.40")
        fees.idleGraceSeconds = 600
        fees.idleCap = .of("10")
        fees.taxRate = TaxRate(percent: 19)
        let tariff = try Tariff.simple(id: "1", currency: .eur, energyPerKWh: .of("0.45"), fees: fees)

        let rated = try rate(
            tariff, stretch("10:00", "11:00", kWh: "30"), stretch("11:00", "11:50", .parking))

        #expect(
            rated.table() == """
                Energy        30 kWh × 0.45 = 13.5   13.50  19 %  element 0: always
                Idle time     0.666667… h × 24 = 16  16.00  19 %  element 0: always
                Cap           -6                     -6.00  19 %  element 0: at most 10
                ──────────────────────────────────────────
                Total EUR                            23.50
                contains tax  19 % of 19.75           3.75

                """)
    }

    @Test("digits after the millisecond are dropped with a note, a time without a zone is UTC")
    func times() throws {
        let text = """
            {"intervals": [{"start": "2026-03-02T10:00:00.0009", "end": "2026-03-02T11:00:00+00:00", "state": "C",
             "kwh": 1, "power_kw": null}]}
            """

        let session = try SessionFile.decode(Array(text.utf8))

        #expect(session.usage.intervals[0].start == .at("2026-03-02T10:00:00Z"))
        #expect(
            session.notes == [
                Note(.numberRounded, at: "/intervals/0/start", "Digits after the millisecond were dropped.")
            ])
    }

    @Test("the command's zone wins over the session's, with a note; a zone that does not exist is refused")
    func zones() throws {
        let utc = try PriceCommand(timeZone: "UTC", zones: Zones.lookup)
            .price(tariff: Array(tariff.utf8), session: Array(session.utf8))
        let failure = #expect(throws: PriceCommand.Failure.self) {
            try PriceCommand(timeZone: "Mars/Base", zones: Zones.lookup)
                .price(tariff: Array(tariff.utf8), session: Array(session.utf8))
        }

        #expect(utc.noteCodes == [.timeZoneOverridden])
        #expect(failure?.source == .timeZone)
        #expect(failure?.refusal.code == .timeZoneUnknown)
    }

    @Test("each line of a batch is answered by one line, with its id or its number")
    func batch() {
        func answer(_ line: String, _ number: Int) -> (text: String, isPriced: Bool) {
            let (bytes, isPriced) = command.batchLine(Array(line.utf8), number: number)
            return (String(decoding: bytes, as: UTF8.self), isPriced)
        }
        let oneLine = { (text: String) in text.split(separator: "\n").joined(separator: " ") }

        let priced = answer(
            #"{"id": "a", "tariff": \#(oneLine(tariff)), "session": \#(oneLine(session))}"#, 1)
        let noSession = answer(#"{"id": 7, "tariff": \#(oneLine(tariff))}"#, 2)
        let badPrice = answer(#"{"id": "b", "tariff": {"currency": "EUR", "elements": 1}, "session": {}}"#, 3)
        let noJSON = answer("nonsense", 4)

        #expect(priced.isPriced)
        #expect(priced.text.hasPrefix(#"{"id":"a","currency":"EUR","exact":{"before_tax":"1.837""#))
        #expect(!noSession.isPriced)
        #expect(
            noSession.text
                == #"{"id":7,"error":{"code":"field_missing","path":"/session","message":"The field session is required."}}"#
        )
        #expect(badPrice.text.contains(#""path":"/elements""#))
        #expect(noJSON.text.hasPrefix(#"{"id":null,"line":4,"error":{"code":"json_invalid""#))
        #expect(!noJSON.text.contains("\n"))
    }
}
