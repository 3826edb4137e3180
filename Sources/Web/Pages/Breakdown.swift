// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// How an amount came about: each line a quantity times a price, with its reason. The same on page, console and receipt.
package struct Breakdown: Hashable, Sendable {
    /// One line.
    package struct Line: Hashable, Sendable {
        /// What is charged for, as the API names it.
        package var kind: String
        /// For instance `37.490 kWh × 0.49 = 18.3701`.
        package var arithmetic: String
        /// Which part of the tariff priced it, and how it was rounded.
        package var why: String
        /// What it costs.
        package var amount: Money

        /// One line.
        package init(kind: String, arithmetic: String, why: String, amount: Money) {
            self.kind = kind
            self.arithmetic = arithmetic
            self.why = why
            self.amount = amount
        }
    }

    /// The tax of one rate.
    package struct Tax: Hashable, Sendable {
        /// The rate.
        package var rate: TaxRate
        /// How much of the total it is.
        package var amount: Money

        /// The tax of one rate.
        package init(rate: TaxRate, amount: Money) {
            self.rate = rate
            self.amount = amount
        }
    }

    /// In the order in which they began.
    package var lines: [Line]
    /// One for each rate.
    package var taxes: [Tax]
    /// Whether the lines contain the tax.
    package var isTaxIncluded: Bool
    /// What is owed, gross.
    package var total: Money

    /// How an amount came about.
    package init(lines: [Line], taxes: [Tax], isTaxIncluded: Bool, total: Money) {
        self.lines = lines
        self.taxes = taxes
        self.isTaxIncluded = isTaxIncluded
        self.total = total
    }

    /// The gaps of `breakdown.mustache`.
    func gaps(_ shown: Shown) -> Gaps {
        [
            "lines": lines.map { line -> Gaps in
                [
                    "name": shown.lineName(line.kind), "arithmetic": line.arithmetic,
                    "why": line.why.isEmpty ? false as Any : line.why, "amount": shown.money(line.amount),
                ]
            },
            "taxes": taxes.map { tax -> Gaps in
                let word = isTaxIncluded ? Word.taxWithin : .taxOnTop
                return [
                    "name": shown.words(word, ["rate": tax.rate.percentText]),
                    "amount": shown.money(tax.amount),
                ]
            },
            "total": shown.money(total),
        ]
    }
}
