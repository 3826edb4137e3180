// SPDX-License-Identifier: Apache-2.0

import Quantities

/// Net and tax for each rate of a bill, rounded once for each rate (tariffs.md §4.3, rules 4 to 8).
struct TaxTable {
    /// One rate; nil collects what has no rate stated and is never shown unless a limit put tax there.
    private struct Row {
        let rate: TaxRate?
        var net: Money
        var tax: Money
    }

    private var rows: [Row] = []
    private let currency: Currency

    /// The rates in the order of the lines.
    init(_ lines: [RatedLine], mode: Tariff.TaxMode, currency: Currency) {
        self.currency = currency
        for line in lines {
            if let index = rows.firstIndex(where: { $0.rate == line.taxRate }) {
                rows[index].net += line.amount
            } else {
                rows.append(Row(rate: line.taxRate, net: line.amount, tax: .zero(currency)))
            }
        }
        for index in rows.indices {
            guard let rate = rows[index].rate else { continue }
            if mode == .included {
                rows[index].tax = rate.tax(inGross: rows[index].net)
                rows[index].net -= rows[index].tax
            } else {
                rows[index].tax = rate.tax(onNet: rows[index].net)
            }
        }
    }

    /// All nets.
    var net: Money { rows.map(\.net).sum(in: currency) }
    /// All nets and all tax.
    var gross: Money { net + rows.map(\.tax).sum(in: currency) }
    /// What is shown: every stated rate, 0 % too.
    var taxes: [RatedTax] {
        rows.filter { $0.rate != nil || !$0.tax.isZero }
            .map { RatedTax(rate: $0.rate, base: $0.net, amount: $0.tax) }
    }

    /// Moves the totals to those of a limit: differences are spread in proportion, remainder to the largest
    /// (rule 8).
    ///
    /// - Returns: false if there was no tax to scale and the difference went to a tax without a rate.
    mutating func move(to newNet: Money, gross newGross: Money) -> Bool {
        let taxChange = (newGross - newNet) - (gross - net)
        let netChange = newNet - net
        if rows.isEmpty { rows.append(Row(rate: nil, net: .zero(currency), tax: .zero(currency))) }
        spread(netChange, over: \.net)
        guard !taxChange.isZero else { return true }
        guard rows.contains(where: { !$0.tax.isZero }) else {
            if !rows.contains(where: { $0.rate == nil }) {
                rows.append(Row(rate: nil, net: .zero(currency), tax: .zero(currency)))
            }
            for index in rows.indices where rows[index].rate == nil { rows[index].tax += taxChange }
            return false
        }
        spread(taxChange, over: \.tax)
        return true
    }

    private mutating func spread(_ change: Money, over amount: WritableKeyPath<Row, Money>) {
        let shares = change.spread(over: rows.map { $0[keyPath: amount] })
        for (index, share) in zip(rows.indices, shares) { rows[index][keyPath: amount] += share }
    }
}
