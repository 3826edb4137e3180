// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Testing

@Suite("Money")
struct MoneyTests {
    @Test("a share in percent is exact and rounded once, a percentage is rounded down")
    func percent() {
        #expect(Money.eur(40_00).percent(80, rounding: .down) == .eur(32_00))
        #expect(Money.eur(33).percent(50, rounding: .down) == .eur(16))
        #expect(Money.eur(33).percent(50, rounding: .up) == .eur(17))
        #expect(Money.eur(.max / 2).percent(200, rounding: .down) == .eur(.max - 1))
        #expect(Money.eur(1_99).percent(of: .eur(2_00)) == 99)
        #expect(Money.eur(1).percent(of: .eur(0)) == 0)
    }

    @Test(
        "an amount has the digits of its currency",
        arguments: [
            (1837, "EUR", "18.37 EUR"), (5, "EUR", "0.05 EUR"), (-5, "EUR", "-0.05 EUR"),
            (0, "EUR", "0.00 EUR"),
            (468, "JPY", "468 JPY"), (-468, "JPY", "-468 JPY"), (1235, "KWD", "1.235 KWD"),
            (Int64.min, "EUR", "-92233720368547758.08 EUR"), (Int64.max, "KWD", "9223372036854775.807 KWD"),
        ] as [(Int64, String, String)])
    func texts(minorUnits: Int64, code: String, text: String) throws {
        let currency = try #require(Currency(code: code))

        #expect(Money(minorUnits: minorUnits, currency: currency).description == text)
    }

    @Test("sums, differences and comparisons stay in one currency")
    func arithmetic() {
        var total = Money.eur(100) + .eur(50) - .eur(1)
        total += .eur(1)
        total -= .eur(30)

        #expect(total == .eur(120))
        #expect(-total == .eur(-120))
        #expect(Money.eur(1) < .eur(2))
        #expect([Money.eur(1), .eur(2)].sum(in: .eur) == .eur(3))
        #expect([Money]().sum(in: .jpy) == .zero(.jpy))
        #expect(Money.eur(-1).isNegative && Money.eur(1).isPositive && Money.eur(0).isZero)
    }

    @Test("F57 overflow and mixed currencies trap: both are mistakes of the program")
    func traps() async {
        await #expect(processExitsWith: .failure) { _ = Money.eur(.max) + .eur(1) }
        await #expect(processExitsWith: .failure) { _ = Money.eur(.min) - .eur(1) }
        await #expect(processExitsWith: .failure) { _ = -Money.eur(.min) }
        await #expect(processExitsWith: .failure) { _ = Money.eur(1) + .zero(.jpy) }
        await #expect(processExitsWith: .failure) { _ = Money.eur(1) < .zero(.jpy) }
    }

    @Test("as JSON an amount is minor units and a code")
    func codable() throws {
        let money = Money.eur(1837)

        let bytes = try JSONEncoder().encode(money)

        #expect(try JSONDecoder().decode(Money.self, from: bytes) == money)
        #expect(
            try JSONDecoder().decode(Money.self, from: Data(#"{"amount":1837,"currency":"EUR"}"#.utf8))
                == money)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Money.self, from: Data(#"{"amount":1,"currency":"EURO"}"#.utf8))
        }
    }
}

@Suite("Currencies")
struct CurrencyTests {
    @Test("the number of digits is that of ISO 4217, list one")
    func exponents() {
        for (code, exponent) in [
            ("EUR", 2), ("GBP", 2), ("JPY", 0), ("KRW", 0), ("CLP", 0), ("ISK", 0), ("KWD", 3), ("BHD", 3),
            ("TND", 3),
            ("XCG", 2), ("MRU", 2), ("UGX", 0),
        ] {
            #expect(Currency(code: code)?.exponent == exponent, "\(code)")
        }
    }

    @Test("codes that are no currency, or none that payments use, are unknown")
    func unknown() {
        for code in ["", "eur", "EURO", "EU", "XXX", "XTS", "XAU", "UYW", "CLF", "€"] {
            #expect(Currency(code: code) == nil, "\(code)")
        }
    }

    @Test("a major unit has ten to the exponent minor units")
    func minorUnits() {
        #expect(Currency.jpy.minorUnitsPerMajor == 1)
        #expect(Currency.eur.minorUnitsPerMajor == 100)
        #expect(Currency.kwd.minorUnitsPerMajor == 1000)
    }
}
