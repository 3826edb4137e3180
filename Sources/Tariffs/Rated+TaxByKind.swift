// SPDX-License-Identifier: Apache-2.0

public import Quantities

extension Rated {
    /// The tax of a kind at one rate.
    public struct KindTax: Hashable, Sendable {
        /// Whose tax it is.
        public let kind: LineKind
        /// The rate; nil is "no tax stated".
        public let rate: TaxRate?
        /// The tax.
        public let amount: Money
    }

    /// The tax of each kind at each rate that it bears, for credit notes of single kinds (receipts.md §4). The kinds
    /// are those of `incomeByKind`, and per rate the amounts sum to the rate's tax.
    ///
    /// Each rate's tax is split by largest remainder in proportion to what it is in the kind's lines. Where prices
    /// contain tax and no limit applied that is exact: a kind's net and its tax are the amount on its line.
    public var taxByKind: [KindTax] {
        let incomes = incomeByKind
        guard !incomes.isEmpty else { return [] }
        let weights = taxWeights
        return taxPerRate.flatMap { tax in
            let known = weights[tax.rate] ?? [:]
            let bearing = incomes.filter { known[$0.kind] != nil }
            // A tax of no line is that of a limit or of a fee on the total, which concern every kind.
            let bearers = bearing.isEmpty ? incomes : bearing
            var sizes = bearers.map { max(0, known[$0.kind] ?? 0) }
            if sizes.allSatisfy({ $0 == 0 }) { sizes = bearers.map { max(0, $0.net.minorUnits) } }
            return zip(bearers, tax.amount.allocated(by: sizes)).map { bearer, amount in
                KindTax(kind: bearer.kind, rate: tax.rate, amount: amount)
            }
        }
    }

    /// The taxes of all levels of each rate together.
    private var taxPerRate: [(rate: TaxRate?, amount: Money)] {
        var sums: [(rate: TaxRate?, amount: Money)] = []
        for tax in taxes {
            if let index = sums.firstIndex(where: { $0.rate == tax.rate }) {
                sums[index].amount += tax.amount
            } else {
                sums.append((tax.rate, tax.amount))
            }
        }
        return sums
    }

    /// By rate and kind: minor units of tax in the kind's lines, or of net where lines contain none.
    private var taxWeights: [TaxRate?: [LineKind: Int64]] {
        var weights: [TaxRate?: [LineKind: Int64]] = [:]
        for (line, net) in zip(lines, netPerLine()) where !line.kind.isSessionLimit && !line.parts.isEmpty {
            let base = lineBasis == .afterTax ? line.amount - net : net
            let shares = base.shared(in: line.parts.map(\.exact))
            for rate in Set([line.taxRate] + (line.furtherTaxes ?? []).map(\.rate)) {
                for (part, share) in zip(line.parts, shares) {
                    weights[rate, default: [:]][part.concerns, default: 0] += share.minorUnits
                }
            }
        }
        return weights
    }
}
