// SPDX-License-Identifier: Apache-2.0

import Quantities

/// How a component is taxed: one rate, none, or several that stack.
struct TaxTreatment: Hashable, Sendable {
    /// Nil is "no tax stated", or that tax is not applicable.
    let rate: TaxRate?
    /// Taxes beside it.
    let further: [StackedTax]

    /// What a net amount is multiplied by to get the gross amount. At most 8 taxes of at most 100 % on 4 levels.
    var factor: Exact { further.isEmpty ? Self.plus(rate) : shares.reduce(.one) { $0.adding($1) } }

    /// `1 + rate`.
    private static func plus(_ rate: TaxRate?) -> Exact {
        Exact(
            Int128(TaxRate.denominator + (rate?.tenThousandthsOfPercent ?? 0)),
            over: Int128(TaxRate.denominator))
    }

    /// Each tax as a share of the net amount, the first rate first.
    private var shares: [Exact] {
        let all = layers
        return all.map { layer in
            var share = Exact(
                Int128(layer.rate.tenThousandthsOfPercent), over: Int128(TaxRate.denominator))
            // A tax of level 2 is on the net, the taxes of level 0, and those of level 1, which are on both.
            for level in 0..<layer.level {
                let sum = all.filter { $0.level == level }.reduce(Int64(0)) {
                    $0 + $1.rate.tenThousandthsOfPercent
                }
                share = share.multiplied(
                    by: Exact(Int128(TaxRate.denominator + sum), over: Int128(TaxRate.denominator)))
            }
            return share
        }
    }

    /// The first rate and the others.
    private var layers: [StackedTax] { [StackedTax(rate ?? TaxRate(percent: 0), level: 0)] + further }

    /// The taxes on a net amount, each rounded once on its own base: the net and the rounded taxes of earlier
    /// levels (rule 5).
    func taxes(onNet net: Money) -> (first: Money, further: [Money]) {
        let first = rate.map { $0.tax(onNet: net) } ?? .zero(net.currency)
        guard !further.isEmpty else { return (first, []) }
        var taxes = further.map { _ in Money.zero(net.currency) }
        var base = net
        for level in 0...TariffLimits.taxLevel {
            var ofLevel = level == 0 ? first : Money.zero(net.currency)
            for (index, tax) in further.enumerated() where tax.level == level {
                taxes[index] = tax.rate.tax(onNet: base)
                ofLevel += taxes[index]
            }
            base += ofLevel
        }
        return (first, taxes)
    }

    /// The taxes inside a gross amount: their sum is rounded once, for the gross never moves (rule 6), and shared by
    /// largest remainder.
    func taxes(inGross gross: Money) -> (first: Money, further: [Money]) {
        guard !further.isEmpty else {
            return (rate.map { $0.tax(inGross: gross) } ?? .zero(gross.currency), [])
        }
        var isReduced = false
        let inverse = factor.reciprocal ?? .one
        let share = Exact.one.minus(inverse, precisionReduced: &isReduced)
        let tax = Money(minorUnits: share.halfUp(times: gross.minorUnits), currency: gross.currency)
        let parts = tax.allocated(by: shares.map { Int64(clamping: $0.halfUp(times: 1_000_000_000)) })
        return (parts[0], Array(parts.dropFirst()))
    }

    /// The level of each further tax's base, and the base itself.
    func base(of index: Int, net: Money, taxes: (first: Money, further: [Money])) -> Money {
        var base = net
        if further[index].level > 0 { base += taxes.first }
        for (tax, amount) in zip(further, taxes.further) where tax.level < further[index].level {
            base += amount
        }
        return base
    }

    /// The nets of gross amounts that are taxed together, by largest remainder (receipts.md §5).
    func nets(ofGross amounts: [Money]) -> [Money] {
        if further.isEmpty { return rate?.nets(ofGross: amounts) ?? amounts }
        guard let currency = amounts.first?.currency else { return [] }
        let gross = amounts.sum(in: currency)
        let taxes = taxes(inGross: gross)
        let tax = taxes.first + taxes.further.sum(in: currency)
        let shares = (-tax).allocated(by: amounts.map { Int64(clamping: $0.minorUnits.magnitude) })
        return zip(amounts, shares).map { $0 + $1 }
    }
}

extension Exact {
    /// The sum of small fractions, which always fits: at most 8 taxes over 10^24.
    fileprivate func adding(_ other: Exact) -> Exact {
        var isReduced = false
        return plus(other, precisionReduced: &isReduced)
    }

    /// The product of small fractions, which always fits.
    fileprivate func multiplied(by other: Exact) -> Exact {
        var isReduced = false
        return times(other, precisionReduced: &isReduced)
    }
}
