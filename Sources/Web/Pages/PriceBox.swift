// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// The price before anything else, in legal order: per kWh, per minute, per session (AFIR, article 5).
package struct PriceBox: Hashable, Sendable {
    /// One price.
    package struct Price: Hashable, Sendable {
        /// What is charged for.
        package enum Kind: String, Hashable, Sendable {
            case energy, time, idle, session
        }
        /// What is charged for.
        package var kind: Kind
        /// The price in the major unit as a decimal text.
        package var amount: UnitPrice
        /// Idle only: seconds that are free after charging ended.
        package var graceSeconds: Int64?
        /// The most that this costs in one session.
        package var cap: Money?
        /// When it applies, in words; nil if always.
        package var condition: String?

        /// One price.
        package init(
            _ kind: Kind, _ amount: UnitPrice, graceSeconds: Int64? = nil, cap: Money? = nil,
            condition: String? = nil
        ) {
            self.kind = kind
            self.amount = amount
            self.graceSeconds = graceSeconds
            self.cap = cap
            self.condition = condition
        }
    }

    /// What tax does to the prices.
    package enum Tax: Hashable, Sendable {
        /// The prices contain it.
        case included(TaxRate)
        /// It comes on top.
        case excluded(TaxRate)
        /// No single rate can be named here.
        case unstated
    }

    /// What a usual session costs, by the one rater.
    package struct Example: Hashable, Sendable {
        /// How much is charged.
        package var energy: Energy
        /// How long that takes.
        package var duration: Elapsed
        /// What it costs, gross.
        package var total: Money

        /// What a usual session costs.
        package init(energy: Energy, duration: Elapsed, total: Money) {
            self.energy = energy
            self.duration = duration
            self.total = total
        }
    }

    /// In legal order.
    package var prices: [Price]
    /// What tax does to them.
    package var tax: Tax
    /// What a usual session costs.
    package var example: Example?

    /// A price box; prices in legal order.
    package init(prices: [Price], tax: Tax, example: Example? = nil) {
        self.prices = prices
        self.tax = tax
        self.example = example
    }
}

/// A price per unit as a decimal text in the major unit.
package struct UnitPrice: Hashable, Sendable {
    /// For instance `0.49`.
    package var decimal: String
    /// What it is in.
    package var currency: Currency
    /// `kWh`, `min`, or nothing for a price per session.
    package var unit: String

    /// A price per unit.
    package init(_ decimal: String, _ currency: Currency, per unit: String) {
        self.decimal = decimal
        self.currency = currency
        self.unit = unit
    }
}

extension Shown {
    /// `0.49 €/kWh`.
    package func unitPrice(_ price: UnitPrice) -> String {
        unitPrice(price.decimal, price.currency, per: price.unit)
    }
}

extension PriceBox {
    /// The gaps of `pricebox.mustache`.
    func gaps(_ shown: Shown) -> Gaps {
        let words = shown.words
        var rows = prices.map { price -> Gaps in
            ["text": price.sentence(shown), "note": price.condition ?? false as Any]
        }
        if !prices.isEmpty, !prices.contains(where: { $0.kind == .session }) {
            rows.append(["text": words(.noSessionFee), "note": false])
        }
        return [
            "prices": rows, "taxText": taxText(words),
            "example": example.map { example in
                words(
                    .example,
                    [
                        "energy": fixedPointText(Int128(example.energy.milliwattHours), scale: 6),
                        "amount": shown.money(example.total),
                    ])
            } ?? false as Any,
            "exampleNote": example.map { words(.exampleNote, ["minutes": String($0.duration.seconds / 60)]) },
        ]
    }

    private func taxText(_ words: Words) -> Any {
        let text =
            switch tax {
            case .included(let rate): words(.taxIncluded, ["rate": rate.percentText])
            case .excluded(let rate): words(.taxExcluded, ["rate": rate.percentText])
            case .unstated: ""
            }
        // “VAT.” ends the sentence; “MwSt.” has its full stop already.
        return text.isEmpty ? false : text.hasSuffix(".") ? text : text + "."
    }
}

extension PriceBox.Price {
    /// “from 5 min after charging ends: 0.10 €/min, at most 12.00 €”.
    fileprivate func sentence(_ shown: Shown) -> String {
        let words = shown.words
        let price = shown.unitPrice(amount)
        let text =
            switch kind {
            case .energy: price
            case .time: words(.timePrice, ["price": price])
            case .session: words(.sessionFee, ["price": price])
            case .idle:
                if let graceSeconds, graceSeconds > 0 {
                    words(.idlePrice, ["grace": String(graceSeconds / 60), "price": price])
                } else {
                    words(.idlePriceAtOnce, ["price": price])
                }
            }
        guard let cap else { return text }
        return "\(text), \(words(.atMost, ["amount": shown.money(cap)]))"
    }
}
