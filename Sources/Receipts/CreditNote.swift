// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What is taken back of a receipt (receipts.md §4): it names the original, never changes it, and carries a number of its
/// own. The money that goes back is another fact.
package struct CreditNote: Hashable, Sendable, Codable {
    /// Net income of one kind that is taken back.
    package struct Line: Hashable, Sendable, Codable {
        /// The word of the API, e.g. `energy`.
        package var kind: String
        package var net: Money

        package init(kind: String, net: Money) {
            self.kind = kind
            self.net = net
        }
    }

    /// Tax of one rate that is taken back.
    package struct Tax: Hashable, Sendable, Codable {
        package var rate: TaxRate?
        package var amount: Money

        package init(rate: TaxRate?, amount: Money) {
            self.rate = rate
            self.amount = amount
        }
    }

    /// What a bill was made of, or what is left of it: the accounts that were credited when it was rated.
    package struct Shares: Hashable, Sendable, Codable {
        package var lines: [Line]
        package var taxes: [Tax]

        package init(lines: [Line], taxes: [Tax]) {
            self.lines = lines
            self.taxes = taxes
        }

        /// All of it.
        func total(in currency: Currency) -> Money {
            (lines.map(\.net) + taxes.map(\.amount)).sum(in: currency)
        }
    }

    /// `CN-2026-000007`.
    package let number: String
    package let issuedAt: Instant
    /// The receipt that it corrects, by number and day.
    package let original: String
    package let originalIssuedAt: Instant
    package let seller: Receipt.Seller
    package let place: Receipt.Place
    package let session: SessionID
    package let reason: String
    package let lines: [Line]
    package let taxes: [Tax]
    package let net: Money
    package let gross: Money
    /// Where the money goes, e.g. `visa •••• 4242`.
    package let method: String

    /// Why it cannot be.
    package enum Refusal: Error, Hashable, Sendable {
        case amountIsNotPositive(Money)
        /// More than earlier credit notes have left of the receipt.
        case exceedsReceipt(left: Money, requested: Money)
    }

    /// Takes `amount` back, tax included.
    ///
    /// It is shared over what is left of each income and each tax by largest remainder, so that no credit notes together
    /// ever take back more of a kind or a rate than the receipt showed.
    ///
    /// - Parameters:
    ///   - shares: what the receipt was made of.
    ///   - earlier: the credit notes that it has already.
    package init(
        of amount: Money, from receipt: Receipt, made shares: Shares, after earlier: [CreditNote],
        number: String, because reason: String, at now: Instant
    ) throws(Refusal) {
        guard amount.isPositive else { throw .amountIsNotPositive(amount) }
        let left = Self.left(of: shares, after: earlier)
        let available = left.total(in: amount.currency)
        guard amount <= available else { throw .exceedsReceipt(left: available, requested: amount) }
        let weights = (left.lines.map(\.net) + left.taxes.map(\.amount)).map { max(0, $0.minorUnits) }
        let parts = amount.allocated(by: weights)
        lines = zip(left.lines, parts).map { Line(kind: $0.kind, net: $1) }
        taxes = zip(left.taxes, parts.dropFirst(left.lines.count)).map { Tax(rate: $0.rate, amount: $1) }
        net = lines.map(\.net).sum(in: amount.currency)
        gross = amount
        self.number = number
        issuedAt = now
        original = receipt.number
        originalIssuedAt = receipt.issuedAt
        seller = receipt.seller
        place = receipt.place
        session = receipt.charge.session
        self.reason = reason
        method = receipt.paid.method
    }

    private static func left(of shares: Shares, after earlier: [CreditNote]) -> Shares {
        var left = shares
        for note in earlier {
            for line in note.lines {
                guard let index = left.lines.firstIndex(where: { $0.kind == line.kind }) else { continue }
                left.lines[index].net -= line.net
            }
            for tax in note.taxes {
                guard let index = left.taxes.firstIndex(where: { $0.rate == tax.rate }) else { continue }
                left.taxes[index].amount -= tax.amount
            }
        }
        return left
    }
}
