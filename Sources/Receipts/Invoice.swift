// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A month of an invoiced account: its sessions net, and the tax once per rate on their sum (payments.md §7, decided.md).
package struct Invoice: Hashable, Sendable, Codable {
    /// Who is invoiced.
    package struct Customer: Hashable, Sendable {
        package var name: String
        /// Street, postal code, city and country in one line.
        package var address: String?
        package var vatID: String?

        package init(name: String, address: String?, vatID: String?) {
            self.name = name
            self.address = address
            self.vatID = vatID
        }
    }

    /// One session.
    package struct Line: Hashable, Sendable, Codable {
        package var session: SessionID?
        package var startedAt: Instant
        package var energy: Energy
        package var net: Money
        /// Where it was.
        package var site: String?
        /// The card that began it, masked.
        package var token: String?

        package init(
            session: SessionID?, startedAt: Instant, energy: Energy, net: Money, site: String? = nil,
            token: String? = nil
        ) {
            self.session = session
            self.startedAt = startedAt
            self.energy = energy
            self.net = net
            self.site = site
            self.token = token
        }
    }

    /// The tax of one rate, rounded once.
    package struct Tax: Hashable, Sendable, Codable {
        /// Nil where no tax is stated, which is not 0 %.
        package let rate: TaxRate?
        package let base: Money
        package let amount: Money
    }

    package let number: String
    package let issuedAt: Instant
    package let dueAt: Instant
    /// `2027-03`, in the seller's zone.
    package let period: String
    package let seller: Receipt.Seller
    /// Who is invoiced.
    package let customer: String
    package let customerAddress: String?
    package let customerVATID: String?
    package let lines: [Line]
    package let net: Money
    package let taxes: [Tax]
    package let gross: Money

    /// What surrounds the sessions.
    package struct Parts: Sendable {
        package var number: String
        package var issuedAt: Instant
        package var dueAt: Instant
        package var period: String
        package var seller: Receipt.Seller
        package var customer: Customer

        package init(
            number: String, issuedAt: Instant, dueAt: Instant, period: String, seller: Receipt.Seller,
            customer: Customer
        ) {
            self.number = number
            self.issuedAt = issuedAt
            self.dueAt = dueAt
            self.period = period
            self.seller = seller
            self.customer = customer
        }
    }

    /// The bases of the sessions do not sum to their nets.
    package struct Disagreement: Error, Hashable, Sendable {
        package let net: Money
        package let bases: Money
    }

    /// - Parameter bases: the net per rate of all sessions; a rate comes once.
    package init(
        _ lines: [Line], bases: [(rate: TaxRate?, base: Money)], in currency: Currency, _ parts: Parts
    ) throws(Disagreement) {
        net = lines.map(\.net).sum(in: currency)
        let sum = bases.map(\.base).sum(in: currency)
        guard sum == net else { throw Disagreement(net: net, bases: sum) }
        taxes = bases.map { rate, base in
            Tax(rate: rate, base: base, amount: rate.map { $0.tax(onNet: base) } ?? .zero(currency))
        }
        gross = net + taxes.map(\.amount).sum(in: currency)
        self.lines = lines
        number = parts.number
        issuedAt = parts.issuedAt
        dueAt = parts.dueAt
        period = parts.period
        seller = parts.seller
        customer = parts.customer.name
        customerAddress = parts.customer.address
        customerVATID = parts.customer.vatID
    }
}
