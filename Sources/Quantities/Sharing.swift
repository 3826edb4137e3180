// SPDX-License-Identifier: Apache-2.0

extension Money {
    /// Spreads the amount in proportion to the sizes of `weights`; what is left over goes to the largest.
    ///
    /// This is how a limit's difference in tax goes to the rates (tariffs.md §4.3, rule 8). Parts sum to the whole.
    ///
    /// - Parameter weights: at least one; their signs do not count. When all are zero everything goes to the first.
    public func spread(over weights: [Money]) -> [Money] {
        precondition(!weights.isEmpty, "an amount needs somebody to go to")
        let sizes = weights.map { Int128($0.minorUnits.magnitude) }
        let total = max(sizes.reduce(0, +), 1)
        var parts = sizes.map { size in
            let share = divide(Int128(minorUnits) * size, by: total, rounding: .towardZero)
            return Money(minorUnits: Int64(share), currency: currency)
        }
        let largest = sizes.indices.reduce(0) { sizes[$1] > sizes[$0] ? $1 : $0 }
        parts[largest] += self - parts.sum(in: currency)
        return parts
    }
}

extension TaxRate {
    /// The nets of gross amounts that are taxed together: their sum less its tax, split by largest remainder.
    ///
    /// 10.00 and 7.07 at 19 % have the tax 2.73 together, so their nets are 8.40 and 5.94 (receipts.md §5).
    ///
    /// - Parameter amounts: of one currency; negative ones are reductions.
    public func nets(ofGross amounts: [Money]) -> [Money] {
        guard let currency = amounts.first?.currency else { return [] }
        let gross = amounts.sum(in: currency)
        let divisor = Int128(Self.denominator + tenThousandthsOfPercent)
        let exact = amounts.map { Int128($0.minorUnits) * Int128(Self.denominator) }
        var nets = exact.map { Int64(divide($0, by: divisor, rounding: .down)) }
        let remainders = zip(exact, nets).map { $0 - Int128($1) * divisor }
        // The tax is rounded by at most half a unit, so there is never more than one unit left for each amount.
        let left = (gross - tax(inGross: gross)).minorUnits - nets.reduce(0, +)
        let order = remainders.indices.sorted { (remainders[$0], $1) > (remainders[$1], $0) }
        for index in order.prefix(Int(max(0, left))) { nets[index] += 1 }
        return nets.map { Money(minorUnits: $0, currency: currency) }
    }
}
