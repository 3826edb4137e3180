// SPDX-License-Identifier: Apache-2.0

package import Quantities
package import Tariffs

extension CreditNote {
    /// What a bill was made of kind by kind, or what credit notes have left of it.
    package struct Shares: Hashable, Sendable {
        /// One kind: the income that was credited when the bill was rated, and the tax on it.
        package struct Share: Hashable, Sendable {
            /// The word of the API, e.g. `energy`.
            package var kind: String
            package var net: Money
            /// One for each rate that the kind bears.
            package var taxes: [Tax]

            package init(kind: String, net: Money, taxes: [Tax]) {
                self.kind = kind
                self.net = net
                self.taxes = taxes
            }

            /// Income and taxes; what was paid to the driver, as for energy fed back, is not taken back.
            fileprivate var weights: [Int64] { ([net] + taxes.map(\.amount)).map { max(0, $0.minorUnits) } }

            /// How much of it can be taken back, tax included.
            package var available: Money {
                Money(minorUnits: weights.reduce(0, +), currency: net.currency)
            }
        }

        package private(set) var kinds: [Share]

        package init(_ kinds: [Share]) { self.kinds = kinds }

        /// What a session's bill was made of.
        package init(_ rated: Rated) {
            let taxes = rated.taxByKind
            kinds = rated.incomeByKind.map { kind, net in
                Share(
                    kind: kind.printed, net: net,
                    taxes: taxes.filter { $0.kind == kind }.map { Tax(rate: $0.rate, amount: $0.amount) })
            }
        }

        /// The tax of each rate, in the order in which the kinds bear them.
        package var taxes: [Tax] { kinds.flatMap(\.taxes).perRate }

        /// All of it.
        package func total(in currency: Currency) -> Money {
            (kinds.map(\.net) + taxes.map(\.amount)).sum(in: currency)
        }
    }
}

extension CreditNote.Shares {
    /// What credit notes, oldest first, have left.
    package func less(_ notes: [CreditNote]) -> Self {
        var left = self
        for note in notes { left.subtract(note) }
        return left
    }

    /// The lines and the taxes of a credit note of so much.
    func parts(
        of extent: CreditNote.Extent, in currency: Currency
    ) throws(CreditNote.Refusal) -> (lines: [CreditNote.Line], taxes: [CreditNote.Tax]) {
        let available = total(in: currency)
        switch extent {
        case .amount(let amount):
            guard amount.isPositive else { throw .amountIsNotPositive(amount) }
            guard amount <= available else { throw .exceedsReceipt(left: available, requested: amount) }
            return share(of: amount)
        case .kinds(let portions):
            let lines = try self.lines(of: portions)
            let taxes = lines.flatMap { $0.taxes ?? [] }.perRate
            let sum = (lines.map(\.net) + taxes.map(\.amount)).sum(in: currency)
            guard sum.isPositive else { throw .amountIsNotPositive(sum) }
            // Less than the kinds together, where another kind was paid to the driver.
            guard sum <= available else { throw .exceedsReceipt(left: available, requested: sum) }
            return (lines, taxes)
        }
    }

    /// An amount over everything by largest remainder.
    private func share(of amount: Money) -> (lines: [CreditNote.Line], taxes: [CreditNote.Tax]) {
        let taxes = taxes
        let weights = (kinds.map(\.net) + taxes.map(\.amount)).map { max(0, $0.minorUnits) }
        let parts = amount.allocated(by: weights)
        return (
            zip(kinds, parts).map { CreditNote.Line(kind: $0.kind, net: $1) },
            zip(taxes, parts.dropFirst(kinds.count)).map { CreditNote.Tax(rate: $0.rate, amount: $1) }
        )
    }

    /// Each kind's amount over its income and its taxes by largest remainder.
    private func lines(
        of portions: [CreditNote.Portion]
    ) throws(CreditNote.Refusal) -> [CreditNote.Line] {
        var lines: [CreditNote.Line] = []
        for portion in portions {
            let (kind, amount) = (portion.kind, portion.amount)
            guard !lines.contains(where: { $0.kind == kind }) else { throw .kindNamedTwice(kind) }
            guard let share = kinds.first(where: { $0.kind == kind }) else {
                throw .unknownKind(kind, known: kinds.map(\.kind))
            }
            guard amount.isPositive else { throw .amountIsNotPositive(amount) }
            guard amount <= share.available else {
                throw .exceedsKind(kind, left: share.available, requested: amount)
            }
            let parts = amount.allocated(by: share.weights)
            let taxes = zip(share.taxes, parts.dropFirst()).map { CreditNote.Tax(rate: $0.rate, amount: $1) }
            lines.append(CreditNote.Line(kind: kind, net: parts[0], taxes: taxes))
        }
        return lines
    }

    private mutating func subtract(_ note: CreditNote) {
        for line in note.lines {
            guard let index = kinds.firstIndex(where: { $0.kind == line.kind }) else { continue }
            kinds[index].net -= line.net
            for tax in line.taxes ?? [] { kinds[index].take(tax) }
        }
        if note.lines.contains(where: { $0.taxes == nil }) { spread(note.taxes) }
    }

    /// Tax that was told for all lines together, over what is left of it in each kind: as there was that much left of
    /// the rate, no kind has to give more than it has.
    private mutating func spread(_ taxes: [CreditNote.Tax]) {
        for tax in taxes {
            let bearers = kinds.indices.filter { kinds[$0].taxes.contains { $0.rate == tax.rate } }
            guard !bearers.isEmpty else { continue }
            let weights = bearers.map { max(0, kinds[$0].tax(at: tax.rate).minorUnits) }
            for (index, part) in zip(bearers, tax.amount.allocated(by: weights)) {
                kinds[index].take(CreditNote.Tax(rate: tax.rate, amount: part))
            }
        }
    }
}

extension CreditNote.Shares.Share {
    fileprivate func tax(at rate: TaxRate?) -> Money {
        taxes.filter { $0.rate == rate }.map(\.amount).sum(in: net.currency)
    }

    fileprivate mutating func take(_ tax: CreditNote.Tax) {
        guard let index = taxes.firstIndex(where: { $0.rate == tax.rate }) else { return }
        taxes[index].amount -= tax.amount
    }
}

extension [CreditNote.Tax] {
    /// One for each rate, in the order in which they come first.
    fileprivate var perRate: [CreditNote.Tax] {
        var sums: [CreditNote.Tax] = []
        for tax in self {
            if let index = sums.firstIndex(where: { $0.rate == tax.rate }) {
                sums[index].amount += tax.amount
            } else {
                sums.append(tax)
            }
        }
        return sums
    }
}
