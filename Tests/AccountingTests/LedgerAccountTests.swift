// SPDX-License-Identifier: Apache-2.0

import Accounting
import Quantities
import Testing

@Suite("Ledger account")
struct LedgerAccountTests {
    @Test(
        "tax accounts name country and rate, fractions with a p",
        arguments: [("DE", "19", "VAT-DE-19"), ("US", "8.875", "VAT-US-8p875"), ("CH", "8.1", "VAT-CH-8p1")])
    func tax(country: String, rate: String, expected: String) throws {
        let rate = try #require(TaxRate(percent: rate))
        #expect(LedgerAccount.tax(country: country, rate: rate).name == "Liabilities:Tax:" + expected)
    }

    @Test("names from outside become names that every tool reads", arguments: Self.names)
    func segment(name: String, expected: String) {
        #expect(LedgerAccount.clearing(name).name == "Assets:Clearing:" + expected)
    }

    @Test("each kind of line has its income account")
    func incomes() {
        #expect(
            IncomeKind.allCases.map { LedgerAccount.income($0).name }
                == ["Energy", "Time", "Session", "Idle", "Reservation", "Roaming"].map { "Income:" + $0 })
    }

    private static let names = [
        ("stripe", "Stripe"), ("terminal-A", "Terminal-A"), ("Café  Müller;x", "Caf---M-ller-x"),
        ("", "None"),
        ("a:b", "A-b"),
    ]
}
