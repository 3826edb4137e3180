// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage
package import Tariffs

/// A guest's visit with everything around it, read in one go: what pages, API and streams show.
package struct Visit: Sendable {
    package let checkout: CheckoutRecord
    package let bill: BillRecord
    package let quote: QuoteRecord
    package let place: Place
    package let session: SessionRecord?
    /// The payment that counts: the newest that is not declined or replaced, else the newest.
    package let payment: PaymentRecord?
    package let receipt: DocumentRecord?
    /// What is open of it and can be paid by self-service.
    package let openDebt: Money

    /// The visit behind a secret link; nil if there is none.
    package init?(secret: String, in tx: Tx) throws {
        guard let checkout = try tx.checkout(secret: secret) else { return nil }
        try self.init(checkout, in: tx)
    }

    /// The visit of a checkout; nil if its rows are incomplete.
    package init?(_ checkout: CheckoutRecord, in tx: Tx) throws {
        guard let bill = try tx.find(BillRecord.self, checkout.bill),
            let quote = try tx.find(QuoteRecord.self, checkout.quote),
            let evse = try tx.find(EVSERecord.self, checkout.evse)
        else { return nil }
        self.checkout = checkout
        self.bill = bill
        self.quote = quote
        place = try Place(of: evse, in: tx)
        session = try bill.session.flatMap { try tx.find(SessionRecord.self, $0) }
        let payments = try tx.payments(of: bill.id).filter { $0.purpose == .session }
        openDebt = try tx.debts(of: bill.id).filter { $0.status != "paid" }.map(\.amount).sum(
            in: bill.currency)
        payment = payments.last { !["declined", "voided"].contains($0.status) } ?? payments.last
        receipt = try tx.documents(of: bill.id).first { $0.kind == "receipt" }
    }

    /// What the API and the pages call the state of a checkout: derived, never stored (decided.md).
    package var status: String {
        switch bill.status {
        case "rated": "settling"
        case "zero_rated": "nothing_charged"
        case "funded" where checkout.startFailedAt != nil: "start_failed"
        default: bill.status
        }
    }

    /// Whether nothing will change any more.
    package var isOver: Bool {
        ["settled", "nothing_charged", "cancelled", "in_debt", "written_off"].contains(status)
    }

    /// The tariff the guest was shown.
    package var tariff: Tariff { get throws { try Tariff.decode(ocpi: quote.tariff).0 } }

    /// The version of everything a guest sees: rises with each change of any of it.
    package var version: Int64 {
        checkout.version + bill.version + (session?.version ?? 0) + (payment?.version ?? 0)
    }
}
