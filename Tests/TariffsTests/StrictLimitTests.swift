// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities
import Tariffs
import Testing

/// The limits of tariffs.md §8.1: what is at the limit is read, what is one beyond it is refused by name.
@Suite("Limits of strict reading")
struct StrictLimitTests {
    private func code(_ tariff: String) -> String? {
        do throws(TariffError) {
            _ = try Tariff.decode(ocpi: Array(tariff.utf8))
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    private func tariff(_ elements: String, _ more: String = "") -> String {
        #"{"currency": "EUR"\#(more), "elements": [\#(elements)]}"#
    }

    private static let element = #"{"price_components": [{"type": "ENERGY", "price": 1}]}"#

    @Test("64 levels of nesting are read, 65 are not")
    func nesting() {
        func nested(_ levels: Int) -> String {
            tariff(
                Self.element,
                #", "energy_mix": "# + String(repeating: "[", count: levels)
                    + String(repeating: "]", count: levels))
        }
        #expect(code(nested(63)) == nil)
        #expect(code(nested(64)) == "limit_exceeded")
        #expect(code(nested(100_000)) == "limit_exceeded")
    }

    @Test("10,000 elements are read, 10,001 are not")
    func elements() {
        func many(_ count: Int) -> String {
            tariff(Array(repeating: #"{"price_components": []}"#, count: count).joined(separator: ","))
        }
        #expect(code(many(10_000)) == nil)
        #expect(code(many(10_001)) == "limit_exceeded")
    }

    @Test("100,001 intervals and more than 64 MiB are refused before they are read")
    func sizes() {
        func code(_ session: [UInt8]) -> String? {
            do throws(RatingError) {
                _ = try SessionFile.decode(session)
                return nil
            } catch {
                return "\(error.code.rawValue) \(error.path)"
            }
        }
        let intervals = Array(repeating: "0", count: 100_001).joined(separator: ",")
        #expect(code(Array(#"{"intervals": [\#(intervals)]}"#.utf8)) == "limit_exceeded /intervals")
        #expect(code(Array(repeating: UInt8(ascii: " "), count: (64 << 20) + 1)) == "limit_exceeded ")
    }

    @Test(
        "a value at its limit is read, one beyond it is not",
        arguments: [
            ("price", "1000000", "1000000.000000001"), ("price", "-1000000", "-1000000.000000001"),
            ("vat", "100", "100.0001"), ("vat", "0", "-0.0001"), ("step_size", "100000000", "100000001"),
            ("cap", "1000000", "1000001"), ("grace_s", "9000000000", "9000000001"),
        ])
    func values(field: String, most: String, beyond: String) {
        func with(_ value: String) -> String {
            let price = field == "price" ? "" : #""price": 1, "#
            return tariff(
                #"{"price_components": [{"type": "PARKING_TIME", \#(price)"\#(field)": \#(value)}]}"#)
        }
        #expect(code(with(most)) == nil)
        #expect(code(with(beyond)) == "limit_exceeded")
    }

    @Test("times at the ends of what a clock can count are refused or priced, never more")
    func endsOfTime() {
        let command = PriceCommand(timeZone: "Europe/Berlin", zones: Zones.lookup)
        for (start, end) in [
            ("1677-09-21T00:12:44Z", "1677-09-21T01:12:44Z"),
            ("2262-04-11T22:47:16Z", "2262-04-11T23:47:16Z"),
            ("1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z"),
        ] {
            let session =
                #"{"intervals": [{"start": "\#(start)", "end": "\#(end)", "state": "C", "kwh": 1}]}"#
            do throws(PriceCommand.Failure) {
                let rated = try command.price(
                    tariff: Array(tariff(Self.element).utf8), session: Array(session.utf8))
                #expect(rated.exactTexts == ["1", "1"])
            } catch {
                #expect(error.refusal.code == .limitExceeded)
            }
        }
    }
}
