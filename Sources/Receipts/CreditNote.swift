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
        /// Its tax at each rate, where single kinds are taken back; nil where a share of everything is, whose tax is
        /// told for all lines together.
        package var taxes: [Tax]?

        package init(kind: String, net: Money, taxes: [Tax]? = nil) {
            self.kind = kind
            self.net = net
            self.taxes = taxes
        }

        /// Tax included, where that is known for the line alone.
        package var gross: Money? {
            taxes.map { net + $0.map(\.amount).sum(in: net.currency) }
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

    /// What is taken back of one kind, tax included.
    package struct Portion: Hashable, Sendable {
        /// The word of the API, e.g. `energy`.
        package var kind: String
        package var amount: Money

        package init(kind: String, amount: Money) {
            self.kind = kind
            self.amount = amount
        }
    }

    /// How much is taken back, tax included; always in the currency of the receipt.
    package enum Extent: Hashable, Sendable {
        /// A share of everything that is left.
        case amount(Money)
        /// These kinds and nothing else, each named once.
        case kinds([Portion])
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
        /// The receipt has nothing of that kind.
        case unknownKind(String, known: [String])
        case kindNamedTwice(String)
        /// More than earlier credit notes have left of the kind.
        case exceedsKind(String, left: Money, requested: Money)
    }

    /// Takes an amount or single kinds back.
    ///
    /// An amount is shared over what is left of each income and each tax, what is taken of a kind over what is left of
    /// its income and its taxes, both by largest remainder: no credit notes together ever take back more of a kind or
    /// a rate than the receipt showed (receipts.md §4).
    ///
    /// - Parameters:
    ///   - shares: what the receipt was made of.
    ///   - earlier: the credit notes that it has already, oldest first.
    // exception(T7): each is a fact of its own, with its label.
    package init(
        of extent: Extent, from receipt: Receipt, made shares: Shares, after earlier: [CreditNote],
        number: String, because reason: String, at now: Instant
    ) throws(Refusal) {
        let currency = receipt.gross.currency
        let left = shares.less(earlier)
        (lines, taxes) = try left.parts(of: extent, in: currency)
        net = lines.map(\.net).sum(in: currency)
        gross = net + taxes.map(\.amount).sum(in: currency)
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
}
