// SPDX-License-Identifier: Apache-2.0

import Foundation
import Quantities
import Receipts
import Tariffs
import Testing

@Suite("The receipt")
struct ReceiptTests {
    /// Lines, tax and totals as text.
    func table(_ receipt: Receipt) -> String {
        let lines = receipt.lines.map { line in
            [line.kind, line.quantity, line.unit, line.net.decimal, line.amount.decimal]
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
        let taxes = receipt.taxes.map {
            "\($0.rate?.percentText ?? "no") % of \($0.base.decimal) = \($0.amount.decimal)"
        }
        return (lines + taxes + ["net \(receipt.net.decimal) gross \(receipt.gross.decimal)"])
            .joined(separator: "\n")
    }

    @Test("gross-anchored: 37.490 kWh at 0.49 are 18.37, of which 2.93 is tax; the gross never moves")
    func grossAnchored() throws {
        let receipt = try ReceiptBench().receipt()
        #expect(
            table(receipt) == """
                energy 37.49 kWh 15.44 18.37
                19 % of 15.44 = 2.93
                net 15.44 gross 18.37
                """)
        #expect(receipt.includesTax)
        #expect(receipt.number == "R-2026-000123")
        #expect(receipt.lines[0].arithmetic == "37.49 kWh × 0.49 = 18.3701, rounded half up once")
        #expect(receipt.roundingPolicy == "line-half-up/1")
        #expect(receipt.template == 1)
    }

    @Test("net-anchored: 18.37 with 8.875 % of sales tax are 20.00")
    func netAnchored() throws {
        var bench = ReceiptBench()
        bench.mode = .excluded
        bench.currency = .usd
        bench.components[0].taxRate = TaxRate(percent: "8.875")
        let receipt = try bench.receipt()
        #expect(
            table(receipt) == """
                energy 37.49 kWh 18.37 18.37
                8.875 % of 18.37 = 1.63
                net 18.37 gross 20.00
                """)
        #expect(!receipt.includesTax)
    }

    @Test("17.07 has no net whose tax of 19 % rounds to the rest; it is 14.34 and 2.73 all the same")
    func grossWithoutExactNet() throws {
        var bench = ReceiptBench()
        bench.components = [PriceComponent(.flat, Rate(billionths: 17_070_000_000), tax: ReceiptBench.vat)]
        let receipt = try bench.receipt()
        #expect(
            table(receipt) == """
                session 1 14.34 17.07
                19 % of 14.34 = 2.73
                net 14.34 gross 17.07
                """)
    }

    @Test("nets of several lines are shared by largest remainder, so that they sum to the net")
    func severalLines() throws {
        var bench = ReceiptBench()
        let parking = Usage.Interval(
            from: ReceiptBench.ended, to: ReceiptBench.ended + .minutes(10), .parking)
        bench.usage.intervals.append(parking)
        bench.components += [
            PriceComponent(.flat, Rate(billionths: 990_000_000), tax: ReceiptBench.vat),
            PriceComponent(.parking, Rate(billionths: 6_000_000_000), tax: ReceiptBench.vat),
        ]
        let receipt = try bench.receipt()
        #expect(receipt.lines.map(\.kind).sorted() == ["energy", "idle", "session"])
        #expect(receipt.gross == .eur(18_37 + 99 + 1_00))
        #expect(receipt.net == .eur(17_11))
        #expect(receipt.lines.map(\.net).sum(in: .eur) == receipt.net)
    }

    @Test("without tax there is none, and net is gross", arguments: [Currency.jpy, .kwd])
    func noTax(currency: Currency) throws {
        var bench = ReceiptBench()
        bench.mode = .none
        bench.currency = currency
        bench.components[0].taxRate = nil
        let receipt = try bench.receipt()
        #expect(receipt.net == receipt.gross)
        #expect(receipt.taxes.map(\.amount).sum(in: currency).isZero)
        #expect(receipt.gross == Money(minorUnits: currency == .jpy ? 18 : 18_370, currency: currency))
    }

    @Test("whatever is priced makes a receipt that agrees and that is read back equal")
    func property() throws {
        let rates = [nil, TaxRate(percent: 19), TaxRate(percent: 7), TaxRate(percent: "8.875")]
        for seed in UInt64(1)...500 {
            var random = SplitMix64(seed: seed)
            var bench = ReceiptBench()
            bench.mode = [.included, .excluded, .none].randomElement(using: &random) ?? .included
            bench.currency = [.eur, .jpy, .kwd].randomElement(using: &random) ?? .eur
            bench.usage.intervals = (0..<Int64.random(in: 1...4, using: &random)).map { index in
                Usage.Interval(
                    from: ReceiptBench.begun + .minutes(10 * index),
                    to: ReceiptBench.begun + .minutes(10 * index + 10),
                    Bool.random(using: &random) ? .charging : .parking,
                    energy: Energy(milliwattHours: .random(in: 0...20_000_000, using: &random)))
            }
            bench.components = TariffDimension.allCases.map { dimension in
                PriceComponent(
                    dimension, Rate(billionths: .random(in: 0...3_000_000_000, using: &random)),
                    tax: rates.randomElement(using: &random) ?? nil)
            }

            let receipt = try bench.receipt()

            #expect(receipt.lines.map(\.net).sum(in: bench.currency) == receipt.net, "seed \(seed)")
            let tax = receipt.taxes.map(\.amount).sum(in: bench.currency)
            #expect(receipt.net + tax == receipt.gross, "seed \(seed)")
            let stored = try JSONEncoder().encode(receipt)
            #expect(try JSONDecoder().decode(Receipt.self, from: stored) == receipt, "seed \(seed)")
        }
    }
}
